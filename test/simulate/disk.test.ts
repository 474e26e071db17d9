// A disk that loses what it said was synced: its rows are those of one batch before, its guard file is today's.
import { describe, expect, it } from "vitest";
import type { Write } from "../../src/peer/ready.js";
import { Disk } from "../../testnet/lab/simulate/world/disk.js";

const put = (key: string, value: number): Write => ({ kind: "put", key, value: Uint8Array.of(value) });
const guard = (value: number): Write => ({ kind: "guard", record: Uint8Array.of(value) });

function written(...batches: Write[][]): Disk {
  const disk = new Disk();
  for (const batch of batches) {
    disk.writeGuard(batch);
    disk.writeBatch(batch);
  }
  return disk;
}

describe("a lost batch", () => {
  const first = [guard(1), put("a", 1), put("b", 1)];
  const second = [guard(2), put("a", 2), put("a", 3), { kind: "delete", key: "b" } as const, put("c", 3)];

  it("leaves rows as they were before it, and the guard as it was after it", () => {
    const disk = written(first, second);
    disk.loseBatch();
    expect(disk.rows()).toEqual(written(first).rows());
    expect(disk.guard).toEqual(Uint8Array.of(2));
  });

  it("is one: the batch before it is not lost too", () => {
    const disk = written(first, second);
    disk.loseBatch();
    disk.loseBatch();
    expect(disk.rows()).toEqual(written(first).rows());
  });

  it("leaves a store that is known to be no new one", () => {
    const disk = written(first);
    disk.loseBatch();
    expect(disk.rows()).toEqual([]);
    expect(disk.isNew).toBe(false);
  });
});
