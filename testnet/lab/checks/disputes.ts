// What a dispute asks for and what the votes on it come to, reckoned anew (spec/disputes).
import type { Hex } from "../../../src/base/index.js";
import type { Params } from "../../../src/ledger/params.js";

export interface DisputeRates
  extends Pick<Params, "verdictMs" | "disputeSplitBp" | "leastDisputeBond" | "disputeBondBp"> {
  /** owners of the seats of genesis, in its order */
  readonly seats: readonly Hex[];
}

/** What a juror found wrong of a delivery, in bp; null: nothing. */
export interface Vote {
  readonly seat: number;
  readonly share: number | null;
}

/** A dispute as far as it has come. */
export interface DisputeCourse {
  readonly bond: bigint;
  readonly votes: readonly Vote[];
}

export type Verdict =
  | { readonly cause: "upheld"; readonly share: number }
  | { readonly cause: "rejected" | "hung" };

/** The least that a buyer puts up: ⌈`disputeBondBp` of the price⌉ or `leastDisputeBond`, whichever is more. */
export function leastBond(price: bigint, { disputeBondBp, leastDisputeBond }: DisputeRates): bigint {
  const parts = price * BigInt(disputeBondBp);
  const rounded = parts % 10_000n === 0n ? parts / 10_000n : parts / 10_000n + 1n;
  return rounded < leastDisputeBond ? leastDisputeBond : rounded;
}

interface Parties {
  readonly performer: Hex;
  readonly buyer: Hex;
}

/** The seat by which an agent judges a trade; null: it has none, or is a party. */
export function seatOfJuror(agent: Hex, { performer, buyer }: Parties, seats: readonly Hex[]): number | null {
  return seats.includes(agent) && agent !== performer && agent !== buyer ? seats.indexOf(agent) : null;
}

export const jurySize = ({ performer, buyer }: Parties, seats: readonly Hex[]): number =>
  new Set(seats.filter((owner) => owner !== performer && owner !== buyer)).size;

/** What votes have decided; null: those to come still may. @param jurors the votes that there can be */
export function verdictOf(votes: readonly Vote[], jurors: number): Verdict | null {
  const needed = Math.ceil((jurors * 2) / 3);
  const shares = votes.flatMap(({ share }) => (share === null ? [] : [share])).sort((a, b) => a - b);
  const against = votes.length - shares.length;
  const toCome = jurors - votes.length;
  if (shares.length >= needed) return { cause: "upheld", share: shares[Math.ceil(shares.length / 2) - 1]! };
  if (against >= needed) return { cause: "rejected" };
  return shares.length + toCome < needed && against + toCome < needed ? { cause: "hung" } : null;
}
