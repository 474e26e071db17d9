// What the votes on a dispute decide, and as soon as they do. Pure, so that anybody can recompute it (spec/disputes#decision).
import { invariant, sortedNumbers } from "../../base/index.js";
import { quorumOf } from "../../ledger/index.js";

/** What of a delivery a juror finds wrong, 1 to 10,000 bp of it; null: nothing. */
export type Opinion = number | null;

export type Decision =
  | { readonly cause: "upheld"; readonly shareBp: number }
  | { readonly cause: "rejected" }
  /** neither way was joined by a quorum */
  | { readonly cause: "hung" };

/** The middle one; of an even number the lower of the two. @param shares at least one */
export function medianOf(shares: readonly number[]): number {
  invariant(shares.length > 0, "a median is of something");
  return sortedNumbers(shares)[Math.floor((shares.length - 1) / 2)]!;
}

/**
 * What the votes decide; null: those still to come may. No two ways have a quorum: two quorums share a juror.
 * @param votes one of a juror, at most
 * @param jurors how many may vote
 */
export function decisionOf(votes: readonly Opinion[], jurors: number): Decision | null {
  const quorum = quorumOf(jurors);
  const shares = votes.filter((one) => one !== null);
  const rejecting = votes.length - shares.length;
  if (shares.length >= quorum) return { cause: "upheld", shareBp: medianOf(shares) };
  if (rejecting >= quorum) return { cause: "rejected" };
  const open = jurors - votes.length;
  return Math.max(shares.length, rejecting) + open < quorum ? { cause: "hung" } : null;
}
