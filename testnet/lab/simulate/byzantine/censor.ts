// Leaders that keep out: the bids and reveals of some bidders, or every reveal, and then at the last moment.
import type { Bytes } from "../../../../src/base/index.js";
import { decodeOperation } from "../../../../src/market/index.js";
import type { Propose } from "../../../../src/quorum/index.js";
import { patienceMs } from "./delay.js";
import { rewriting, withOps } from "./rewrite.js";
import { nothing, type Strategy } from "./strategy.js";

/** Whose bid an operation is about; null: nobody's. */
function bidderOf(bytes: Bytes): Bytes | null {
  const decoded = decodeOperation(bytes);
  if (!decoded.ok) return null;
  const { authority, body } = decoded.value;
  if (body.kind === "reveal") return body.bidder;
  return body.kind === "commit" ? (authority?.from ?? null) : null;
}

const isReveal = (bytes: Bytes): boolean => {
  const decoded = decodeOperation(bytes);
  return decoded.ok && decoded.value.body.kind === "reveal";
};

export const censor: Strategy = (forger, random) => {
  const half = random.between(0, 1);
  const omitsAllReveals = random.chance(0.5);
  const isVictim = (bytes: Bytes): boolean => {
    const bidder = bidderOf(bytes);
    return bidder !== null && bidder[0]! % 2 === half;
  };

  function censored(own: Propose): Propose {
    const { header, ops } = own.entry;
    const kept = ops.filter((one) => !(omitsAllReveals ? isReveal(one) : isVictim(one)));
    return kept.length === ops.length ? own : forger.propose(withOps(header, kept), kept, own);
  }

  // Who wants a phase to end without its reveals lets time do the rest.
  const lateMs = omitsAllReveals ? patienceMs(forger, true) : 0;
  return { speak: rewriting(forger, censored, () => lateMs), hear: nothing };
};
