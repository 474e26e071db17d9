// Cost: the CPU time of this process, all its threads, and the time on the clock; and what the machine gave one thread.
import { readFileSync } from "node:fs";
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

/** What the machine did with a thread that wanted to run. */
export interface Granted {
  /** it ran */
  readonly ranMs: number;
  /** it could have run, and others had the core */
  readonly heldUpMs: number;
}

/** Of the calling thread, since it began; null where the system does not tell. */
export function grantedSoFar(): Granted | null {
  try {
    const [ranNs, heldUpNs] = readFileSync("/proc/thread-self/schedstat", "utf8").split(" ").map(Number);
    return { ranMs: ranNs! / 1e6, heldUpMs: heldUpNs! / 1e6 };
  } catch {
    return null; // not Linux
  }
}
