// Brings chosen faults into a world, counts them, and ends them all at once.
import { CALM, type Faults, type Partition } from "./faults.js";
import type { World } from "./world/world.js";

/** How often each kind of fault really happened. */
export interface FaultCounts {
  lost: number;
  duplicated: number;
  reordered: number;
  cut: number;
  partitions: number;
  crashes: number;
  pauses: number;
  skewedClocks: number;
}

export const noFaults = (): FaultCounts => ({
  lost: 0,
  duplicated: 0,
  reordered: 0,
  cut: 0,
  partitions: 0,
  crashes: 0,
  pauses: 0,
  skewedClocks: 0,
});

export class Injection {
  private readonly counts = noFaults();
  private readonly open = new Set<Partition>();

  constructor(
    private readonly world: World,
    faults: Faults,
  ) {
    world.witnesses.push({ crashed: () => void this.counts.crashes++ });
    this.counts.skewedClocks = faults.clockOffsetsMs.filter((offset) => offset !== 0).length;
    for (const partition of faults.partitions) {
      world.agenda.at(partition.atMs, () => this.begin(partition));
      world.agenda.at(partition.atMs + partition.durationMs, () => this.end(partition));
    }
    for (const { atMs, host, point, downMs } of faults.crashes) {
      world.agenda.at(atMs, () => world.hosts[host]!.crash(point, downMs));
    }
    for (const { atMs, host, durationMs } of faults.pauses) {
      world.agenda.at(atMs, () => {
        if (!world.hosts[host]!.isUp) return;
        this.counts.pauses++;
        world.hosts[host]!.pause(durationMs);
      });
    }
  }

  /** Ends every fault: links are whole, processes run, the weather is calm. Clocks stay as they are. */
  heal(): void {
    for (const partition of [...this.open]) this.end(partition);
    this.world.links.change(CALM);
    for (const host of this.world.hosts) {
      host.spare();
      host.resume();
      host.start();
    }
  }

  total(): FaultCounts {
    const { lost, duplicated, reordered, cut } = this.world.links.counts;
    return { ...this.counts, lost, duplicated, reordered, cut };
  }

  private begin(partition: Partition): void {
    this.counts.partitions++;
    this.open.add(partition);
    for (const [from, to] of partition.cuts) this.world.links.cut(from, to);
  }

  private end(partition: Partition): void {
    if (!this.open.delete(partition)) return;
    for (const [from, to] of partition.cuts) this.world.links.mend(from, to);
    for (const [from, to] of partition.cuts) {
      const [a, b] = [this.world.hosts[from]!, this.world.hosts[to]!];
      const { links } = this.world;
      if (a.isUp && b.isUp && links.hears(to, from) && links.hears(from, to)) this.world.reconnect(a, b);
    }
  }
}
