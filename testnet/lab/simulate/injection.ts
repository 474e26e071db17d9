// Brings chosen faults into a world, counts them, and ends them all at once.
import type { ClockStep } from "./clock-faults.js";
import type { DiskFault } from "./disk-faults.js";
import { CALM, type Faults, type Partition } from "./faults.js";
import type { Disk, DiskCopy } from "./world/disk.js";
import type { Random } from "./world/random.js";
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
  clockSteps: number;
  /** processes that ended because their disk was full */
  fullDisks: number;
  turnedBits: number;
  /** stores and guard files that vanished */
  lostDisks: number;
  /** disks that came back from an older copy */
  restoredDisks: number;
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
  clockSteps: 0,
  fullDisks: 0,
  turnedBits: 0,
  lostDisks: 0,
  restoredDisks: 0,
});

/** A full disk counts when a process meets it. */
const COUNTED_AS: Readonly<Record<DiskFault["kind"], keyof FaultCounts | null>> = {
  full: null,
  turnedRow: "turnedBits",
  turnedGuard: "turnedBits",
  lostGuard: "lostDisks",
  lostStore: "lostDisks",
  lostBatch: "restoredDisks",
  oldRows: "restoredDisks",
  oldImage: "restoredDisks",
};

export class Injection {
  private readonly counts = noFaults();
  private readonly open = new Set<Partition>();
  private isHealed = false;

  constructor(
    private readonly world: World,
    faults: Faults,
    private readonly random: Random,
  ) {
    world.witnesses.push({
      crashed: () => void this.counts.crashes++,
      filled: () => void this.counts.fullDisks++,
    });
    for (const step of faults.clockSteps ?? []) this.planStep(step);
    for (const fault of faults.disks ?? []) this.planDisk(fault);
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

  /**
   * Ends every fault: links are whole, processes run, disks have space, the weather is calm. Clocks that were set are
   * set back; offsets and drifts that members bear stay.
   */
  heal(): void {
    this.isHealed = true;
    for (const partition of [...this.open]) this.end(partition);
    this.world.links.change(CALM);
    this.world.links.renew();
    for (const host of this.world.hosts) {
      host.clock.mend();
      host.disk.isFull = false;
      host.spare();
      host.resume();
      host.start();
    }
  }

  total(): FaultCounts {
    const { lost, duplicated, reordered, cut } = this.world.links.counts;
    return { ...this.counts, lost, duplicated, reordered, cut };
  }

  private planStep({ atMs, host, byMs, forMs }: ClockStep): void {
    const { clock } = this.world.hosts[host]!;
    this.world.agenda.at(atMs, () => {
      this.counts.clockSteps++;
      clock.step(byMs);
    });
    if (forMs === null) return;
    this.world.agenda.at(atMs + forMs, () => {
      if (!this.isHealed) clock.step(-byMs);
    });
  }

  private planDisk(fault: DiskFault): void {
    const { agenda, hosts } = this.world;
    const host = hosts[fault.host]!;
    let copy: DiskCopy | null = null;
    if ("copiedAtMs" in fault) {
      agenda.at(fault.copiedAtMs, () => {
        copy = host.disk.copy();
      });
    }
    agenda.at(fault.atMs, () => {
      if (fault.kind === "full") host.disk.isFull = true;
      else host.crash("idle", fault.downMs);
      this.strike(host.disk, fault, copy);
    });
    agenda.at(fault.atMs + fault.downMs, () => {
      if (fault.kind !== "full") return;
      host.disk.isFull = false;
      host.start();
    });
  }

  private strike(disk: Disk, { kind }: DiskFault, copy: DiskCopy | null): void {
    if (kind === "turnedRow") disk.turnRowBit(this.random);
    else if (kind === "turnedGuard") disk.turnGuardBit(this.random);
    else if (kind === "lostGuard") disk.loseGuard();
    else if (kind === "lostStore") disk.moveAside();
    else if (kind === "lostBatch") disk.loseBatch();
    else if (kind !== "full") disk.restore(copy!, kind === "oldImage");
    const counted = COUNTED_AS[kind];
    if (counted !== null) this.counts[counted]++;
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
