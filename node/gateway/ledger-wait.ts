// A request that waits for the ledger to begin: as long as its client does, and as long as the gateway serves.
import type { GatewayClock } from "./clock.js";

/**
 * How the wait ended: the ledger has begun, who asked has gone, the gateway ends, or its time is over.
 * @param gone given once who asked has @param stopping given once nothing new is begun @param mostMs at most so long
 */
export function untilBegun(
  begins: Promise<void>,
  gone: AbortSignal,
  stopping: AbortSignal,
  mostMs: number,
  clock: GatewayClock,
): Promise<"begun" | "left" | "stopped" | "late"> {
  if (gone.aborted) return Promise.resolve("left");
  if (stopping.aborted) return Promise.resolve("stopped");
  return new Promise((resolve) => {
    const leave = () => end("left");
    const stop = () => end("stopped");
    const callOff = clock.later(Math.max(0, mostMs), () => end("late"));
    const end = (how: "begun" | "left" | "stopped" | "late"): void => {
      callOff();
      gone.removeEventListener("abort", leave);
      stopping.removeEventListener("abort", stop);
      resolve(how);
    };
    gone.addEventListener("abort", leave);
    stopping.addEventListener("abort", stop);
    void begins.then(() => end("begun"));
  });
}
