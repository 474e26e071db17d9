// Addresses that outlive a daemon: whom it was told to join, and whom it was connected to last.
import { readFileSync } from "node:fs";
import { z } from "zod";
import { writeWhole } from "./whole-file.js";

/** As many as a restart needs to find its network again. */
const MAX_KEPT = 32;

const file = z.strictObject({ addresses: z.array(z.string().min(1).max(512)).max(MAX_KEPT) });

/** The addresses of an earlier run; none where there is no such file, or it is not what a daemon wrote. */
export function readAddresses(path: string): readonly string[] {
  try {
    return file.parse(JSON.parse(readFileSync(path, "utf8"))).addresses;
  } catch {
    return []; // only hints: a peer without them is told so by its status
  }
}

/** Keeps the first `MAX_KEPT` of them, each once. */
export function writeAddresses(path: string, addresses: readonly string[]): Promise<void> {
  const kept = [...new Set(addresses)].slice(0, MAX_KEPT);
  return writeWhole(path, `${JSON.stringify({ addresses: kept }, null, 2)}\n`);
}
