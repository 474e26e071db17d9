// Quiet: nothing is on its way any more, and every peer has executed all that was.
import { setTimeout as pause } from "node:timers/promises";
import { Accident } from "../../node/accident.js";
import type { PeerNode } from "../../node/peer-node.js";

const LOOK_EVERY_MS = 50;
const PATIENCE_MS = 30_000;
/**
 * Entries without an operation that every peer has executed since the last one with some: enough for a header that
 * attests its state, and for a certificate above that.
 */
const QUIET_ENTRIES = 4;

/** Resolves to a height that all peers have executed, with no operation above or waiting. @throws Accident NOT_QUIET */
export async function allQuiet(peers: readonly PeerNode[]): Promise<number> {
  let lastBusyHeight = 0;
  const stops = peers.map((peer) =>
    peer.subscribe((notice) => {
      if (notice.kind === "entry" && notice.operations > 0)
        lastBusyHeight = Math.max(lastBusyHeight, notice.height);
    }),
  );
  const reached = Math.max(...peers.map(({ peer }) => peer.tip.height));
  try {
    for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_EVERY_MS) {
      const least = Math.min(...peers.map(({ peer }) => peer.tip.height));
      const waiting = peers.some(({ peer }) => peer.mempool.size > 0);
      if (!waiting && least >= Math.max(reached, lastBusyHeight) + QUIET_ENTRIES) return least;
      await pause(LOOK_EVERY_MS);
    }
  } finally {
    for (const stop of stops) stop();
  }
  const states = peers.map(
    ({ name, peer }) => `${name} at ${peer.tip.height} with ${peer.mempool.size} waiting`,
  );
  throw new Accident(
    "NOT_QUIET",
    "the network does not come to rest",
    states.join(", "),
    "look into its log",
  );
}
