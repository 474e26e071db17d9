// What happens once is told to whoever waits for it, once, in order, and to whoever comes late at once.
import { expect, test } from "vitest";
import { Once } from "../../../node/gateway/once.js";

test("those who wait are told in their order, once, and none who waits no more", () => {
  const once = new Once();
  const told: string[] = [];
  once.when(() => told.push("first"));
  const forget = once.when(() => told.push("none"));
  once.when(() => told.push("second"));
  forget();
  expect(once.hasHappened).toBe(false);
  once.happen();
  once.happen();
  expect(once.hasHappened).toBe(true);
  expect(told).toEqual(["first", "second"]);
});

test("who comes late is told at once", () => {
  const once = new Once();
  once.happen();
  let count = 0;
  once.when(() => (count += 1))();
  expect(count).toBe(1);
});

test("who waits no more while others are told is not told", () => {
  const once = new Once();
  const told: string[] = [];
  once.when(() => forget());
  const forget = once.when(() => told.push("late"));
  once.happen();
  expect(told).toEqual([]);
});
