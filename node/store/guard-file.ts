// The sign guard: the last signed message in a small file of its own, older than no database (spec/persistence#guard-file).
import { type FileHandle, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { type Bytes, invariant } from "../../src/base/index.js";
import { codeOf } from "../accident.js";
import { syncFolder } from "../whole-file.js";
import { storeErrorOf } from "./error.js";
import {
  encodeSlot,
  type GuardSlot,
  newestSlot,
  type PlacedSlot,
  SLOT_BYTES,
  slotAfter,
} from "./guard-slot.js";

/** Its name in the folder of the store. */
export const GUARD_FILE = "votes.guard";

/**
 * - `record`: the newest record that was written whole
 * - `missing`: there is no file; a new peer, or one that lost it
 * - `corrupt`: there is a file and neither slot is whole; no crash of ours leaves that behind
 */
export type GuardReading =
  | { readonly kind: "record"; readonly record: Bytes }
  | { readonly kind: "missing" }
  | { readonly kind: "corrupt" };

/** Two slots, of which a write overwrites the older: whatever a crash tears, the newest durable record stays readable. */
export class GuardFile {
  private file: FileHandle | null = null;
  private newest: PlacedSlot | null;
  private readonly missing: boolean;
  private writing = false;

  private constructor(
    readonly path: string,
    bytes: Bytes | null,
  ) {
    this.missing = bytes === null;
    this.newest = bytes === null ? null : newestSlot(bytes);
  }

  /** @throws StoreError when the file is there and cannot be read */
  static async open(path: string): Promise<GuardFile> {
    const bytes = await readFile(path).catch((error) => {
      if (codeOf(error) === "ENOENT") return null;
      throw storeErrorOf("could not read the sign guard", path, error);
    });
    return new GuardFile(path, bytes);
  }

  read(): GuardReading {
    if (this.newest !== null) return { kind: "record", record: this.newest.content.record.slice() };
    return { kind: this.missing ? "missing" : "corrupt" };
  }

  /**
   * Resolves when the record is on the disk; the one before it stays readable until then.
   * @throws StoreError when the disk refuses; InvariantError for two writes at a time or a record above 2 KiB
   */
  async write(record: Bytes): Promise<void> {
    invariant(!this.writing, "the guard is written by one writer at a time");
    this.writing = true;
    try {
      const next = slotAfter(this.newest, record);
      if (this.newest === null) await this.create(next.content);
      else await this.overwrite(next);
      this.newest = next;
    } catch (error) {
      throw storeErrorOf("could not write the sign guard", this.path, error);
    } finally {
      this.writing = false;
    }
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = null;
  }

  /** A whole new file under another name, then renamed: a guard file that exists has held a record. */
  private async create(content: GuardSlot): Promise<void> {
    const bytes = new Uint8Array(2 * SLOT_BYTES);
    bytes.set(encodeSlot(content));
    const draft = `${this.path}.new`;
    const file = await open(draft, "w", 0o600);
    try {
      await writeAt(file, bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, this.path);
    await syncFolder(dirname(this.path));
  }

  private async overwrite({ slot, content }: PlacedSlot): Promise<void> {
    this.file ??= await open(this.path, "r+");
    await writeAt(this.file, encodeSlot(content), slot * SLOT_BYTES);
    await this.file.datasync();
  }
}

async function writeAt(file: FileHandle, bytes: Bytes, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
