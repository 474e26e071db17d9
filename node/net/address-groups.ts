// Groups of addresses that one owner is likely to hold together, whom to dial and whom to let go so that no group has them all
// (spec/network#V2, V4).
import type { PeerRef } from "../../src/peer/event.js";
import { isLoopback } from "./reach.js";

/** Who asks for something that is given away: a name costs nothing, an address a little. */
export interface Asker {
  readonly peer: PeerRef;
  /** `groupOf` its address */
  readonly group: string;
}

/** The group of a multiaddr: the /16 of IPv4, the /32 of IPv6, else the name it begins with. */
export function groupOf(address: string): string {
  const [, kind, host = ""] = address.split("/");
  if (kind === "ip4") return host.split(".").slice(0, 2).join(".");
  if (kind === "ip6") return ipv6Group(host);
  return host.toLowerCase();
}

/** The first 32 bits of an IPv6 address; an IPv4 address in its clothes is in the group of that. */
function ipv6Group(host: string): string {
  const mapped = /^::ffff:(?:(\d+\.\d+)\.|([\da-f]{1,4}):[\da-f]{1,4}$)/i.exec(host);
  if (mapped !== null) {
    const high = Number.parseInt(mapped[2] ?? "0", 16);
    return mapped[1] ?? `${high >> 8}.${high & 255}`;
  }
  const [head = ""] = host.split("::");
  const parts = head === "" ? [] : head.split(":");
  return [parts[0] ?? "0", parts[1] ?? "0"].map((part) => Number.parseInt(part, 16).toString(16)).join(":");
}

/**
 * Of several candidates one whose group has the fewest of the connections that were made: while there are enough groups,
 * they are all distinct, and where there are too few, as in one data centre, none is preferred.
 * @param taken the groups of those connections, one for each
 * @param draw a number in [0, 1) that chooses among equals
 * @returns its index; -1 for no candidates
 */
export function leastTaken(
  candidates: readonly (readonly string[])[],
  taken: readonly string[],
  draw: number,
): number {
  const counts = candidates.map((addresses) => {
    const groups = new Set(addresses.map(groupOf));
    return taken.filter((group) => groups.has(group)).length;
  });
  const least = Math.min(...counts);
  const equals = [...counts.keys()].filter((i) => counts[i] === least);
  return equals[Math.floor(draw * equals.length)] ?? -1;
}

/** Of the places for those that come by themselves, one group has at most so large a part. */
const PART_OF_ONE_GROUP = 1 / 4;

/**
 * Which of those that came by themselves, by their addresses in the order in which they came, is one too many: the newest of
 * the largest group. One machine is one group, and its peers may take all places.
 * @returns its index; -1: none is
 */
export function oneTooMany(addresses: readonly string[], places: number): number {
  const groups = addresses.map(groupOf);
  const sizes = new Map<string, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const newestOfLargest = (among: readonly number[]): number =>
    among.reduce(
      (most, i) => (most < 0 || sizes.get(groups[i]!)! >= sizes.get(groups[most]!)! ? i : most),
      -1,
    );
  const all = [...groups.keys()];
  if (all.length > places) return newestOfLargest(all);
  const most = newestOfLargest(all.filter((i) => !isLoopback(addresses[i]!)));
  return most >= 0 && sizes.get(groups[most]!)! > Math.ceil(places * PART_OF_ONE_GROUP) ? most : -1;
}
