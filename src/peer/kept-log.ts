// What a peer keeps of its log: all behind an attested state goes once nobody needs it any more (spec/persistence#P8).
import { type Bytes, decode, encode, invariant, list, struct, type TypeOf, uint } from "../base/index.js";
import type { Ledger } from "../ledger/index.js";
import { AUCTIONS, SLASHES } from "../market/index.js";
import type { Header } from "../quorum/index.js";
import type { Conduct } from "./conduct.js";
import type { Effects } from "./effects.js";
import { KEPT_LOG_KEY, logKey, OWN_STRETCH_PREFIX, ownStretchKey } from "./keyspace.js";
import type { Write } from "./ready.js";

/** In so many steps the log's age is measured: it is kept for that share of `retainMs` longer, at most. */
const MARKS_PER_RETAIN = 16;
const MAX_MARKS = MARKS_PER_RETAIN + 2;
/** Rows that go with one entry, so that an entry costs the same however much is to go. */
const PRUNED_PER_ENTRY = 64;
/** So many times the terms that a voter keeps: who takes the state of an earlier height still finds the log below it. */
const KEEPS = 2;
/** The certificate that proves a header final lies so far above it at most. */
const MAX_UNCERTIFIED = 64;

/** A height, and the ledger time of its entry. */
export const heightMark = struct({ height: [0, uint()], timeMs: [1, uint()] });
export const keptLogRow = struct({ from: [0, uint(undefined, 1)], marks: [1, list(heightMark, MAX_MARKS)] });
const stretchRow = uint();
const MAX_KEPT_LOG_BYTES = 1024;

/** What of a peer is asked for this. */
interface Keeper {
  readonly ledger: Ledger;
  readonly conduct: Pick<Conduct, "attestedBy">;
  readonly config: { readonly keepTerms: number; readonly prunesLog?: boolean };
}

/** The part of the log that is on this peer's disk without gaps, and what of the rest is kept for good. */
export class KeptLog {
  /** up to here, excluded, rows may go: known anew with each mark */
  private end: number;

  private constructor(
    private least: number,
    private marks: readonly TypeOf<typeof heightMark>[],
    /** logs of own auctions: from the height of the creation to that of the certificate */
    private readonly stretches: Map<number, number>,
  ) {
    this.end = least;
  }

  /** From its rows; null: the first is none. */
  static restore(row: Bytes | null, stretches: Map<number, number>): KeptLog | null {
    if (row === null) return new KeptLog(1, [], stretches);
    const kept = decode(keptLogRow, row, MAX_KEPT_LOG_BYTES);
    return kept.ok ? new KeptLog(kept.value.from, kept.value.marks, stretches) : null;
  }

  /** The least height from which on no entry is missing. */
  get from(): number {
    return this.least;
  }

  /** The log of an own auction outlives the ledger's memory of it, as its proof does. */
  keepStretch(from: number, certified: number, isCertified: boolean, effects: Effects): void {
    const to = isCertified ? certified : certified + MAX_UNCERTIFIED;
    if ((this.stretches.get(from) ?? 0) >= to) return;
    this.stretches.set(from, to);
    effects.put(ownStretchKey(from), encode(stretchRow, to));
  }

  /** With each executed entry: some rows of those go that nobody needs. */
  prune(peer: Keeper, header: Header, effects: Effects): void {
    const marked = this.mark(header, peer.ledger.params.retainMs);
    if (marked) this.end = Math.max(this.least, prunableBelow(peer, header, this.oldest(peer, header)));
    if (this.least < this.end) this.pruneSome(peer, effects);
    else if (!marked) return;
    effects.put(KEPT_LOG_KEY, encode(keptLogRow, { from: this.least, marks: this.marks }));
  }

  private pruneSome(peer: Keeper, effects: Effects): void {
    const end = Math.min(this.end, this.least + PRUNED_PER_ENTRY);
    const forGood = this.keptForGood(peer, end);
    for (let height = this.least; height < end; height++) {
      if (!forGood(height)) effects.delete(logKey(height));
    }
    this.least = end;
    for (const [from, to] of this.stretches) {
      if (to >= end) continue;
      this.stretches.delete(from);
      effects.delete(ownStretchKey(from));
    }
  }

  /** Logs of own auctions, and entries with the evidence of a slash, which is shown to whoever asks. */
  private keptForGood({ ledger }: Keeper, end: number): (height: number) => boolean {
    const slashed = new Set([...ledger.table(SLASHES).values()].map(({ height }) => height));
    const stretches = [...this.stretches].filter(([from]) => from < end);
    return (height) => slashed.has(height) || stretches.some(([from, to]) => from <= height && height <= to);
  }

  /** Notes the height of a time now and then. @returns whether it did */
  private mark({ height, timeMs }: Header, retainMs: number): boolean {
    const last = this.marks.at(-1);
    if (last !== undefined && timeMs < last.timeMs + retainMs / MARKS_PER_RETAIN) return false;
    const enough = this.marks.findLastIndex((one) => one.timeMs <= timeMs - retainMs);
    this.marks = [...this.marks.slice(Math.max(0, enough)), { height, timeMs }].slice(-MAX_MARKS);
    return true;
  }

  /** The greatest height noted that is older than the ledger's memory; 0: none. */
  private oldest({ ledger }: Keeper, { timeMs }: Header): number {
    return this.marks.findLast((one) => one.timeMs <= timeMs - ledger.params.retainMs)?.height ?? 0;
  }
}

/**
 * Below which height entries may go, `header` being the last final one: below that of the ledger's memory, and of each
 * auction that the state has. What is left reaches from below a state that a final header attests to the end, so that a
 * peer can take that state and go on with the log.
 * @param agedBelow entries below are older than `retainMs` of ledger time
 */
export function prunableBelow(
  { ledger, config, conduct }: Keeper,
  header: Header,
  agedBelow: number,
): number {
  if (config.prunesLog !== true) return 0;
  const attested = conduct.attestedBy(header);
  invariant(attested <= header.height, "a header attests no state that is to come");
  let below = Math.min(agedBelow, attested - KEEPS * config.keepTerms + 1);
  for (const { createdAt } of ledger.table(AUCTIONS).values()) below = Math.min(below, createdAt);
  return below;
}

/** The row of a log that begins with `from`. */
export const keptLogWrite = (from: number): Write => ({
  kind: "put",
  key: KEPT_LOG_KEY,
  value: encode(keptLogRow, { from, marks: [] }),
});

/** The height that the log begins with by its row; null: it is none. */
export function keptLogFrom(row: Bytes): number | null {
  const kept = decode(keptLogRow, row, MAX_KEPT_LOG_BYTES);
  return kept.ok ? kept.value.from : null;
}

/** The height in a stretch row's key, and the height in its bytes; null: it is no such row. */
export function readStretch(key: string, value: Bytes): readonly [from: number, to: number] | null {
  const to = decode(stretchRow, value, 16);
  const from = Number(key.slice(OWN_STRETCH_PREFIX.length));
  return to.ok && Number.isSafeInteger(from) ? [from, to.value] : null;
}
