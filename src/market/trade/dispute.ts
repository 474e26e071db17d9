// A dispute as its trade keeps it, and the bond behind it (spec/disputes#disputes).
import { amount, hash, list, optional, struct, type TypeOf, uint } from "../../base/index.js";
import { BASIS_POINTS, type LockName, MAX_GENESIS_SEATS, type Params } from "../../ledger/index.js";

/** What a juror found wrong of a delivery, in bp of it; null: nothing. */
export const share = optional(uint(BASIS_POINTS, 1));

export const jurorVote = struct({ seat: [0, uint(MAX_GENESIS_SEATS - 1)], share: [1, share] });

export const dispute = struct({
  /** hash of what the buyer has against the delivery */
  evidence: [0, hash],
  /** what it staked on being right, in micro-credits */
  bond: [1, amount],
  /** one of a seat at most, in the order in which the log took them */
  votes: [2, list(jurorVote, MAX_GENESIS_SEATS)],
});
export type Dispute = TypeOf<typeof dispute>;

/** The lock that holds the bond, under the trade's id: an auction's locks stay what they are. */
export const bondLock = (id: LockName["id"]): LockName => ({ id, reason: "dispute" });

/** The least bond of a dispute: ⌈price · `disputeBondBp`⌉, and `leastDisputeBond` at least, in micro-credits. */
export function leastBondFor(
  price: bigint,
  { disputeBondBp, leastDisputeBond }: Pick<Params, "disputeBondBp" | "leastDisputeBond">,
): bigint {
  const whole = BigInt(BASIS_POINTS);
  const part = (price * BigInt(disputeBondBp) + whole - 1n) / whole;
  return part > leastDisputeBond ? part : leastDisputeBond;
}
