// Deeds: what the ledger itself saw of an agent, counted by period. Nobody has to rate it (spec/standing#deeds).
import { optional, struct, type TypeOf, uint } from "../../base/index.js";
import { type Params, RECENT_PERIODS } from "../../ledger/index.js";

/** How a trade fails, from the mildest to the worst (spec/standing#penalties). */
export const VIOLATIONS = ["failure", "timeout", "misdelivery"] as const;
export type Violation = (typeof VIOLATIONS)[number];

/** In the order of their fields in a row. */
export const DEEDS = ["delivered", ...VIOLATIONS, "unrevealed"] as const;
export type Deed = (typeof DEEDS)[number];

/** Deeds of one kind in one period. */
export const tally = struct({
  count: [0, uint(Number.MAX_SAFE_INTEGER, 1)],
  /** Σ of what each weighs, in thousandths */
  weight: [1, uint()],
});
export type Tally = TypeOf<typeof tally>;

/** What an agent did in one period: of most kinds nothing, so that a row is short. */
export const periodDeeds = struct({
  period: [0, uint()],
  /** violations of this period that a slash took something for */
  slashes: [1, uint()],
  /** delivered in time, and nothing was found wrong with it */
  delivered: [2, optional(tally)],
  /** given up before the deadline */
  failure: [3, optional(tally)],
  /** neither delivered nor given up in time */
  timeout: [4, optional(tally)],
  /** delivered, and a verdict upheld the dispute of it */
  misdelivery: [5, optional(tally)],
  /** a bid that was not shown */
  unrevealed: [6, optional(tally)],
});
export type PeriodDeeds = TypeOf<typeof periodDeeds>;

/** What makes the next violation dearer. */
export interface History {
  /** recent violations of whatever kind, forgiven ones included */
  readonly violations: number;
  /** those of them that a slash took something for */
  readonly slashes: number;
}

/** What a deed weighs, 0 to 1,000: ⌊1,000 · min(at stake, ratingCap) / ratingCap⌋ (spec/standing#D2). */
export function weightOf(atStake: bigint, { ratingCap }: Pick<Params, "ratingCap">): number {
  const counted = atStake < ratingCap ? atStake : ratingCap;
  return Number((1000n * counted) / ratingCap);
}

/** The periods of which what happened is still recent in a period. */
export const recentIn = (deeds: readonly PeriodDeeds[], period: number): readonly PeriodDeeds[] =>
  deeds.filter((one) => isRecent(one.period, period));

/** Whether what happened in a period is recent in another, which is no earlier: thirty periods later it still is. */
export const isRecent = (happened: number, period: number): boolean => happened + RECENT_PERIODS >= period;

/** What counts of recent periods for the next violation. */
export function historyIn(recent: readonly PeriodDeeds[]): History {
  let [violations, slashes] = [0, 0];
  for (const one of recent) {
    slashes += one.slashes;
    for (const kind of VIOLATIONS) violations += one[kind]?.count ?? 0;
  }
  return { violations, slashes };
}

const NONE: Tally = { count: 0, weight: 0 };
const nothing = (period: number): PeriodDeeds => ({
  period,
  slashes: 0,
  delivered: null,
  failure: null,
  timeout: null,
  misdelivery: null,
  unrevealed: null,
});

/**
 * Recent periods with one deed more.
 * @param recent ascending, none later than `period`
 * @param slashes 1 if a slash took something for it, else 0
 */
export function withDeed(
  recent: readonly PeriodDeeds[],
  period: number,
  deed: Deed,
  weight: number,
  slashes: 0 | 1,
): readonly PeriodDeeds[] {
  const last = recent.at(-1);
  const isOpen = last?.period === period;
  const now = isOpen ? last : nothing(period);
  const { count, weight: before } = now[deed] ?? NONE;
  const after = {
    ...now,
    slashes: now.slashes + slashes,
    [deed]: { count: count + 1, weight: before + weight },
  };
  return [...(isOpen ? recent.slice(0, -1) : recent), after];
}
