// The one writer of the books: what is put while a write is under way goes with the next, in order, all of it or nothing.
import type { Changes, Disk, Range, Row } from "./disk.js";
import { type BooksError, booksErrorOf } from "./error.js";

export interface WriterEar {
  /** the disk refuses: told once, and then when it writes again */
  failed(error: BooksError): void;
  mended(): void;
  /** before everything that was kept is written at last */
  mending(): void;
}

interface Waiter {
  resolve(): void;
  reject(error: BooksError): void;
}

/** So long what may be lost waits for others to be written with it: a write costs as much as several rows. */
const GATHER_MS = 10;

/** Every row is absolute, so one that may have been written already can be written again. */
export class Writer {
  /** not on its way yet; null: the row goes */
  private pending = new Map<string, Uint8Array | null>();
  /** of those: rows that were never handed to the disk, nor was another under their key */
  private readonly unseen = new Set<string>();
  private waiters: Waiter[] = [];
  private inFlight: Changes | null = null;
  private run: Promise<void> = Promise.resolve();
  private isRunning = false;
  private isClosed = false;
  private timer: NodeJS.Timeout | null = null;
  private gathering: NodeJS.Timeout | null = null;
  private current: BooksError | null = null;

  constructor(
    private readonly disk: Disk,
    private readonly ear: WriterEar,
    private readonly mendMs: number,
  ) {}

  /** Why nothing can be written at present; null: it can. */
  get trouble(): BooksError | null {
    return this.current;
  }

  /** Rows that are in memory only. */
  get kept(): number {
    return this.pending.size + (this.inFlight?.size ?? 0);
  }

  /** Writes at once; whatever is put in one call is on the disk as a whole or not at all. */
  put(changes: Changes): void {
    this.take(changes);
    this.start();
  }

  /** Writes with what comes next, or in ten milliseconds: for what may be lost as if it had happened ten milliseconds later. */
  putSoon(changes: Changes): void {
    this.take(changes);
    this.gathering ??= setTimeout(() => this.start(), GATHER_MS);
  }

  /** Puts a row under a key that never was before: taken back before the disk has seen it, it leaves nothing behind. */
  putNew(key: string, value: Uint8Array): void {
    if (this.current !== null) this.unseen.add(key);
    this.put(new Map([[key, value]]));
  }

  /** Resolves when everything that was put so far is written. @throws BooksError where the disk refuses it */
  written(): Promise<void> {
    if (this.current !== null) return Promise.reject(this.current);
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
      this.start();
    });
  }

  /** Rows as they are at this moment, what is kept in memory included. @throws BooksError */
  async read(range: Range): Promise<Row[]> {
    const kept = [...(this.inFlight ?? []), ...this.pending];
    const rows = new Map(await this.disk.read(range));
    for (const [key, value] of kept) {
      if (key < range.gte || key >= range.lt) continue;
      if (value === null) rows.delete(key);
      else rows.set(key, value);
    }
    const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
    return (range.reverse ? sorted.reverse() : sorted).slice(0, range.limit);
  }

  /** Tries again to write what the disk refused. @returns whether nothing is left in memory */
  async mend(): Promise<boolean> {
    this.start();
    while (this.isRunning) await this.run;
    if (this.current === null) return true;
    this.run = this.working(async () => {
      await this.disk.reopen();
      this.ear.mending();
      await this.writeOnce();
    });
    await this.run;
    return this.current === null;
  }

  /** Writes what is left, if it can be written. @returns rows that could not be */
  async close(): Promise<number> {
    await this.mend();
    while (this.isRunning) await this.run;
    this.isClosed = true;
    this.stopTimer();
    const left = this.kept;
    await this.disk.close();
    return left;
  }

  private take(changes: Changes): void {
    for (const [key, value] of changes) {
      if (value === null && this.unseen.delete(key)) this.pending.delete(key);
      else this.pending.set(key, value);
    }
  }

  private start(): void {
    if (this.gathering !== null) clearTimeout(this.gathering);
    this.gathering = null;
    if (this.isRunning || this.isClosed || this.current !== null || !this.hasWork) return;
    this.run = this.working(async () => {
      while (this.hasWork) await this.writeOnce();
    });
  }

  private async working(work: () => Promise<void>): Promise<void> {
    this.isRunning = true;
    try {
      await work();
      this.succeed();
    } catch (error) {
      this.fail(booksErrorOf("write", this.disk.folder, error));
    } finally {
      this.isRunning = false;
    }
    // What was put between the last look and now has nobody else to begin its turn.
    if (this.hasWork) this.start();
  }

  private get hasWork(): boolean {
    return this.pending.size > 0 || this.waiters.length > 0;
  }

  private async writeOnce(): Promise<void> {
    const changes = this.pending;
    const { waiters } = this;
    this.pending = new Map();
    this.waiters = [];
    this.unseen.clear();
    this.inFlight = changes;
    try {
      if (changes.size > 0) await this.disk.write(changes);
      for (const one of waiters) one.resolve();
    } catch (error) {
      this.pending = new Map([...changes, ...this.pending]);
      this.waiters = [...waiters, ...this.waiters];
      throw error;
    } finally {
      this.inFlight = null;
    }
  }

  private succeed(): void {
    if (this.current === null) return;
    this.current = null;
    this.stopTimer();
    this.ear.mended();
  }

  private fail(error: BooksError): void {
    const isNew = this.current === null;
    this.current = error;
    const { waiters } = this;
    this.waiters = [];
    for (const one of waiters) one.reject(error);
    if (isNew) this.ear.failed(error);
    this.stopTimer();
    this.timer = setTimeout(() => void this.mend(), this.mendMs);
  }

  private stopTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
