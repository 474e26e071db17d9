// A clock for a gateway and its upstream that only a test moves: how fast the machine is does not matter.
import { onTestFinished } from "vitest";
import type { GatewayClock } from "../../../node/gateway/clock.js";
import type { Clock } from "../../../testnet/upstream/clock.js";

/** Some Friday noon. */
const NOON_MS = Date.parse("2026-03-06T12:00:00Z");

export interface TestClock extends GatewayClock, Clock {
  nowMs(): number;
  /** So much time passes; what is due happens in order. */
  pass(ms: number): void;
  /** From now on time passes by itself, so much every few milliseconds, until the test is over. */
  goOn(ms: number): void;
}

export function testClock(): TestClock {
  let nowMs = NOON_MS;
  const due = new Set<{ readonly atMs: number; readonly run: () => void }>();
  const clock: TestClock = {
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    later(ms, run) {
      const one = { atMs: nowMs + Math.max(0, Math.ceil(ms)), run };
      due.add(one);
      return () => void due.delete(one);
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (ms <= 0 || signal.aborted) return resolve();
        const callOff = clock.later(ms, resolve);
        signal.addEventListener("abort", () => {
          callOff();
          resolve();
        });
      }),
    pass(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const [next] = [...due].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
        if (next === undefined) break;
        due.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
      }
      nowMs = untilMs;
    },
    goOn(ms) {
      const timer = setInterval(() => clock.pass(ms), 4);
      onTestFinished(() => clearInterval(timer));
    },
  };
  return clock;
}
