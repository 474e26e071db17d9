// The books of a gateway: what was set aside before a request was sent, what it cost, and who has spent what, over any end of the process.
import { type Disk, openDisk } from "./disk.js";
import type { BooksError } from "./error.js";
import { Payers } from "./payers.js";
import { PRUNING, Pruner, type PruningRules } from "./pruner.js";
import { pastOf, type Recalled } from "./recall.js";
import {
  type End,
  type Ending,
  mustBeWhole,
  NOTHING_SPENT,
  type Record,
  type Reservation,
  type Running,
  recordOf,
  type Spent,
} from "./record.js";
import {
  DONE,
  doneKey,
  openKey,
  payerKey,
  placeBytes,
  placeKey,
  placesOf,
  RowReader,
  recordBytes,
  runningBytes,
  sumsBytes,
} from "./rows.js";
import { readStart } from "./start.js";
import type { Window } from "./windows.js";
import { Writer } from "./writer.js";

export interface BooksRules {
  /** what happens to requests while nothing can be written: they are refused, or pass and are counted in memory */
  readonly fail: "open" | "closed";
  readonly pruning: PruningRules;
  /** the disk is tried again as often */
  readonly mendMs: number;
  /** while nothing can be written, so many rows are kept in memory; beyond, records are lost, and sums never */
  readonly mostKept: number;
  /** of callers that only their clients name, sums are kept of so many: of those who were charged last */
  readonly mostPassing: number;
}

const RULES: BooksRules = {
  fail: "closed",
  pruning: PRUNING,
  mendMs: 1_000,
  mostKept: 20_000,
  mostPassing: 10_000,
};

export type BooksEvent =
  | { readonly kind: "booksUnwritable"; readonly error: BooksError }
  | { readonly kind: "booksWritable"; readonly lostRecords: number };

export interface Health {
  /** why nothing can be written at present; null: it can */
  readonly trouble: BooksError | null;
  /** rows that are in memory only */
  readonly kept: number;
  /** records that were not kept, since the start */
  readonly lostRecords: number;
}

export class Books {
  private readonly running = new Map<string, Running>();
  private readonly writer: Writer;
  private readonly reader: RowReader;
  private readonly pruner: Pruner;
  private payers: Payers;
  private nextSeq = 0;
  private lostRecords = 0;
  /** requests that an end of the process had cut off: found at this start */
  private cutCount = 0;

  private onEvent: (event: BooksEvent) => void = () => undefined;

  private constructor(
    private readonly disk: Disk,
    readonly rules: BooksRules,
  ) {
    this.payers = new Payers([], rules.mostPassing);
    this.reader = new RowReader(disk.folder);
    this.writer = new Writer(disk, this, rules.mendMs);
    this.pruner = new Pruner(rules.pruning, (range) => this.writer.read(range), this.reader.record);
  }

  /**
   * Opens, or makes, the books, and ends what was open in them.
   * @param disk or the folder of one on this machine's
   * @throws BooksError BOOKS_LOCKED, BOOKS_DAMAGED, BOOKS_NEWER, BOOKS_UNREADABLE, and BOOKS_UNWRITABLE unless they fail open
   */
  static async open(disk: string | Disk, nowMs: number, rules: Partial<BooksRules> = {}): Promise<Books> {
    const opened = typeof disk === "string" ? await openDisk(disk) : disk;
    const books = new Books(opened, { ...RULES, ...rules });
    try {
      await books.recover(nowMs);
    } catch (error) {
      await books.writer.close();
      throw error;
    }
    return books;
  }

  /** Tells from now on, and at once if nothing can be written. */
  listen(onEvent: (event: BooksEvent) => void): void {
    this.onEvent = onEvent;
    const { trouble } = this.writer;
    if (trouble !== null) onEvent({ kind: "booksUnwritable", error: trouble });
  }

  /**
   * Sets aside what a request may cost. When it resolves, the request may be sent: no end of the process forgets it.
   * @throws BooksError BOOKS_UNWRITABLE where the books fail closed: nothing is set aside
   */
  async begin(reservation: Reservation): Promise<void> {
    const { estimate, cost, floor, weight, waitedMs, atMs } = reservation;
    mustBeWhole({ used: estimate, cost }, weight, waitedMs, atMs);
    mustBeWhole(floor);
    const isClosed = this.rules.fail === "closed";
    if (isClosed && this.writer.trouble !== null) throw this.writer.trouble;
    const payers = [...new Set(reservation.payers)];
    const running: Running = { ...reservation, payers, lastMs: reservation.atMs };
    this.running.set(running.id, running);
    this.payers.reserve(running.payers, running.cost);
    this.writer.putNew(openKey(running.id), runningBytes(running));
    if (this.writer.trouble !== null) return;
    try {
      await this.writer.written();
    } catch (error) {
      if (!isClosed) return;
      this.forget(running);
      this.writer.put(new Map([[openKey(running.id), null]]));
      throw error;
    }
  }

  /** So much of a request's use is known for certain while it runs: it is charged no less, whatever comes, and set aside at once. */
  progress(id: string, floor: Spent, atMs: number): void {
    mustBeWhole(floor, atMs);
    const before = this.running.get(id);
    if (before === undefined) return;
    const cost = Math.max(before.cost, floor.cost);
    const running = { ...before, cost, floor, lastMs: Math.max(before.lastMs, atMs) };
    this.running.set(id, running);
    this.payers.reserve(before.payers, cost - before.cost);
    // Kept in memory only while nothing can be written: it is written with all that runs when something can.
    if (this.writer.trouble === null) this.writer.put(new Map([[openKey(id), runningBytes(running)]]));
  }

  /** Charges a request once: what was set aside for it is let go of. One that is not running changes nothing. */
  end({ id, end, spent, atMs }: Ending): void {
    mustBeWhole(spent ?? NOTHING_SPENT, atMs);
    const running = this.running.get(id);
    if (running !== undefined) this.finish(running, end, spent, atMs);
  }

  /** Whole micro-credits of the window in which `nowMs` lies: what was charged, and what is set aside for what runs. */
  spent(who: string, window: Window, nowMs: number): number {
    return this.payers.spent(who, window, nowMs);
  }

  /** Of what `spent` counts: what is set aside for what runs. */
  setAside(who: string): number {
    return this.payers.setAsideFor(who);
  }

  /** Requests whose ids begin so, at most 16: those that run, and records. @throws BooksError */
  async find(idPrefix: string): Promise<readonly (Running | Record)[]> {
    const running = [...this.running.values()].filter(({ id }) => id.startsWith(idPrefix));
    const places = await this.writer.read({ ...placesOf(idPrefix), limit: 16 });
    const records = await Promise.all(places.map((row) => this.recordAt(this.reader.place(row))));
    return [...running, ...records.filter((one) => one !== null)].slice(0, 16);
  }

  /** The records of the requests that ended last, the last first. @throws BooksError */
  async recent(count: number): Promise<readonly Record[]> {
    const rows = await this.writer.read({ ...DONE, limit: count, reverse: true });
    return rows.map(this.reader.record);
  }

  /** What was used within a window before now, what was used first before the others, for limits and fairness that would not forget it. @throws BooksError */
  recallable(windowMs: number, nowMs: number): Promise<readonly Recalled[]> {
    const page = (before: number, limit: number) =>
      this.writer.read({ gte: DONE.gte, lt: doneKey(before), limit, reverse: true });
    return pastOf(page, this.reader.record, this.nextSeq, windowMs, nowMs);
  }

  get health(): Health {
    const { trouble, kept } = this.writer;
    return { trouble, kept, lostRecords: this.lostRecords };
  }

  /** Requests that run, and those that were found cut off at the start. */
  get counts(): { readonly running: number; readonly cut: number } {
    return { running: this.running.size, cut: this.cutCount };
  }

  /** Resolves when all that was told so far is written. @throws BooksError where it cannot be */
  written(): Promise<void> {
    return this.writer.written();
  }

  /** Tries the disk again at once. @returns whether nothing is in memory only */
  mend(): Promise<boolean> {
    return this.writer.mend();
  }

  /** @returns rows that could not be written, and are lost */
  close(): Promise<number> {
    return this.writer.close();
  }

  /** Of the writer's: what runs and was never written, for it began while nothing could be. */
  mending(): void {
    const rows = [...this.running.values()].map((one) => [openKey(one.id), runningBytes(one)] as const);
    this.writer.put(new Map(rows));
  }

  failed(error: BooksError): void {
    this.onEvent({ kind: "booksUnwritable", error });
  }

  mended(): void {
    this.onEvent({ kind: "booksWritable", lostRecords: this.lostRecords });
  }

  private finish(running: Running, end: End, spent: Spent | null, atMs: number): void {
    this.forget(running);
    const record = recordOf(running, end, spent, atMs);
    const changes = new Map<string, Uint8Array | null>([[openKey(running.id), null]]);
    if (record.cost > 0) {
      for (const [who, sums] of this.payers.charge(record.payers, record.cost, atMs))
        changes.set(payerKey(who), sums === null ? null : sumsBytes(who, sums));
    }
    if (this.writer.trouble !== null && this.writer.kept >= this.rules.mostKept) this.lostRecords += 1;
    else this.addRecord(record, changes);
    this.writer.putSoon(changes);
  }

  private addRecord(record: Record, changes: Map<string, Uint8Array | null>): void {
    const seq = this.nextSeq++;
    changes.set(doneKey(seq), recordBytes(seq, record));
    changes.set(placeKey(record.id), placeBytes(record.id, seq));
    if (this.writer.trouble !== null) return;
    for (const key of this.pruner.keysToGo(seq, record.endedMs)) changes.set(key, null);
  }

  private forget(running: Running): void {
    this.running.delete(running.id);
    this.payers.reserve(running.payers, -running.cost);
  }

  private async recordAt(seq: number): Promise<Record | null> {
    const [row] = await this.writer.read({ gte: doneKey(seq), lt: doneKey(seq + 1), limit: 1 });
    return row === undefined ? null : this.reader.record(row);
  }

  /** Charges what an end of the process cut off: each once, for its row goes with its charge. */
  private async recover(nowMs: number): Promise<void> {
    const { sums, nextSeq, open, aliveMs } = await readStart(this.disk, this.reader);
    this.payers = new Payers(sums, this.rules.mostPassing);
    this.nextSeq = nextSeq;
    await this.pruner.readAhead(0);
    for (const one of open) {
      this.payers.reserve(one.payers, one.cost);
      this.finish(one, "cut", one.floor, Math.min(nowMs, aliveMs));
    }
    this.cutCount = open.length;
    await this.writer.written().catch((error) => {
      if (this.rules.fail === "closed") throw error;
    });
  }
}
