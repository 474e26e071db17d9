// Disputes of a run: how buyers dispute what was delivered, and what everybody then says of it, with a vote or without.
import type { Random } from "./world/random.js";

/** What the agent of one host says of a dispute. Parties, and who has no seat, have no vote, and may say it all the same. */
export interface Voice {
  /** what it finds wrong of the delivery, in bp; null: nothing */
  readonly share: number | null;
  /** late: when the time of the seats is over. bothWays: this, and at once the opposite */
  readonly speaks: "once" | "never" | "late" | "bothWays";
}

export interface DisputePlan {
  /** poor: with a bond that is one micro-credit too small. late: when its time is over. twice: again while the seats judge */
  readonly disputes: "plain" | "poor" | "late" | "twice";
  /** by host */
  readonly voices: readonly Voice[];
}

/** How often somebody else says what the most do not. */
const DISSENTS = 0.15;

/** @param seats hosts with a seat, which are the first */
export function chooseDispute(
  random: Random,
  { hosts, seats }: { readonly hosts: number; readonly seats: number },
): DisputePlan {
  const mood = random.pick(["upheld", "rejected", "divided"] as const);
  return {
    disputes: random.pick(["plain", "plain", "plain", "plain", "twice", "poor", "late"] as const),
    voices: Array.from({ length: hosts }, (_, host) => {
      const share = random.between(1, 10_000);
      const isAgainst = random.chance(mood === "divided" ? 0.5 : DISSENTS);
      const upholds = mood === "rejected" ? isAgainst : !isAgainst;
      const ways = host < seats ? JUROR_WAYS : STRANGER_WAYS;
      return { share: upholds ? share : null, speaks: random.pick(ways) };
    }),
  };
}

const JUROR_WAYS = ["once", "once", "once", "once", "once", "once", "never", "late", "bothWays"] as const;
const STRANGER_WAYS = ["once", "never", "never"] as const;

/** Its votes in their order, each valid if no other came before it. */
export const votesOf = ({ share, speaks }: Voice): readonly (number | null)[] =>
  speaks === "bothWays" ? [share, share === null ? 10_000 : null] : [share];
