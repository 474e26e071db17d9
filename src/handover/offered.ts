// Whether what a peer offers is what was asked for: judged before a byte of it is taken (spec/handover#T1).
import { type Bytes, decode, equalBytes, type Hash } from "../base/index.js";
import type { Verifier } from "../crypto/index.js";
import {
  giverOf,
  MAX_MANIFEST_BYTES,
  type Manifest,
  manifest,
  manifestHash,
  type Part,
  type Parties,
} from "./goods.js";
import type { Offer } from "./wire.js";

/** What is asked for. */
export interface Wanted {
  readonly chain: Hash;
  readonly market: Hash;
  readonly trade: Hash;
  readonly part: Part;
  readonly parties: Parties;
  /** what the log says was delivered; null: it says nothing of this part */
  readonly hash: Hash | null;
}

/** `OTHER_GOODS`: of another trade, part or network. `WRONG_HASH`: not what the log says was delivered. */
export type OfferFault = "NO_MANIFEST" | "OTHER_GOODS" | "WRONG_HASH" | "BAD_SIGNATURE";

/** The manifest of an offer that is what was wanted, and its hash; or why it is not. */
export function judgeOffer(
  offered: Offer,
  wanted: Wanted,
  verifier: Verifier,
): { readonly manifest: Manifest; readonly hash: Bytes } | OfferFault {
  const decoded = decode(manifest, offered.manifest, MAX_MANIFEST_BYTES);
  if (!decoded.ok) return "NO_MANIFEST";
  const value = decoded.value;
  const isOurs =
    equalBytes(value.chain, wanted.chain) &&
    equalBytes(value.market, wanted.market) &&
    equalBytes(value.trade, wanted.trade) &&
    value.part === wanted.part;
  if (!isOurs) return "OTHER_GOODS";
  const hash = manifestHash(value);
  if (wanted.hash !== null && !equalBytes(hash, wanted.hash)) return "WRONG_HASH";
  const giver = giverOf(wanted.part, wanted.parties);
  return verifier.verify(giver, hash, offered.sig) ? { manifest: value, hash } : "BAD_SIGNATURE";
}
