// The naive reckoning of windows, by which checkers judge phases: outages move what lies ahead, and leaders know by headers.
import { describe, expect, it } from "vitest";
import { clockAfter } from "../../src/ledger/clock.js";
import { LOCAL_TESTNET_PARAMS, newClock, outageMs } from "../../src/ledger/index.js";
import { type LoggedStep, Windows } from "../../testnet/lab/checks/windows.js";
import { Random } from "../../testnet/lab/simulate/world/random.js";

const LIMIT_MS = 100;
const PACE = { genesisMs: 0, outageMs: LIMIT_MS, tolerance: 1 };

/** Entries at these times, each led by another and telling of its parent's execution. */
const at = (...times: number[]): LoggedStep[] =>
  times.map((timeMs, i) => ({ height: i + 1, timeMs, leader: i % 4, execHeight: i }));

describe("an outage", () => {
  it("is a gap beyond the limit, and moves a close that lies ahead of it", () => {
    const windows = new Windows(at(10, 110, 211, 300), PACE);
    expect([0, 1, 2, 3, 4].map((height) => windows.outagesMs(height))).toEqual([0, 0, 0, 101, 101]);
    expect(windows.closeMs(1, 150, 2)).toBe(160);
    expect(windows.closeMs(1, 150, 4)).toBe(261);
  });

  it("leaves a close that had come when it began", () => {
    const windows = new Windows(at(10, 110, 250), PACE);
    expect(windows.closeMs(1, 100, 3)).toBe(110);
    expect(windows.closeMs(1, 101, 3)).toBe(111 + 140);
  });

  it("needs rest after four: a gap without it is time like any other", () => {
    const busy = at(...Array.from({ length: 6 }, (_, i) => (i + 1) * 200));
    expect(new Windows(busy, PACE).outagesMs(6)).toBe(4 * 200);
    const rested = [...Array.from({ length: 4 }, (_, i) => (i + 1) * 200)];
    for (let i = 0; i < 10; i++) rested.push(rested.at(-1)! + LIMIT_MS);
    rested.push(rested.at(-1)! + 200);
    expect(new Windows(at(...rested), PACE).outagesMs(rested.length)).toBe(5 * 200);
  });

  it("is what the ledger's own clock says it is, over logs of every pace", () => {
    const params = LOCAL_TESTNET_PARAMS;
    const limitMs = outageMs(params);
    for (let seed = 0; seed < 200; seed++) {
      const random = new Random(seed, "paces");
      const gaps = [limitMs, limitMs + 1, 2 * limitMs, Math.floor(limitMs / 3), 9 * limitMs, 1];
      let timeMs = 0;
      const steps = at(...Array.from({ length: 60 }, () => (timeMs += random.pick(gaps))));
      const windows = new Windows(steps, { ...PACE, outageMs: limitMs });
      let clock = newClock();
      for (const step of steps) {
        const parentTimeMs = windows.timeMs(step.height - 1);
        clock = clockAfter(clock, { timeMs: step.timeMs, parentTimeMs }, params);
        expect({ seed, ...step, ms: windows.outagesMs(step.height) }).toEqual({
          seed,
          ...step,
          ms: clock.outagesMs,
        });
      }
    }
  });
});

describe("F+1 leaders have known an entry", () => {
  const led = (...entries: [leader: number, execHeight: number][]): LoggedStep[] =>
    entries.map(([leader, execHeight], i) => ({ height: i + 1, timeMs: 10 * i, leader, execHeight }));

  it("when two of them say that they have executed it, each anew", () => {
    const steps = led([0, 0], [1, 1], [2, 1], [3, 2], [0, 4]);
    // Height 2 says that it executed 1; height 3 merely repeats it; height 4 is the second that knows.
    expect(new Windows(steps, PACE).knownAt(1, 6)).toBe(4);
    expect(new Windows(steps, PACE).knownAt(1, 4)).toBeNull();
  });

  it("and one leader is one, however often it leads", () => {
    expect(new Windows(led([0, 0], [1, 1], [1, 2], [1, 3]), PACE).knownAt(1, 5)).toBeNull();
  });
});
