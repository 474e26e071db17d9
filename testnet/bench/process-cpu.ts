// CPU time of another process, by `/proc`, which every Linux has that Node runs on.
import { readFile } from "node:fs/promises";

const TICK_MS = 10;

/** Of all its threads since its start, user and system; null where the system does not tell. */
export async function cpuMsOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (stat === null) return null;
  // After the name, which stands in brackets: state, then ten numbers, then ticks in user and in system mode.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
