// The witness of a settled auction: its rows, proven against a state root that a later header attests (ADR 0037).
import {
  ascii,
  bytes,
  decode,
  equalBytes,
  type Hex,
  hash,
  invariant,
  list,
  struct,
  type TypeOf,
  toHex,
  uint,
} from "../../base/index.js";
import {
  ENTRY_OPS,
  type Ledger,
  MAX_COMMITS,
  MAX_ROW_BYTES,
  type RowChanges,
  type RowKey,
  rowProof,
  type StateTree,
  TreePast,
} from "../../ledger/index.js";
import { type Auction, auctionKey, commitKey, commitsOf, isEnded } from "../../market/index.js";
import type { Header } from "../../quorum/index.js";

/** One row of the state with its proof. */
export const provenRow = struct({
  key: [0, ascii(256)],
  value: [1, bytes(MAX_ROW_BYTES)],
  proof: [2, rowProof],
});
export type ProvenRow = TypeOf<typeof provenRow>;

/** The auction's row and its commits'. */
const MAX_WITNESS_ROWS = MAX_COMMITS + 1;
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

/** The rows that are proven after one entry: as many as an entry can make, so that proofs keep pace with what comes. */
export const PROOFS_PER_ENTRY = ENTRY_OPS;

/** How many heights a header may lag and still attest: leaders execute all but the newest few entries. */
export const MAX_LAG = 16;

/** A state that a final header attests, and that is this peer's own. */
type Attested = Pick<Witness, "execHeight" | "root" | "attestedAt">;

/** An auction whose rows are being proven, some after each entry. */
interface Work {
  readonly auction: Auction;
  readonly attested: Attested;
  readonly keys: readonly RowKey[];
  readonly rows: ProvenRow[];
}

/**
 * Proves the rows of each auction that has ended, once: against the state of an entry that a later header attests.
 * Until one does, nothing is kept for an auction but its name; the tree's recent past serves all of them.
 */
export class WitnessStand {
  /** in the order in which they ended */
  private readonly waiting = new Map<Hex, Auction>();
  private readonly past = new TreePast();
  private attested: Attested | null = null;
  private work: Work | null = null;

  /** Auctions whose proof is not complete. */
  auctions(): readonly Hex[] {
    return [...this.waiting.keys()];
  }

  /** Heights whose state rows can be proven against. */
  heights(): readonly number[] {
    return this.past.heights();
  }

  /** An auction has ended: from now on it is to be proven. Calls come in the order of ends. */
  call(auction: Auction): void {
    this.waiting.set(toHex(auction.id), auction);
  }

  /** The auction's rows are gone from the state: nothing can be proven of them any more. */
  dismiss(auction: Hex): void {
    if (this.waiting.delete(auction) && this.work !== null && toHex(this.work.auction.id) === auction) {
      this.work = null;
    }
  }

  /** Remembers the state after the entry of `height`, if anything waits for it. */
  record(tree: StateTree, height: number, overwritten: RowChanges["overwritten"]): void {
    if (this.waiting.size === 0) {
      this.forgetPast(height);
      return;
    }
    this.past.record(tree, height, overwritten);
    const oldest = height - MAX_LAG + 1;
    this.forgetPast(Math.min(oldest, this.work?.attested.execHeight ?? oldest));
  }

  /** A header is final: the state it attests is one to prove against, if it is this peer's own. */
  attest({ height, execHeight, execRoot }: Pick<Header, "height" | "execHeight" | "execRoot">): void {
    const root = this.past.rootAt(execHeight);
    if (root === null || !equalBytes(root, execRoot)) return;
    this.attested = { execHeight, root, attestedAt: height };
  }

  /** Proves at most `PROOFS_PER_ENTRY` rows more. @returns the witnesses that are complete now */
  prove(ledger: Ledger): readonly Witness[] {
    const complete: Witness[] = [];
    for (let left = PROOFS_PER_ENTRY; left > 0; ) {
      const work = this.work ?? this.next(ledger);
      if (work === null) break;
      left -= this.proveSome(ledger, work, left);
      this.work = work.rows.length < work.keys.length ? work : null;
      if (this.work !== null) break;
      const { auction, attested, rows } = work;
      this.waiting.delete(toHex(auction.id));
      complete.push({ auction: auction.id, ...attested, rows });
    }
    return complete;
  }

  /** The auction that ended first, if the attested state has seen its end. */
  private next(ledger: Ledger): Work | null {
    const [auction] = this.waiting.values();
    const { attested } = this;
    if (auction === undefined || attested === null || !isEnded(auction.phase)) return null;
    if (attested.execHeight < auction.phase.endedAt) return null;
    const commits = commitsOf(ledger, auction.id).map(({ bidder }) => commitKey(auction.id, bidder));
    return { auction, attested, keys: [auctionKey(auction.id), ...commits], rows: [] };
  }

  private proveSome(ledger: Ledger, { attested, keys, rows }: Work, most: number): number {
    const some = keys.slice(rows.length, rows.length + most);
    for (const key of some) {
      const value = ledger.valueOf(key);
      const proof = this.past.prove(ledger.tree, attested.execHeight, key);
      invariant(value !== null && proof !== null, "the rows of an ended auction stay until it is forgotten");
      rows.push({ key, value, proof });
    }
    return some.length;
  }

  private forgetPast(below: number): void {
    this.past.keepFrom(below);
    if (this.attested !== null && this.attested.execHeight < below) this.attested = null;
  }
}

/** The witness in a row of disk; null if the row is damaged. */
export function decodeWitness(value: Uint8Array): Witness | null {
  const decoded = decode(witness, value, MAX_WITNESS_BYTES);
  return decoded.ok ? decoded.value : null;
}
