// A simulated disk: rows and the two slots of the guard file, durable once written, and damaged as disks are.
import {
  encodeSlot,
  newestSlot,
  type PlacedSlot,
  SLOT_BYTES,
  slotAfter,
} from "../../../../node/store/guard-slot.js";
import { openRow, sealRow } from "../../../../node/store/row-seal.js";
import type { Bytes } from "../../../../src/base/index.js";
import type { Write } from "../../../../src/peer/ready.js";
import type { Random } from "./random.js";

/** What is in a store's folder at one moment. */
export interface DiskCopy {
  readonly table: ReadonlyMap<string, Bytes>;
  readonly guardFile: Bytes | null;
}

/**
 * Every write of the real store is synced, so none that has returned is lost. One under way at a crash may be there or
 * not: LevelDB drops a torn record whole, hence a batch is all or nothing; a torn guard slot fails its checksum, hence
 * the other slot, which holds the record before, counts. Rows are sealed as in the real store: a turned bit is seen at
 * the next start, and then the store is given up (`moveAside`), as the daemon's message tells its owner to.
 */
export class Disk {
  private table = new Map<string, Bytes>();
  private guardFile: Bytes | null = null;
  /** what the process that writes knows of the guard file; undefined: it has to be read first */
  private newest: PlacedSlot | null | undefined = null;
  /** a row as the disk holds it, with its seal, after damage */
  private turned: { readonly key: string; readonly sealed: Bytes } | null = null;
  /** the last batch, and what its rows were before it */
  private undo: readonly (readonly [key: string, before: Bytes | undefined])[] = [];
  /** no write succeeds */
  isFull = false;
  private hasLost = false;

  /** Rows in the order of their keys, as a store would give them back. */
  rows(): [string, Bytes][] {
    return [...this.table].sort((a, b) => (a[0] < b[0] ? -1 : 1));
  }

  row(key: string): Bytes | null {
    return this.table.get(key) ?? null;
  }

  /** The newest record that was written whole; null where there is none, or no file. */
  get guard(): Bytes | null {
    return this.readGuard()?.content.record ?? null;
  }

  /** Nothing was ever lost here: an empty store is a beginning. */
  get isNew(): boolean {
    return !this.hasLost && this.table.size === 0;
  }

  /** Whether opening the store fails: a row is not what was written. */
  get isCorrupt(): boolean {
    return this.turned !== null && openRow(this.turned.key, this.turned.sealed) === null;
  }

  /**
   * The guard file: written and synced before the batch it belongs to (spec/persistence#U1).
   * @param tornAt a crash lets only so many bytes of the slot through; the very first write is a rename, whole or not
   */
  writeGuard(writes: readonly Write[], tornAt = SLOT_BYTES): void {
    const record = writes.findLast((write) => write.kind === "guard")?.record;
    if (record === undefined) return;
    const before = this.newest === undefined ? this.readGuard() : this.newest;
    if (before === null && tornAt < SLOT_BYTES) return;
    const next = slotAfter(before, record);
    if (before === null || this.guardFile === null) this.guardFile = new Uint8Array(2 * SLOT_BYTES);
    this.guardFile.set(encodeSlot(next.content).subarray(0, tornAt), next.slot * SLOT_BYTES);
    this.newest = tornAt < SLOT_BYTES ? undefined : next;
  }

  /** One atomic, synced batch: all of it or nothing. */
  writeBatch(writes: readonly Write[]): void {
    this.undo = writes.flatMap((write) =>
      write.kind === "guard" ? [] : [[write.key, this.table.get(write.key)]],
    );
    for (const write of writes) {
      if (write.kind === "put") this.table.set(write.key, write.value);
      else if (write.kind === "delete") this.table.delete(write.key);
    }
  }

  copy(): DiskCopy {
    return { table: new Map(this.table), guardFile: this.guardFile?.slice() ?? null };
  }

  /** An older copy of the rows, and of the guard file where `whole`. */
  restore({ table, guardFile }: DiskCopy, whole: boolean): void {
    this.table = new Map(table);
    this.undo = [];
    this.turned = null;
    this.hasLost = true;
    if (!whole) return;
    this.guardFile = guardFile?.slice() ?? null;
    this.newest = undefined;
  }

  /** The disk said that the last batch was synced, and it was not. */
  loseBatch(): void {
    for (const [key, before] of [...this.undo].reverse()) {
      if (before === undefined) this.table.delete(key);
      else this.table.set(key, before);
    }
    this.undo = [];
    this.hasLost = true;
  }

  /** The store's folder is gone, or was put aside. */
  moveAside(): void {
    this.restore({ table: new Map(), guardFile: null }, true);
  }

  loseGuard(): void {
    this.guardFile = null;
    this.newest = null;
    this.hasLost = true;
  }

  /** Turns one bit of some row. */
  turnRowBit(random: Random): void {
    if (this.table.size === 0) return;
    const key = random.pick([...this.table.keys()]);
    const sealed = sealRow(key, this.table.get(key)!);
    turnBit(sealed, sealed.length, random);
    this.turned = { key, sealed };
  }

  /** Turns one bit of what the guard file says. */
  turnGuardBit(random: Random): void {
    if (this.guardFile === null) return;
    turnBit(this.guardFile.subarray(random.between(0, 1) * SLOT_BYTES), WRITTEN_BYTES, random);
    this.newest = undefined;
  }

  private readGuard(): PlacedSlot | null {
    return this.guardFile === null ? null : newestSlot(this.guardFile);
  }
}

/** A record of a seat with its head and checksum is about so long; the rest of a slot is padding. */
const WRITTEN_BYTES = 128;

function turnBit(bytes: Bytes, length: number, random: Random): void {
  const at = random.between(0, length - 1);
  bytes[at]! ^= 1 << random.between(0, 7);
}
