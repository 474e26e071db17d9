// G24 Drift begins with a difference that matters, and ends with answers that agree.
import { expect, test } from "vitest";
import { Drift } from "../../../node/gateway/drift.js";
import { eventWords } from "../../../node/gateway/event-words.js";
import { testClock } from "./test-clock.js";

const MINUTE_MS = 60_000;
const LIMIT = { dimension: "requests", limit: 120, windowMs: MINUTE_MS } as const;

function world() {
  const clock = testClock();
  const told: (readonly [string, number, number])[] = [];
  const drift = new Drift(clock, ({ state, amount, forMs }) => told.push([state, amount, forMs]));
  return { clock, told, drift };
}

test("it is told at 5 % of a window, not before", () => {
  const { clock, told, drift } = world();
  drift.see(LIMIT, 3);
  clock.pass(1_000);
  drift.see(LIMIT, 2);
  expect([told, drift.episodes]).toEqual([[], []]);
  clock.pass(1_000);
  drift.see(LIMIT, 1);
  expect(told).toEqual([["begun", 6, 2_000]]);
  drift.see(LIMIT, 40);
  expect(told).toHaveLength(1);
  expect(drift.episodes).toEqual([{ limit: LIMIT, amount: 46, forMs: 2_000, quietMs: 0 }]);
});

test("of a small limit three units at least", () => {
  const { told, drift } = world();
  const small = { ...LIMIT, limit: 5 };
  drift.see(small, 2);
  expect(told).toEqual([]);
  drift.see(small, 1);
  expect(told).toEqual([["begun", 3, 0]]);
});

test("a little in each window never adds up to what matters", () => {
  const { clock, told, drift } = world();
  for (let minute = 0; minute < 300; minute++) {
    drift.see(LIMIT, 2);
    clock.pass(MINUTE_MS / 2);
    drift.agree(LIMIT);
    clock.pass(MINUTE_MS / 2 - 1);
  }
  expect(told).toEqual([]);
});

test("time alone ends nothing; an answer that agrees does, a window after it was seen last and no sooner", () => {
  const { clock, told, drift } = world();
  drift.see(LIMIT, 60);
  clock.pass(MINUTE_MS - 1);
  drift.agree(LIMIT);
  expect(told).toEqual([["begun", 60, 0]]);
  clock.pass(60 * MINUTE_MS);
  expect(told).toHaveLength(1);
  expect(drift.episodes).toMatchObject([{ amount: 60, forMs: 0, quietMs: 61 * MINUTE_MS - 1 }]);
  drift.agree(LIMIT);
  drift.agree(LIMIT);
  expect([told.slice(1), drift.episodes]).toEqual([[["over", 60, 0]], []]);
});

test("less than 2 % in a window does not keep it going: estimates of what runs are wrong by more", () => {
  const { clock, told, drift } = world();
  const limit = { ...LIMIT, limit: 100_000, dimension: "tokens" } as const;
  drift.see(limit, 60_000);
  for (let second = 1; second < 60; second++) {
    clock.pass(1_000);
    drift.see(limit, 33);
  }
  expect(told).toHaveLength(1);
  clock.pass(1_000);
  drift.see(limit, 33);
  expect(told[1]).toEqual(["over", 60_000 + 60 * 33, 0]);
  drift.see(limit, 60_000);
  for (let second = 0; second < 120; second++) {
    clock.pass(1_000);
    drift.see(limit, 34);
  }
  expect(told.map(([state]) => state)).toEqual(["begun", "over", "begun"]);
});

test("who is there again after an hour in which nothing was asked is told of as the same, and taken for used ahead as ever", () => {
  const { clock, told, drift } = world();
  drift.see(LIMIT, 60);
  const ahead = drift.aheadOf(LIMIT);
  expect(ahead).toBe(6);
  clock.pass(60 * MINUTE_MS);
  expect(drift.aheadOf(LIMIT)).toBe(0);
  drift.see(LIMIT, 60);
  expect([told, drift.aheadOf(LIMIT)]).toEqual([[["begun", 60, 0]], ahead]);
});

test("it is taken for used ahead from 2 % on, before its owner hears of it", () => {
  const { told, drift } = world();
  drift.see(LIMIT, 2);
  expect(drift.aheadOf(LIMIT)).toBe(0);
  drift.see(LIMIT, 1);
  expect([drift.aheadOf(LIMIT), told]).toEqual([1, []]);
});

test("it is told in amounts that people read, and of how long", () => {
  const limit = { dimension: "tokens", limit: 100_000, windowMs: MINUTE_MS } as const;
  const event = { kind: "drift", limit, amount: 24_660, pool: "gpt", forMs: 27_000 } as const;
  expect([eventWords({ ...event, state: "begun" }), eventWords({ ...event, state: "over" })]).toEqual([
    "somebody else uses the key: 24,660 tokens for gpt in 27 s so far did not come through here, of 100,000 tokens a minute; what is left is shared out",
    "nobody else uses the key any more, as answers say: 24,660 tokens for gpt in 27 s had not come through here, of 100,000 tokens a minute",
  ]);
});
