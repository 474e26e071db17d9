// The witness of a settled auction: its rows, proven against a state root that a later header attests.
import {
  ascii,
  bytes,
  decode,
  encode,
  equalBytes,
  fromHex,
  type Hash,
  type Hex,
  hash,
  invariant,
  list,
  struct,
  type TypeOf,
  toHex,
  uint,
} from "../base/index.js";
import { MAX_ROW_BYTES } from "../ledger/limits.js";
import { rowProof } from "../ledger/row-proof.js";
import type { Header } from "../quorum/message.js";
import type { Effects } from "./effects.js";
import { witnessKey } from "./keyspace.js";

/** One row of the state with its proof. */
export const provenRow = struct({
  key: [0, ascii(256)],
  value: [1, bytes(MAX_ROW_BYTES)],
  proof: [2, rowProof],
});
export type ProvenRow = TypeOf<typeof provenRow>;

/** The auction's row and its commits'. */
export const MAX_WITNESS_ROWS = 4096;
/** A commit's row with its proof is some 1.5 KB, and never as much as this share of the whole. */
export const MAX_WITNESS_BYTES = 16 * 1024 * 1024;

export const witness = struct({
  auction: [0, hash],
  /** the rows as they were after this height … */
  execHeight: [1, uint()],
  root: [2, hash],
  /** … which the header of this height attests */
  attestedAt: [3, uint()],
  rows: [4, list(provenRow, MAX_WITNESS_ROWS)],
});
export type Witness = TypeOf<typeof witness>;

/** Rows of an auction at one height, before any header attests them. */
type Snapshot = Omit<Witness, "attestedAt">;

/** How many heights of snapshots an auction may wait with: leaders lag by a few entries at most. */
const MAX_SNAPSHOTS = 16;

/**
 * Keeps, for each auction that has just ended, its rows and proofs at each height until a final header attests one of
 * them. Headers may skip heights (R2), so one snapshot is not enough.
 */
export class WitnessStand {
  private readonly waiting = new Map<Hex, Snapshot[]>();

  /** Auctions that still need a snapshot at each height. */
  auctions(): readonly Hex[] {
    return [...this.waiting.keys()].sort();
  }

  /** An auction has ended: from now on it is to be proven. */
  call(auction: Hash): void {
    this.waiting.set(toHex(auction), []);
  }

  /** The rows of a called auction after `execHeight`. */
  hear(auction: Hex, execHeight: number, root: Hash, rows: readonly ProvenRow[]): void {
    const snapshots = this.waiting.get(auction);
    invariant(snapshots !== undefined, "only a called auction is heard");
    snapshots.push({ auction: fromHex(auction)!, execHeight, root, rows });
    if (snapshots.length > MAX_SNAPSHOTS) snapshots.shift();
  }

  /** The auction's rows are gone from the state: nothing can be proven of them any more. */
  dismiss(auction: Hex): void {
    this.waiting.delete(auction);
  }

  /** A header is final: whatever it attests becomes a witness on disk. */
  attest(header: Header, effects: Effects): void {
    for (const auction of this.auctions()) {
      const found = this.waiting
        .get(auction)!
        .find((one) => one.execHeight === header.execHeight && equalBytes(one.root, header.execRoot));
      if (found === undefined) continue;
      effects.put(witnessKey(auction), encode(witness, { ...found, attestedAt: header.height }));
      this.waiting.delete(auction);
    }
  }
}

/** The witness in a row of disk; null if the row is damaged. */
export function decodeWitness(value: Uint8Array): Witness | null {
  const decoded = decode(witness, value, MAX_WITNESS_BYTES);
  return decoded.ok ? decoded.value : null;
}
