// A simulated disk: rows and the guard file, each durable only once the driver's write has completed.
import type { Bytes } from "../../../src/base/index.js";
import type { Write } from "../../../src/peer/ready.js";

export class Disk {
  private readonly table = new Map<string, Bytes>();
  private guardRecord: Bytes | null = null;

  /** Rows in the order of their keys, as a store would give them back. */
  rows(): [string, Bytes][] {
    return [...this.table].sort((a, b) => (a[0] < b[0] ? -1 : 1));
  }

  row(key: string): Bytes | null {
    return this.table.get(key) ?? null;
  }

  get guard(): Bytes | null {
    return this.guardRecord;
  }

  /** The guard file: written and synced before the batch it belongs to (PROTOCOL §1.10). */
  writeGuard(writes: readonly Write[]): void {
    for (const write of writes) if (write.kind === "guard") this.guardRecord = write.record;
  }

  /** One atomic, synced batch: all of it or nothing. */
  writeBatch(writes: readonly Write[]): void {
    for (const write of writes) {
      if (write.kind === "put") this.table.set(write.key, write.value);
      else if (write.kind === "delete") this.table.delete(write.key);
    }
  }
}
