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

interface Met {
  readonly direction: "inbound" | "outbound";
  readonly addresses: readonly string[];
  readonly connectedMs: number;
}

/** Peers that a restart dials first, whoever else has become known: attackers cannot have been there before it. */
const ANCHORS = 2;

/**
 * One address of each peer worth coming back to: the anchors first, which this peer dialled itself and has been
 * connected to longest, then the others.
 */
export function worthKeeping(connected: readonly Met[]): readonly string[] {
  const byAge = [...connected].sort((a, b) => b.connectedMs - a.connectedMs);
  const anchors = byAge.filter(({ direction }) => direction === "outbound").slice(0, ANCHORS);
  return [...anchors, ...byAge.filter((one) => !anchors.includes(one))].flatMap(({ addresses }) =>
    addresses.slice(0, 1),
  );
}

/** Keeps the first `MAX_KEPT` of them, each once. */
export function writeAddresses(path: string, addresses: readonly string[]): Promise<void> {
  const kept = [...new Set(addresses)].slice(0, MAX_KEPT);
  return writeWhole(path, `${JSON.stringify({ addresses: kept }, null, 2)}\n`);
}
