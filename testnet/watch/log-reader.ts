// The log as one peer keeps it, read to its end, page by page.
import type { LoggedEntry } from "../lab/checks/windows.js";
import type { WatchedPeer } from "./watched-peer.js";

const PAGE = 64;

/** Every entry from height 1 to the peer's newest. */
export async function readWholeLog(peer: WatchedPeer): Promise<readonly LoggedEntry[]> {
  const log: LoggedEntry[] = [];
  for (;;) {
    const page = await peer.readLog(log.length + 1, PAGE);
    for (const { header, ops } of page) {
      const { height, timeMs, leader, execHeight } = header;
      log.push({ height, timeMs, leader, execHeight, ops });
    }
    if (page.length === 0) return log;
  }
}
