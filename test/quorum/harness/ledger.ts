// The payload of the tests: operations that wait, a state root that is a chain of what was executed.
import { createHash } from "node:crypto";
import { type Bytes, type Hex, toHex } from "../../../src/base/index.js";
import { leafHash } from "../../../src/crypto/index.js";
import type { Application, EntryRoom, Header, LogEntry } from "../../../src/quorum/index.js";

export class TestLedger implements Application {
  root: Uint8Array;
  height = 0;
  dueMs: number | null = null;
  /** execution of this member is wrong from this height on */
  wrongFrom = Number.POSITIVE_INFINITY;
  /** so many operations of each entry are idle */
  idle = 0;
  /** how many operations were in flight below the entry that was judged last; null: none was */
  judgedUpon: number | null = null;
  private readonly waiting = new Map<Hex, { bytes: Bytes; seenMs: number }>();
  private readonly done = new Set<Hex>();

  constructor(genesisRoot: Uint8Array) {
    this.root = genesisRoot;
  }

  submit(bytes: Bytes, nowMs: number): void {
    const name = toHex(leafHash(bytes));
    if (!this.done.has(name) && !this.waiting.has(name)) this.waiting.set(name, { bytes, seenMs: nowMs });
  }

  /** Its sender has put another in its place. */
  takeBack(bytes: Bytes): void {
    this.waiting.delete(toHex(leafHash(bytes)));
  }

  execute(entry: LogEntry): Uint8Array {
    this.height = entry.header.height;
    const salt = this.height >= this.wrongFrom ? "wrong" : "";
    if (entry.ops.length === 0 && salt === "") return this.root;
    const hash = createHash("sha256").update(this.root).update(salt);
    for (const op of entry.ops) {
      hash.update(op);
      const name = toHex(leafHash(op));
      this.done.add(name);
      this.waiting.delete(name);
    }
    this.root = new Uint8Array(hash.digest());
    return this.root;
  }

  judgeOps(_header: unknown, ops: readonly Bytes[]): string | null {
    if (new Set(ops.map(toHex)).size < ops.length) return "an operation stands twice";
    return ops.every((op) => op.length > 0 && op[0] !== 0) ? null : "an operation begins with zero";
  }

  changesPhase(): boolean {
    return false;
  }

  transitionDueMs(): number | null {
    return this.dueMs;
  }

  pending(excluded: ReadonlySet<Hex>) {
    const open = this.open(excluded);
    if (open.length === 0) return null;
    return {
      count: open.length,
      bytes: open.reduce((sum, one) => sum + one.bytes.length, 0),
      oldestSeenMs: Math.min(...open.map((one) => one.seenMs)),
    };
  }

  oldestPending(excluded: ReadonlySet<Hex>, beforeMs: number, max: number) {
    return this.open(excluded)
      .filter((one) => one.seenMs <= beforeMs)
      .slice(0, max);
  }

  idleAmong(_header: Header, ops: readonly Bytes[], inFlight: readonly Bytes[]) {
    this.judgedUpon = inFlight.length;
    const idle = ops.slice(0, this.idle);
    return { operations: idle.length, bytes: idle.reduce((sum, one) => sum + one.length, 0) };
  }

  collect(excluded: ReadonlySet<Hex>, { maxOps }: EntryRoom): readonly Bytes[] {
    return this.open(excluded)
      .slice(0, maxOps)
      .map((one) => one.bytes);
  }

  private open(excluded: ReadonlySet<Hex>) {
    return [...this.waiting].filter(([name]) => !excluded.has(name)).map(([, one]) => one);
  }
}
