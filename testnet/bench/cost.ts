// Cost: the CPU time of this process, all its threads, and the time on the clock.
import { performance } from "node:perf_hooks";

export interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

export async function costOf(work: () => void | Promise<void>): Promise<Cost> {
  const startedAtMs = performance.now();
  const cpuAtStart = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpuAtStart);
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - startedAtMs };
}
