// How much lies on each shelf of a mempool, and whether more fits.
import type { Shelf, ShelfLimits } from "./shelves.js";

/** What takes room on a shelf. */
interface Weighed {
  readonly shelf: Shelf;
  /** bytes */
  readonly size: number;
}

export class ShelfLoads {
  private readonly loads: Record<Shelf, { operations: number; bytes: number }> = {
    critical: { operations: 0, bytes: 0 },
    bulk: { operations: 0, bytes: 0 },
    openings: { operations: 0, bytes: 0 },
    evidence: { operations: 0, bytes: 0 },
  };

  constructor(private readonly limits: ShelfLimits) {}

  /** Operations on a shelf. */
  on(shelf: Shelf): number {
    return this.loads[shelf].operations;
  }

  /** @param leaving what would make room, of the same shelf */
  fits({ shelf, size }: Weighed, leaving: Weighed | null = null): boolean {
    const load = this.loads[shelf];
    const limit = this.limits[shelf];
    const [operations, bytes] = leaving === null ? [0, 0] : [1, leaving.size];
    return load.operations - operations < limit.operations && load.bytes - bytes + size <= limit.bytes;
  }

  add(one: Weighed): void {
    this.weigh(one, 1);
  }

  remove(one: Weighed): void {
    this.weigh(one, -1);
  }

  private weigh({ shelf, size }: Weighed, by: 1 | -1): void {
    this.loads[shelf].operations += by;
    this.loads[shelf].bytes += by * size;
  }
}
