// A disk in memory for the books' tests: it fills up, lies about it, and dies between two writes.
import type { Changes, Disk, Range, Row } from "../../../../node/gateway/books/disk.js";
import { BooksError } from "../../../../node/gateway/books/error.js";

/** What outlives a process. */
export type Platter = Map<string, Uint8Array>;

const NEVER = new Promise<never>(() => undefined);

export class MemoryDisk implements Disk {
  readonly folder = "/memory";
  /** writes until the process ends; before the last of them, or behind it */
  writesLeft = Number.POSITIVE_INFINITY;
  diesBehind = false;
  /** `half`: what it refuses is written all the same */
  refuses: "no" | "whole" | "half" = "no";
  writes = 0;

  constructor(readonly platter: Platter = new Map()) {}

  async read({ gte, lt, limit, reverse }: Range): Promise<Row[]> {
    const rows = [...this.platter]
      .filter(([key]) => key >= gte && key < lt)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return (reverse ? rows.reverse() : rows).slice(0, limit);
  }

  async write(changes: Changes): Promise<void> {
    if (this.writesLeft <= 0) return NEVER;
    this.writesLeft -= 1;
    this.writes += 1;
    const isLast = this.writesLeft === 0;
    if (isLast && !this.diesBehind) return NEVER;
    if (this.refuses !== "whole") this.apply(changes);
    if (isLast) return NEVER;
    if (this.refuses !== "no") throw this.full();
  }

  /** Writes it as the disk would: a test's own mutants change this. */
  protected apply(changes: Changes): void {
    for (const [key, value] of changes) {
      if (value === null) this.platter.delete(key);
      else this.platter.set(key, value);
    }
  }

  async reopen(): Promise<void> {
    if (this.refuses !== "no") throw this.full();
  }

  async close(): Promise<void> {}

  private full(): BooksError {
    return new BooksError(
      "BOOKS_UNWRITABLE",
      "could not write the gateway's books",
      "No space left on device",
      "free some space",
    );
  }
}
