// A disk for the books' tests: it fills up, lies about it, and dies between two writes.
import type { Changes } from "../../../../node/gateway/books/disk.js";
import { BooksError } from "../../../../node/gateway/books/error.js";
import { MemoryDisk } from "../../../../node/gateway/books/memory-disk.js";

/** What outlives a process. */
export type Platter = Map<string, Uint8Array>;

const NEVER = new Promise<never>(() => undefined);

export class FaultyDisk extends MemoryDisk {
  /** writes until the process ends; before the last of them, or behind it */
  writesLeft = Number.POSITIVE_INFINITY;
  diesBehind = false;
  /** `half`: what it refuses is written all the same */
  refuses: "no" | "whole" | "half" = "no";
  writes = 0;

  constructor(readonly platter: Platter = new Map()) {
    super(platter);
  }

  override async write(changes: Changes): Promise<void> {
    if (this.writesLeft <= 0) return NEVER;
    this.writesLeft -= 1;
    this.writes += 1;
    const isLast = this.writesLeft === 0;
    if (isLast && !this.diesBehind) return NEVER;
    if (this.refuses !== "whole") await super.write(this.passed(changes));
    if (isLast) return NEVER;
    if (this.refuses !== "no") throw full();
  }

  override async reopen(): Promise<void> {
    if (this.refuses !== "no") throw full();
  }

  /** What of a batch is written: a test's own mutants change this. */
  protected passed(changes: Changes): Changes {
    return changes;
  }
}

const full = (): BooksError =>
  new BooksError(
    "BOOKS_UNWRITABLE",
    "could not write the gateway's books",
    "No space left on device",
    "free some space",
  );
