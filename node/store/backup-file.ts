// The file of a backup: bytes in order, with a checksum over all of them at its end (spec/persistence#backup-file).
import { createHash, type Hash as Sha } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { type Bytes, equalBytes } from "../../src/base/index.js";
import { Accident, messageOf } from "../accident.js";

const SUM_BYTES = 32;
/** No row and no genesis is larger: what says so is damaged. */
const MAX_PART_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

export type BackupErrorCode = "BACKUP_EXISTS" | "BACKUP_UNREADABLE" | "BACKUP_DAMAGED" | "BACKUP_UNWRITABLE";

export class BackupError extends Accident<BackupErrorCode> {
  override readonly name = "BackupError";
}

/** A file that is written in whole chunks, its checksum growing with it. */
export class BackupWriting {
  private readonly sum: Sha = createHash("sha256");
  private parts: Bytes[] = [];
  private waiting = 0;
  private written = 0;

  constructor(
    private readonly file: FileHandle,
    private readonly failed: (error: unknown) => BackupError,
  ) {}

  async put(bytes: Bytes): Promise<void> {
    this.sum.update(bytes);
    this.parts.push(bytes);
    this.waiting += bytes.length;
    if (this.waiting >= CHUNK_BYTES) await this.flush();
  }

  /** @returns the length of the file */
  async end(): Promise<number> {
    const sum = this.sum.digest();
    this.parts.push(sum);
    await this.flush();
    await this.file.sync().catch((error) => {
      throw this.failed(error);
    });
    return this.written;
  }

  private async flush(): Promise<void> {
    const bytes = Buffer.concat(this.parts);
    this.parts = [];
    this.waiting = 0;
    await this.file.appendFile(bytes).catch((error) => {
      throw this.failed(error);
    });
    this.written += bytes.length;
  }
}

/** A file that is read in order, and summed up as it is. */
export class BackupReading {
  private readonly sum: Sha = createHash("sha256");
  private buffer: Bytes = new Uint8Array(0);
  /** bytes taken so far */
  at = 0;

  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
  ) {}

  static async open(path: string): Promise<BackupReading> {
    return new BackupReading(
      path,
      await open(path, "r").catch((error) => {
        throw unreadable(path, error);
      }),
    );
  }

  /** The next bytes, good until the next call. @throws BackupError where the file ends before them */
  async take(length: number): Promise<Bytes> {
    const bytes = await this.next(length);
    this.sum.update(bytes);
    return bytes;
  }

  /** @throws BackupError unless the checksum of all before follows, and nothing behind it */
  async mustEnd(): Promise<void> {
    const sum = this.sum.digest();
    if (!equalBytes(await this.next(SUM_BYTES), sum)) throw this.damaged("its checksum is wrong");
    if (this.buffer.length > 0 || (await this.read(1)).length > 0)
      throw this.damaged("something follows its end");
  }

  close(): Promise<void> {
    return this.file.close();
  }

  damaged(why: string): BackupError {
    return new BackupError(
      "BACKUP_DAMAGED",
      `could not restore from ${this.path}`,
      why,
      "take another backup; or start without one: the peer catches up from the network",
    );
  }

  private async next(length: number): Promise<Bytes> {
    if (length > MAX_PART_BYTES) throw this.damaged(`a part of it claims ${length} bytes`);
    while (this.buffer.length < length) {
      const more = await this.read(Math.max(CHUNK_BYTES, length - this.buffer.length));
      if (more.length === 0) throw this.damaged("it ends too early");
      this.buffer = this.buffer.length === 0 ? more : Buffer.concat([this.buffer, more]);
    }
    const bytes = this.buffer.subarray(0, length);
    this.buffer = this.buffer.subarray(length);
    this.at += length;
    return bytes;
  }

  private async read(length: number): Promise<Bytes> {
    const chunk = new Uint8Array(length);
    const { bytesRead } = await this.file.read(chunk, 0, length).catch((error) => {
      throw unreadable(this.path, error);
    });
    return chunk.subarray(0, bytesRead);
  }
}

const unreadable = (path: string, error: unknown): BackupError =>
  new BackupError(
    "BACKUP_UNREADABLE",
    `could not read the backup ${path}`,
    messageOf(error),
    "name a file that `mabeam db backup` wrote",
    error,
  );
