// The member sets by epoch: who may speak now, and whose words are of another time (ADR 0035).
import { equalBytes, type Hash } from "../base/index.js";
import type { RefusalCode } from "./contract.js";
import type { Electorate } from "./member-set.js";

/** The one place where a peer, its network and its judges ask for members. */
export interface Epochs {
  /** the members of the epoch that is going on */
  readonly current: Electorate;
  /** The members of an epoch; null: not known here, so nothing of that epoch can be judged yet. */
  electorateOf(epoch: number): Electorate | null;
}

/** The epochs of a log whose members never change. */
export const oneEpoch = (current: Electorate): Epochs => ({
  current,
  electorateOf: (epoch) => (epoch === current.set.epoch ? current : null),
});

/** What names an epoch and its members: votes, certificates, headers, statuses. */
export interface OfEpoch {
  readonly epoch: number;
  readonly setHash: Hash;
}

/**
 * Why something of another epoch or other members is not for this one; null: it is. Who is an epoch ahead or behind is
 * honest, as far as can be told from here; other members of the very same epoch there cannot be.
 */
export function epochRefusal({ set, setHash }: Electorate, one: OfEpoch): RefusalCode | null {
  if (one.epoch > set.epoch) return "EPOCH_AHEAD";
  if (one.epoch < set.epoch) return "EPOCH_OVER";
  return equalBytes(one.setHash, setHash) ? null : "WRONG_SET";
}
