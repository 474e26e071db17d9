// A request that waits for the ledger to begin: as long as its client does, and as long as the gateway serves.
import type { GatewayClock } from "./clock.js";
import type { Once } from "./once.js";

/**
 * How the wait ended: the ledger has begun, who asked has gone, the gateway ends, or its time is over.
 * @param begun given once it has @param gone once who asked has @param stopping once nothing new is begun @param mostMs at most so long
 */
export function untilBegun(
  begun: Once,
  gone: Once,
  stopping: Once,
  mostMs: number,
  clock: GatewayClock,
): Promise<"begun" | "left" | "stopped" | "late"> {
  if (gone.hasHappened) return Promise.resolve("left");
  if (stopping.hasHappened) return Promise.resolve("stopped");
  if (begun.hasHappened) return Promise.resolve("begun");
  return new Promise((resolve) => {
    const waits = [
      clock.later(Math.max(0, mostMs), () => end("late")),
      gone.when(() => end("left")),
      stopping.when(() => end("stopped")),
      begun.when(() => end("begun")),
    ];
    const end = (how: "begun" | "left" | "stopped" | "late"): void => {
      for (const forget of waits) forget();
      resolve(how);
    };
  });
}
