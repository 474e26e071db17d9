// The upstream's clock: real time, or real time run faster. Limits, pauses and told times all go by it.
import { setTimeout as wait } from "node:timers/promises";

/** Unix time in whole milliseconds, as this world counts it. */
export interface Clock {
  nowMs(): number;
  /** Ends early, without an error, when the signal is given. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/**
 * @param speed how many of its milliseconds pass in a real one: > 0; at 60 a minute's limits refill in a second
 * @param startMs what it shows first
 */
export function runningClock(speed: number, startMs: number): Clock {
  const begun = performance.now();
  return {
    nowMs: () => startMs + Math.floor((performance.now() - begun) * speed),
    sleep: async (ms, signal) => {
      if (ms <= 0 || signal.aborted) return;
      try {
        await wait(Math.ceil(ms / speed), undefined, { signal });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };
}
