// The store on disk: LevelDB for the rows, a guard file beside it.
import { join } from "node:path";
import { Level } from "level";
import type { Bytes } from "../../src/base/index.js";
import type { Write } from "../../src/peer/ready.js";
import { corruptStoreFix, StoreError, storeErrorOf } from "./error.js";
import { GUARD_FILE, GuardFile, type GuardReading } from "./guard-file.js";
import { damagedJournal } from "./journal.js";
import { openRow, sealRow } from "./row-seal.js";
import {
  prefixRange,
  type Range,
  type Reader,
  type Row,
  type Span,
  type Store,
  type StoreSnapshot,
  sortWrites,
} from "./store.js";

/**
 * Small on purpose: LevelDB may hold two write buffers and the cache, and a testnet has 32 stores in one process.
 * A peer reads at its start and for those who catch up; the hot path only writes.
 */
const LIMITS = { cacheSize: 512 * 1024, writeBufferSize: 512 * 1024, maxOpenFiles: 64 };

/** Greater than every key: keys are printable ASCII. */
const LAST_KEY = "\x7f";

/** LevelDB's own calls, which `level` does not name: in a browser it is another database. */
interface LevelDb {
  approximateSize(start: string, end: string): Promise<number>;
  compactRange(start: string, end: string): Promise<void>;
}

type Database = Level<string, Uint8Array> & LevelDb;

/**
 * Opens, or makes, the store in the folder `path`: rows in `path/rows`, the sign guard in `path/votes.guard`.
 * @throws StoreError: STORE_LOCKED when another process or store has it, STORE_CORRUPT, STORE_FULL, STORE_DENIED, STORE_IO
 */
export async function openStore(path: string): Promise<Store> {
  await refuseDamage(path);
  const database = new Level<string, Uint8Array>(join(path, "rows"), {
    ...LIMITS,
    keyEncoding: "utf8",
    valueEncoding: "view",
  }) as Database;
  try {
    await database.open();
    return new LevelStore(path, database, await GuardFile.open(join(path, GUARD_FILE)));
  } catch (error) {
    await database.close();
    throw storeErrorOf("could not open the store", path, error);
  }
}

/** Before LevelDB opens, for it would rewrite its journal without what it could not read. */
async function refuseDamage(path: string): Promise<void> {
  const name = await damagedJournal(join(path, "rows")).catch((error) => {
    throw storeErrorOf("could not open the store", path, error);
  });
  if (name === null) return;
  throw new StoreError(
    "STORE_CORRUPT",
    "could not open the store",
    `${name} is damaged`,
    corruptStoreFix(path),
  );
}

/** What LevelDB takes where rows are read: nothing, or the snapshot to read from. */
type From = Pick<NonNullable<Parameters<Database["get"]>[1]>, "snapshot">;

class LevelReader implements Reader {
  constructor(
    protected readonly path: string,
    protected readonly database: Database,
    private readonly from: From,
  ) {}

  async get(key: string): Promise<Bytes | null> {
    const value = await this.reading(() => this.database.get(key, this.from));
    return value === undefined ? null : this.unsealed(key, value);
  }

  range(range: Range): AsyncIterable<Row> {
    // The iterator is made now and not at the first row, for its snapshot is of this moment.
    const iterator = this.database.iterator({ ...range, ...this.from });
    return this.walk(iterator, ([key, value]) => ({ key, value: this.unsealed(key, value) }));
  }

  keys(range: Range): AsyncIterable<string> {
    return this.walk(this.database.keys({ ...range, ...this.from }), (key) => key);
  }

  private walk<T, U>(
    iterator: { next(): Promise<T | undefined>; close(): Promise<void> },
    read: (one: T) => U,
  ): AsyncIterable<U> {
    const next = () => this.reading(() => iterator.next());
    return {
      async *[Symbol.asyncIterator]() {
        try {
          for (let one = await next(); one !== undefined; one = await next()) yield read(one);
        } finally {
          await iterator.close();
        }
      },
    };
  }

  /** LevelDB does not look at its own checksums when it reads: a turned bit would come out as if it had been written. */
  private unsealed(key: string, value: Uint8Array): Bytes {
    const opened = openRow(key, value);
    if (opened !== null) return opened;
    throw new StoreError(
      "STORE_CORRUPT",
      "could not read the store",
      `the row ${key} is damaged`,
      corruptStoreFix(this.path),
    );
  }

  protected async reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw storeErrorOf("could not read the store", this.path, error);
    }
  }
}

class LevelSnapshot extends LevelReader implements StoreSnapshot {
  constructor(
    path: string,
    database: Database,
    private readonly snapshot: ReturnType<Database["snapshot"]>,
  ) {
    super(path, database, { snapshot });
  }

  close(): Promise<void> {
    return this.snapshot.close();
  }
}

class LevelStore extends LevelReader implements Store {
  readonly persistent = true;
  /** After a failed write the disk holds an unknown part of it: nothing may be built on that. */
  private failure: StoreError | null = null;
  private lastWrite: Promise<void> = Promise.resolve();

  constructor(
    path: string,
    database: Database,
    private readonly guardFile: GuardFile,
  ) {
    super(path, database, {});
  }

  write(writes: readonly Write[]): Promise<void> {
    const { guard, rows } = sortWrites(writes);
    const batch = rows.map((row) =>
      row.kind === "put"
        ? ({ type: "put", key: row.key, value: sealRow(row.key, row.value) } as const)
        : ({ type: "del", key: row.key } as const),
    );
    const done = this.lastWrite.then(async () => {
      if (this.failure !== null) throw this.failure;
      try {
        if (guard !== null) await this.guardFile.write(guard);
        if (batch.length > 0) await this.database.batch(batch, { sync: true });
      } catch (error) {
        this.failure = storeErrorOf("could not write to the store", this.path, error);
        throw this.failure;
      }
    });
    this.lastWrite = done.catch(() => undefined);
    return done;
  }

  rows(prefix: string): AsyncIterable<Row> {
    return this.range(prefixRange(prefix));
  }

  snapshot(): StoreSnapshot {
    return new LevelSnapshot(this.path, this.database, this.database.snapshot());
  }

  sizeOf({ gte, lt }: Span): Promise<number> {
    return this.reading(() => this.database.approximateSize(gte, lt));
  }

  async compact({ gte, lt }: Span = { gte: "", lt: LAST_KEY }): Promise<void> {
    try {
      await this.database.compactRange(gte, lt);
    } catch (error) {
      throw storeErrorOf("could not compact the store", this.path, error);
    }
  }

  guard(): GuardReading {
    return this.guardFile.read();
  }

  async close(): Promise<void> {
    await this.lastWrite;
    await this.database.close();
    await this.guardFile.close();
  }
}
