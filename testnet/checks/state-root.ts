// state-root: at every height that two peers reported, they had the same entry and the same state.
import type { Hex } from "../../src/base/index.js";
import { type Check, type PeerTestimony, type Testimony, verdict } from "./testimony.js";

/** Also fails where no height was reported by all: silence is not agreement. */
export function checkStateRoot(testimony: Testimony): Check {
  const wrongs = [
    ...disagreements(testimony.peers, "state root", (peer) => peer.roots),
    ...disagreements(testimony.peers, "entry", (peer) => peer.entries),
  ];
  const common = lastCommonHeight(testimony.peers);
  if (common === null) wrongs.push("no height was reported by every peer");
  return verdict("state-root", wrongs, `${testimony.peers.length} peers agree, at last at height ${common}`);
}

/** Heights at which two peers had different entries (spec/log#S1). */
export const countForks = (peers: readonly PeerTestimony[]): number =>
  disagreements(peers, "entry", (peer) => peer.entries).length;

/** The greatest height after which every peer reported its state root. */
export function lastCommonHeight(peers: readonly Pick<PeerTestimony, "roots">[]): number | null {
  const [first, ...others] = peers;
  if (first === undefined) return null;
  const common = [...first.roots.keys()].filter((height) => others.every((peer) => peer.roots.has(height)));
  return common.length === 0 ? null : common.reduce((a, b) => Math.max(a, b));
}

function disagreements(
  peers: readonly PeerTestimony[],
  what: string,
  valuesOf: (peer: PeerTestimony) => ReadonlyMap<number, Hex>,
): string[] {
  const firstSaid = new Map<number, { readonly peer: string; readonly value: Hex }>();
  const wrongs = new Map<number, string>();
  for (const peer of peers) {
    for (const [height, value] of valuesOf(peer)) {
      const said = firstSaid.get(height);
      if (said === undefined) firstSaid.set(height, { peer: peer.name, value });
      else if (said.value !== value && !wrongs.has(height)) {
        wrongs.set(
          height,
          `${what} at height ${height}: ${peer.name} has ${value}, ${said.peer} has ${said.value}`,
        );
      }
    }
  }
  return [...wrongs.values()];
}
