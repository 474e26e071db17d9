// Books of a daemon that keeps nothing: rows that end with the process.
import type { Changes, Disk, Range, Row } from "./disk.js";

export class MemoryDisk implements Disk {
  readonly folder: string = "memory";

  constructor(protected readonly rows: Map<string, Uint8Array> = new Map()) {}

  async read({ gte, lt, limit, reverse }: Range): Promise<Row[]> {
    const rows = [...this.rows].filter(([key]) => key >= gte && key < lt);
    rows.sort(([a], [b]) => (a < b ? -1 : 1));
    return (reverse ? rows.reverse() : rows).slice(0, limit);
  }

  async write(changes: Changes): Promise<void> {
    for (const [key, value] of changes) {
      if (value === null) this.rows.delete(key);
      else this.rows.set(key, value);
    }
  }

  async reopen(): Promise<void> {}

  async close(): Promise<void> {}
}
