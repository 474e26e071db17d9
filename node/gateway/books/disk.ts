// The books' rows on disk: LevelDB, written without waiting for the platter.
import { Level } from "level";
import { booksErrorOf } from "./error.js";

/** New values by key; null: the row goes. */
export type Changes = ReadonlyMap<string, Uint8Array | null>;

export interface Range {
  readonly gte: string;
  readonly lt: string;
  readonly limit: number;
  readonly reverse?: boolean;
}

export type Row = readonly [key: string, value: Uint8Array];

/** Where the books are kept. What it throws are `BooksError`s. */
export interface Disk {
  readonly folder: string;
  /** as of the moment of the call */
  read(range: Range): Promise<Row[]>;
  /**
   * All of it or nothing. Resolves when the end of the process takes none of it back; a loss of power may, and what was
   * written last goes first. After it has thrown, either may be the case, and `reopen` comes before the next.
   */
  write(changes: Changes): Promise<void>;
  reopen(): Promise<void>;
  close(): Promise<void>;
}

const LIMITS = { cacheSize: 1024 * 1024, writeBufferSize: 1024 * 1024, maxOpenFiles: 64 };

type Database = Level<string, Uint8Array>;

/** @throws BooksError BOOKS_LOCKED, BOOKS_DAMAGED, BOOKS_UNREADABLE */
export async function openDisk(folder: string): Promise<Disk> {
  const database: Database = new Level(folder, { ...LIMITS, keyEncoding: "utf8", valueEncoding: "view" });
  const disk = new LevelDisk(folder, database);
  await disk.open();
  return disk;
}

class LevelDisk implements Disk {
  constructor(
    readonly folder: string,
    private readonly database: Database,
  ) {}

  async open(): Promise<void> {
    try {
      await this.database.open();
    } catch (error) {
      throw booksErrorOf("read", this.folder, error);
    }
  }

  async read(range: Range): Promise<Row[]> {
    try {
      return await this.database.iterator({ ...range }).all();
    } catch (error) {
      throw booksErrorOf("read", this.folder, error);
    }
  }

  async write(changes: Changes): Promise<void> {
    const batch = [...changes].map(([key, value]) =>
      value === null ? ({ type: "del", key } as const) : ({ type: "put", key, value } as const),
    );
    try {
      await this.database.batch(batch);
    } catch (error) {
      throw booksErrorOf("write", this.folder, error);
    }
  }

  /** LevelDB goes on behind half a batch in its journal, and reads nothing that follows it: it has to begin another. */
  async reopen(): Promise<void> {
    try {
      await this.database.close();
      await this.database.open();
    } catch (error) {
      throw booksErrorOf("write", this.folder, error);
    }
  }

  close(): Promise<void> {
    return this.database.close();
  }
}
