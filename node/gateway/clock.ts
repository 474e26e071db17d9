// The time that a gateway goes by: one clock for waits and limits, which no correction moves, and the date.
import { performance } from "node:perf_hooks";

export interface GatewayClock {
  /** whole ms since some moment; they never go back */
  nowMs(): number;
  /** whole ms since 1970; they may jump */
  wallMs(): number;
  /** Calls back once, no earlier than so many ms from now. @returns calls it off */
  later(ms: number, run: () => void): () => void;
}

/** A timer of Node's takes no longer delay. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export function gatewayClock(): GatewayClock {
  return {
    nowMs: () => Math.floor(performance.now()),
    wallMs: Date.now,
    later(ms, run) {
      const timer = setTimeout(run, Math.min(MAX_DELAY_MS, Math.max(0, Math.ceil(ms))));
      return () => clearTimeout(timer);
    },
  };
}
