// Entries a voter knows: a header with its id computed once, and its body as far as it has come.
import { type Bytes, equalBytes, type Hash, type Hex, toHex } from "../../base/index.js";
import { leafHash, merkleRoot } from "../../crypto/index.js";
import { MAX_ENTRY_OPS, MAX_ENTRY_OPS_BYTES } from "./limits.js";
import { entryIdOf, type Header } from "./message.js";

/** Operations with their leaf hashes, known to hash to a header's opsRoot. */
export interface Body {
  readonly ops: readonly Bytes[];
  readonly leaves: readonly Hash[];
  /** hex of the leaves, made when first asked for */
  hexes: readonly Hex[] | null;
}

export interface KnownEntry {
  readonly id: Hash;
  readonly hex: Hex;
  readonly header: Header;
  readonly parentHex: Hex;
  body: Body | null;
  /** its operations are valid on their face; null: not judged yet */
  opsValid: boolean | null;
  leaderSig: Bytes | null;
  /** the key of its row on disk, once there */
  stored: boolean;
}

export function knownEntry(header: Header, id: Hash = entryIdOf(header)): KnownEntry {
  const parentHex = toHex(header.parent);
  return {
    id,
    hex: toHex(id),
    header,
    parentHex,
    body: null,
    opsValid: null,
    leaderSig: null,
    stored: false,
  };
}

export function bodyOf(ops: readonly Bytes[]): Body {
  return { ops, leaves: ops.map(leafHash), hexes: null };
}

export const opsRootOf = (body: Body): Hash => merkleRoot(body.leaves);

export const opsBytesOf = (ops: readonly Bytes[]): number => ops.reduce((sum, op) => sum + op.length, 0);

/** Hex of the leaf hashes of a body's operations: how the application names them. */
export function opNames(body: Body): readonly Hex[] {
  body.hexes ??= body.leaves.map(toHex);
  return body.hexes;
}

/** The body that these operations are, if the header commits to them; null if not (spec/log#V2). */
export function bodyFor(header: Header, ops: readonly Bytes[]): Body | null {
  if (ops.length !== header.opsCount || ops.length > MAX_ENTRY_OPS) return null;
  const size = opsBytesOf(ops);
  if (size !== header.opsBytes || size > MAX_ENTRY_OPS_BYTES) return null;
  const body = bodyOf(ops);
  return equalBytes(opsRootOf(body), header.opsRoot) ? body : null;
}
