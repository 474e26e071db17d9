// Cost: the CPU time of this process, all its threads, and the time on the clock; and what the machine gave one thread.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
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

/** CPU time that other processes have used so far, all their threads. @throws Error where one has ended */
export function cpuMsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuMsOfOne(pid), 0);
}

/** Ticks of the kernel's accounts: 100 a second on every Linux that Node runs on. */
const TICK_MS = 10;

function cpuMsOfOne(pid: number): number {
  if (process.platform === "linux") {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in parentheses, may hold blanks: what follows it begins with the third field.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }
  const parts = execFileSync("ps", ["-o", "time=", "-p", String(pid)], { encoding: "utf8" })
    .trim()
    .split(":");
  return parts.reduce((seconds, part) => seconds * 60 + Number(part), 0) * 1000;
}

/** Bytes of a process's resident memory. @throws Error where it has ended */
export function residentBytesOf(pid: number): number {
  const kib =
    process.platform === "linux"
      ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]
      : execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" });
  return Number(kib) * 1024;
}

/** Bytes of all files below a folder; those that go meanwhile count nothing. */
export async function bytesUnder(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => null)));
  return sizes.reduce((sum, one) => sum + (one?.isFile() ? one.size : 0), 0);
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
