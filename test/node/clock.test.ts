// The peer's clock and its alarm: never backwards, never early, never stuck.
import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { steadyClock } from "../../node/clock.js";
import { Alarm } from "../../node/driver/alarm.js";

afterEach(() => {
  vi.useRealTimers();
});

test("however the wall clock jumps, time never decreases and always goes on", () => {
  const jump = fc.record({
    wall: fc.integer({ min: -100_000, max: 100_000 }),
    elapsed: fc.nat({ max: 1000 }),
  });
  fc.assert(
    fc.property(fc.array(jump), (jumps) => {
      let wall = 1_000_000;
      let monotonic = 0;
      const clock = steadyClock(
        () => wall,
        () => monotonic,
      );
      let last = clock();
      for (const { wall: by, elapsed } of jumps) {
        monotonic += elapsed;
        wall += elapsed + by;
        const now = clock();
        expect(Number.isInteger(now)).toBe(true);
        expect(now).toBeGreaterThanOrEqual(last + Math.floor(elapsed / 2) - 1);
        expect(now).toBeGreaterThanOrEqual(Math.floor(wall));
        last = now;
      }
    }),
  );
});

test("a clock set back by an hour is caught up with, at half speed", () => {
  const hour = 3_600_000;
  let wall = 10 * hour;
  let monotonic = 0;
  const clock = steadyClock(
    () => wall,
    () => monotonic,
  );
  wall -= hour;
  expect(clock()).toBe(10 * hour);
  for (let i = 0; i < 4; i++) {
    wall += hour / 2;
    monotonic += hour / 2;
    clock();
  }
  expect(clock()).toBe(wall);
  expect(wall).toBe(11 * hour);
});

test("an alarm on a slow clock rings when the clock says so, not when the timer does", async () => {
  vi.useFakeTimers({ now: 0 });
  const rung: number[] = [];
  const slow = () => Math.floor(Date.now() / 2);
  const alarm = new Alarm(slow, () => rung.push(slow()));
  alarm.set(1000);
  await vi.advanceTimersByTimeAsync(1990);
  expect(rung).toEqual([]);
  await vi.advanceTimersByTimeAsync(20);
  expect(rung).toEqual([1000]);
});

test("an alarm further off than a Node timer reaches neither rings at once nor never", async () => {
  vi.useFakeTimers({ now: 0 });
  const rung: number[] = [];
  const alarm = new Alarm(Date.now, () => rung.push(Date.now()));
  const far = 2 ** 31 + 5000;
  alarm.set(far);
  await vi.advanceTimersByTimeAsync(2 ** 31);
  expect(rung).toEqual([]);
  await vi.advanceTimersByTimeAsync(6000);
  expect(rung).toEqual([far]);
});

test("only the last setting of an alarm rings, and none after it was taken back", async () => {
  vi.useFakeTimers({ now: 0 });
  const rung: number[] = [];
  const alarm = new Alarm(Date.now, () => rung.push(Date.now()));
  alarm.set(100);
  alarm.set(300);
  alarm.set(200);
  await vi.advanceTimersByTimeAsync(1000);
  expect(rung).toEqual([200]);
  alarm.set(500);
  await vi.advanceTimersByTimeAsync(1);
  expect(rung).toEqual([200, 1001]);
  alarm.set(2000);
  alarm.set(null);
  await vi.advanceTimersByTimeAsync(5000);
  expect(rung).toHaveLength(2);
});
