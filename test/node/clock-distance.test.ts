// A clock that is off is told with its size; a peer that catches up, or whose entries are late, is not taken for one.
import { afterEach, describe, expect, test } from "vitest";
import { HostedPeer } from "../../node/api/index.js";
import { ClockWatch } from "../../node/clock-distance.js";
import { HostedNetwork } from "../e2e/network.js";

const networks: HostedNetwork[] = [];
afterEach(() => Promise.all(networks.splice(0).map((network) => network.stop())));

const PRECISION_MS = 500;
const DELAY_MS = 2000;
const SLOW_LIMIT_MS = PRECISION_MS + 10_000;
const FAST_LIMIT_MS = PRECISION_MS + DELAY_MS + 10_000;
const START_MS = 1_000_000_000;

const watch = () => new ClockWatch(PRECISION_MS, DELAY_MS);

/** Entries of one second each, heard at that pace by a clock that is `aheadMs` ahead. */
function live(clock: ClockWatch, count: number, aheadMs: number, from = 0): ClockWatch {
  for (let i = from; i < from + count; i++) {
    const timeMs = START_MS + i * 1000;
    clock.heard(timeMs, timeMs + aheadMs, false);
  }
  return clock;
}

describe("a clock", () => {
  test.each([
    [-SLOW_LIMIT_MS + 1, null],
    [-SLOW_LIMIT_MS, null],
    [-SLOW_LIMIT_MS - 1, -SLOW_LIMIT_MS - 1],
  ])("that is %i ms ahead of one entry is told as %s", (aheadMs, told) => {
    expect(live(watch(), 1, aheadMs).distance?.aheadMs ?? null).toBe(told);
  });

  test.each([
    [FAST_LIMIT_MS - 1, null],
    [FAST_LIMIT_MS, null],
    [FAST_LIMIT_MS + 1, FAST_LIMIT_MS + 1],
  ])("that is %i ms ahead of a row of new entries is told as %s", (aheadMs, told) => {
    expect(live(watch(), 6, aheadMs).distance?.aheadMs ?? null).toBe(told);
  });

  test.each([
    [5, false],
    [6, true],
    [7, true],
  ])("that is two minutes fast is told after %i entries: %s", (count, told) => {
    const { distance } = live(watch(), count, 120_000);
    expect(distance !== null).toBe(told);
    if (told) expect(distance?.message).toMatch(/120 s fast.*NTP/);
  });

  test("that is half a minute slow is told at once, with its size and cure", () => {
    expect(live(watch(), 1, -30_000).distance?.message).toMatch(/30 s slow.*timedatectl set-ntp true/);
  });

  test.each([-30_000, 120_000])("that was %i ms off and is set right is told no more", (aheadMs) => {
    const clock = live(watch(), 6, aheadMs);
    expect(clock.distance).not.toBe(null);
    expect(live(clock, 12, 0, 1000).distance).toBe(null);
  });
});

test("old entries that are caught up with say nothing of the clock", () => {
  const clock = watch();
  for (let i = 0; i < 500; i++) clock.heard(START_MS + i * 1000, START_MS + 86_400_000 + i, false);
  expect(clock.distance).toBe(null);
});

test("a machine that catches up as slowly as entries are made is not told of its clock", () => {
  const clock = watch();
  for (let i = 0; i < 500; i++) clock.heard(START_MS + i * 1000, START_MS + 600_000 + i * 1000, true);
  expect(clock.distance).toBe(null);
  expect(live(clock, 6, 120_000, 1000).distance).not.toBe(null);
});

test("late entries are told when they make a row, until the first one in time; fewer are not", () => {
  const clock = live(watch(), 4, 100);
  live(clock, 5, 60_000, 4);
  expect(clock.distance).not.toBe(null);
  expect(live(clock, 1, 100, 9).distance).toBe(null);
  live(clock, 4, 60_000, 10);
  expect(clock.distance).toBe(null);
});

test.each([
  [
    "an hour ahead of it, as where its clock was set back: its clock is slow",
    3_600_000,
    /^this machine's clock is 3[0-9]{3} s slow/,
  ],
  ["a day behind it, as after a stop: nothing", -86_400_000, null],
])("a lone member whose log begins %s", async (_what, aheadMs, told) => {
  const network = await HostedNetwork.start({ name: "lone clock", seats: 1, beginsMs: Date.now() + aheadMs });
  networks.push(network);
  const around = { version: "0", startedAtMs: 0, nowMs: Date.now, home: null, keptEvents: 1 };
  const rest = { keys: "encrypted", defaultAgent: null, keyring: null, faucet: null } as const;
  const hosted = new HostedPeer(network.front, { ...around, ...rest });
  const { warnings } = hosted.standing();
  hosted.close();
  const ofClock = warnings.filter((one) => one.includes("clock"));
  expect(ofClock).toEqual(told === null ? [] : [expect.stringMatching(told)]);
});
