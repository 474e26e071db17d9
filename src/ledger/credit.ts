// Credit: how much an account may lock of what it owns, and how much of its free stake may stand in beside it (spec/money#credit).
import { invariant, least } from "../base/index.js";
import { type Account, freeStake, type LockParts } from "./account.js";
import { BASIS_POINTS, NEWCOMER_CREDIT_BP, PRIOR_STANDING, RATED_FROM_WEIGHT } from "./limits.js";

/** How many times its own funds who stands above a score may lock, both in basis points; the highest first. */
const STEPS = [
  { above: 9_500, multiplierBp: 30_000 },
  { above: 9_000, multiplierBp: 20_000 },
  { above: 8_000, multiplierBp: 15_000 },
  { above: 6_000, multiplierBp: 10_000 },
] as const;
invariant(
  STEPS.every(({ above, multiplierBp }, i) => {
    const lower = STEPS[i + 1] ?? { above: PRIOR_STANDING, multiplierBp: NEWCOMER_CREDIT_BP };
    return above > lower.above && multiplierBp > lower.multiplierBp;
  }),
  "who stands higher may lock more, and who is new least",
);

/** An agent's reputation, as far as what it is given hangs on it. */
export interface Reputation {
  /** in basis points */
  readonly score: number;
  /** Σw of the ratings behind it, in thousandths */
  readonly weight: number;
}

/**
 * How many times its own funds an agent may lock, in basis points (spec/money#C2). Each step is strict: who stands at it
 * has not passed it. Who was hardly rated is a newcomer, whatever its score.
 */
export function creditMultiplierBp({ score, weight }: Reputation): number {
  const step = weight < RATED_FROM_WEIGHT ? undefined : STEPS.find(({ above }) => score > above);
  return step?.multiplierBp ?? NEWCOMER_CREDIT_BP;
}

/** What of an account stands behind its locks; amounts in micro-credits. */
export interface Means {
  readonly free: bigint;
  /** what locks hold of it already */
  readonly locked: LockParts;
  /** stake that may stand in for free funds: none while slash debt is open */
  readonly stake: bigint;
}

export const meansOf = (account: Account): Means => ({
  free: account.free,
  locked: account.locked,
  stake: account.slashDebt === 0n ? freeStake(account) : 0n,
});

/** Free funds, and what locks hold that were. */
export const ownFunds = ({ free, locked }: Pick<Means, "free" | "locked">): bigint => free + locked.fromFree;

/** What an operation takes beside what it locks. */
export interface Beside {
  /** of free funds: its fee, what it deposits, stakes and burns */
  readonly paid: bigint;
  /** of free stake: what it puts under a lien */
  readonly lien: bigint;
}
const NOTHING: Beside = { paid: 0n, lien: 0n };

/** How much of free stake may still move into locks: beyond a multiplier of one, what it adds to own funds. */
export function creditLeft(
  means: Means,
  multiplierBp: number,
  { lien }: Pick<Beside, "lien"> = NOTHING,
): bigint {
  const most = partOf(ownFunds(means), multiplierBp - BASIS_POINTS);
  return atLeastNothing(least(most - means.locked.fromStake, means.stake - lien));
}

/**
 * The most that an operation can lock, in micro-credits. Own funds count as they are before it, its fee included.
 * @param multiplierBp the one of who pays
 */
export function lockableWith(means: Means, multiplierBp: number, beside: Beside = NOTHING): bigint {
  const free = atLeastNothing(means.free - beside.paid);
  if (multiplierBp > BASIS_POINTS) return free + creditLeft(means, multiplierBp, beside);
  const { fromFree, fromStake } = means.locked;
  return atLeastNothing(least(free, partOf(ownFunds(means), multiplierBp) - fromFree - fromStake));
}

const partOf = (whole: bigint, bp: number): bigint =>
  bp <= 0 ? 0n : (whole * BigInt(bp)) / BigInt(BASIS_POINTS);

const atLeastNothing = (amount: bigint): bigint => (amount > 0n ? amount : 0n);
