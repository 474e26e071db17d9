// Flaws: a proposal that is invalid by its signed header and the bytes that hash into it (spec/evidence#flaws).
import {
  type Bytes,
  bytes,
  decode,
  equalBytes,
  hash,
  struct,
  type TypeOf,
  u32be,
  uint,
  union,
} from "../../base/index.js";
import {
  leafHash,
  merklePath,
  merkleRoot,
  merkleVerify,
  taggedHash,
  type Verifier,
} from "../../crypto/index.js";
import { NO_GAP_HASH, verifyCertificate } from "./certificates.js";
import { MAX_ENTRY_OPS, MAX_ENTRY_OPS_BYTES, MAX_FLAW_LEAF_BYTES, MAX_OP_BYTES } from "./limits.js";
import type { Electorate } from "./member-set.js";
import { certificate, type Header } from "./message.js";

const place = struct({ leaf: [0, bytes(MAX_FLAW_LEAF_BYTES)], path: [1, merklePath] });

/** A flaw of a proposal: its kind, and the part of the body that shows it. */
export const flaw = union({
  /** the header's fields contradict each other */
  header: [0, struct({})],
  /** an operation that no entry with this header may hold */
  op: [1, struct({ at: [0, place] })],
  /** two places under opsRoot with one operation; `a` stands before `b` */
  twins: [2, struct({ a: [0, place], b: [1, place] })],
  /** opsRoot is of another number of operations than opsCount; `leaf` is the hash of any of them */
  opsCount: [3, struct({ leaf: [0, hash], path: [1, merklePath] })],
  /** a place under justifyHash without the valid SkipCert of its term; `root` was hashed with the count */
  skip: [4, struct({ root: [0, hash], at: [1, place] })],
  /** justifyHash is of another number of certificates than there are skipped terms */
  skipCount: [5, struct({ root: [0, hash], count: [1, uint(0xffffffff)] })],
});
export type Flaw = TypeOf<typeof flaw>;
type Place = TypeOf<typeof place>;

/**
 * The reason why operations are invalid on their face in an entry with this header, or null (spec/log#V3). A pure
 * function of the header and the operations' bytes, the same at every peer of a network. A verdict that depends on
 * state, or on one member's knowledge, would convict honest leaders.
 */
export type OpsJudge = (header: Header, ops: readonly Bytes[]) => string | null;

/**
 * The members, the chain and the judges by which a flaw is judged. Without a judge of operations, nothing is proven
 * about operations.
 */
export interface FlawCourt {
  readonly electorate: Electorate;
  readonly chain: Bytes;
  readonly market: Bytes;
  readonly verifier: Verifier;
  readonly judgeOps: OpsJudge | null;
}

/** The opsRoot of an entry without operations. */
const NO_OPS_ROOT = merkleRoot([]);

/** Terms between an entry and its parent. */
export const gapOf = ({ term, parentTerm }: Header): number => term - parentTerm - 1;

/**
 * The contradiction within a header, or null. No honest leader signs such a header, whatever its parent, its body and
 * the state may be (spec/evidence#contradictions). In the first epoch the parent of term 0 is the chain itself, so heights can
 * be judged.
 */
export function headerFault(header: Header, electorate: Electorate): string | null {
  const { term, parentTerm, height, opsCount, opsBytes, kind } = header;
  if (header.leader !== electorate.leaderOf(term)) return "LEADER_OUT_OF_TURN";
  if (parentTerm >= term) return "PARENT_NOT_EARLIER";
  if ((gapOf(header) === 0) !== equalBytes(header.justifyHash, NO_GAP_HASH))
    return "GAP_WITHOUT_JUSTIFICATION";
  if (header.execHeight > height - 1) return "EXECUTED_AHEAD";
  if (opsCount > MAX_ENTRY_OPS || opsBytes > MAX_ENTRY_OPS_BYTES) return "OPS_OVER_LIMIT";
  if (opsBytes > opsCount * MAX_OP_BYTES) return "OPS_TOO_LARGE";
  if ((opsCount === 0) !== equalBytes(header.opsRoot, NO_OPS_ROOT)) return "OPS_MISCOUNTED";
  if ((kind === "seal") !== (header.nextSetHash !== null)) return "SEAL_WITHOUT_SET";
  if (kind === "tail" && opsCount > 0) return "TAIL_WITH_OPS";
  return header.epoch === 0 ? startFault(header) : null;
}

/** An entry per term at most, from height 1 on, and the first stands on the chain itself. */
function startFault({ height, parentTerm, parent, chain }: Header): string | null {
  if (height > parentTerm + 1) return "HEIGHT_AHEAD_OF_TERM";
  const first = parentTerm === 0;
  return first === (height === 1) && first === equalBytes(parent, chain) ? null : "NO_SUCH_PARENT";
}

/** True if a proposal with this header has the flaw. Its signature is judged elsewhere. */
export function flawHolds(header: Header, value: Flaw, court: FlawCourt): boolean {
  switch (value.kind) {
    case "header":
      return headerFault(header, court.electorate) !== null;
    case "op":
      return isUnder(header, value.at) && isInvalid(header, [value.at.leaf], court);
    case "twins":
      return areTwins(header, value.a, value.b, court);
    case "opsCount":
      return value.path.count !== header.opsCount && merkleVerify(header.opsRoot, value.leaf, value.path);
    case "skip":
      return isFalseSkip(header, value.root, value.at, court);
    case "skipCount":
      return value.count !== gapOf(header) && isJustification(header, value.count, value.root);
  }
}

const isUnder = ({ opsRoot }: Header, { leaf, path }: Place): boolean =>
  merkleVerify(opsRoot, leafHash(leaf), path);

const isInvalid = (header: Header, ops: readonly Bytes[], { judgeOps }: FlawCourt): boolean =>
  judgeOps !== null && judgeOps(header, ops) !== null;

/** Each alone is an operation, together they are one twice. */
function areTwins(header: Header, a: Place, b: Place, court: FlawCourt): boolean {
  if (a.path.index >= b.path.index || !isUnder(header, a) || !isUnder(header, b)) return false;
  if (isInvalid(header, [a.leaf], court) || isInvalid(header, [b.leaf], court)) return false;
  return isInvalid(header, [a.leaf, b.leaf], court);
}

const isJustification = ({ justifyHash }: Header, count: number, root: Bytes): boolean =>
  equalBytes(taggedHash("justify", u32be(count), root), justifyHash);

function isFalseSkip(header: Header, root: Bytes, { leaf, path }: Place, court: FlawCourt): boolean {
  if (!isJustification(header, path.count, root) || !merkleVerify(root, leafHash(leaf), path)) return false;
  const decoded = decode(certificate, leaf, MAX_FLAW_LEAF_BYTES);
  if (!decoded.ok) return true;
  const { type, term } = decoded.value;
  if (type !== "skip" || term !== header.parentTerm + 1 + path.index) return true;
  return !verifyCertificate(decoded.value, court.electorate, court.chain, court.market, court.verifier).ok;
}
