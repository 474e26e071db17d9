// What opens a stream of a trade: each side proves that it acts for its party, to this very peer (spec/handover#O1).
import { type Bytes, type Hash, u32be } from "../base/index.js";
import { taggedHash } from "../crypto/index.js";

export type Side = "opener" | "responder";

/** What both proofs of one opening are bound to. */
export interface Opening {
  readonly chain: Hash;
  readonly market: Hash;
  readonly trade: Hash;
  /** raw Ed25519 keys of the two ends, as Noise authenticated them */
  readonly openerPeer: Bytes;
  readonly responderPeer: Bytes;
  /** the parties that the two ends act for */
  readonly openerAgent: Bytes;
  readonly responderAgent: Bytes;
  /** X25519 keys to which goods are sealed for them */
  readonly openerBox: Bytes;
  readonly responderBox: Bytes;
  readonly openerNonce: Bytes;
  readonly responderNonce: Bytes;
}

/** What a side signs with its agent's key. Whoever carries it elsewhere carries a proof for other peers. */
export const knockDigest = (side: Side, opening: Opening): Hash =>
  taggedHash(
    "handover",
    u32be(side === "opener" ? 0 : 1),
    opening.chain,
    opening.market,
    opening.trade,
    opening.openerPeer,
    opening.responderPeer,
    opening.openerAgent,
    opening.responderAgent,
    opening.openerBox,
    opening.responderBox,
    opening.openerNonce,
    opening.responderNonce,
  );
