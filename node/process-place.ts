// Where a process id means anything: one boot of one machine, and one namespace of process ids (a container has its own).
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { codeOf } from "./accident.js";

/** The place of this process: equal texts mean that a process id of one is a process id of the other. */
export const processPlace = (): string =>
  [
    hostname(),
    factOf(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    factOf(() => readlinkSync("/proc/self/ns/pid")),
  ].join(" ");

/** Systems without such files have one namespace, and their name is all that tells them apart. */
function factOf(read: () => string): string {
  try {
    return read();
  } catch {
    return "-";
  }
}

/** Whether a process of this id runs now, here: enough to name it, never enough to decide by. A zombie has ended. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
  // "pid (name) state …": a name may hold anything, so the state is what follows the last bracket.
  const stat = factOf(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
}
