// Old records go, a few with each that comes: none is older than a month, and there are never too many.
import type { Range, Row } from "./disk.js";
import type { Record } from "./record.js";
import { DONE, doneKey, placeKey, seqOf } from "./rows.js";

export interface PruningRules {
  readonly mostRecords: number;
  readonly mostAgeMs: number;
}

export const PRUNING: PruningRules = { mostRecords: 100_000, mostAgeMs: 31 * 86_400_000 };

/** Records that go with one that comes: more than one, so that those that are too many grow fewer. */
const AT_ONCE = 4;
/** Of the oldest, read ahead. */
const AHEAD = 64;

interface Old {
  readonly seq: number;
  /** null: its row cannot be read, and goes when its turn comes */
  readonly record: Record | null;
}

export class Pruner {
  private oldest: Old[] = [];
  private isReading = false;

  constructor(
    private readonly rules: PruningRules,
    private readonly read: (range: Range) => Promise<Row[]>,
    private readonly recordOf: (row: Row) => Record,
  ) {}

  /** The first records from a sequence number on: at the start, and whenever none of those that were read ahead is left. */
  async readAhead(from: number): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    try {
      const rows = await this.read({ gte: doneKey(from), lt: DONE.lt, limit: AHEAD });
      this.oldest = rows.map((row) => ({ seq: seqOf(row[0]), record: this.readable(row) }));
    } catch {
      // A disk that cannot be read now is asked again with the next record.
    } finally {
      this.isReading = false;
    }
  }

  /** The keys that go now. @param next the sequence number of the record that comes */
  keysToGo(next: number, nowMs: number): readonly string[] {
    const keys: string[] = [];
    for (let i = 0; i < AT_ONCE; i++) {
      const old = this.oldest[0];
      if (old === undefined || !this.isToGo(old, next, nowMs)) break;
      this.oldest.shift();
      keys.push(doneKey(old.seq));
      if (old.record !== null) keys.push(placeKey(old.record.id));
      if (this.oldest.length === 0) void this.readAhead(old.seq + 1);
    }
    if (keys.length === 0 && this.oldest.length === 0) void this.readAhead(0);
    return keys;
  }

  private isToGo({ seq, record }: Old, next: number, nowMs: number): boolean {
    if (next - seq >= this.rules.mostRecords) return true;
    return record !== null && nowMs - record.endedMs > this.rules.mostAgeMs;
  }

  private readable(row: Row): Record | null {
    try {
      return this.recordOf(row);
    } catch {
      return null;
    }
  }
}
