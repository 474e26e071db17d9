// G36 What an answer has used for certain is told as its input is known, each so much of its output, and each second of it.
import { expect, test } from "vitest";
import { RisingFloor } from "../../../node/gateway/rising-floor.js";

const told = (output: number) => ({ freshInput: 5, cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0, output });
const chars = (contentChars: number) => ({ usage: null, isUsageFinal: false, contentChars });

test("of its text each 4,096 characters, and whatever a second has written", () => {
  const floor = new RisingFloor(0);
  const rises = [
    [4_095, 999],
    [4_096, 999],
    [4_097, 1_998],
    [4_098, 1_999],
    [4_098, 9_000],
    [4_099, 9_000],
  ] as const;
  expect(rises.map(([count, ms]) => floor.hasRisen(chars(count), ms))).toEqual([
    ...[false, true, false, true, false, true],
  ]);
});

test("of its usage the input at once, and each 1,024 tokens; what is told in full is about to end", () => {
  const floor = new RisingFloor(0);
  const at = (output: number, isUsageFinal = false) =>
    floor.hasRisen({ usage: told(output), isUsageFinal, contentChars: 0 }, 0);
  expect([at(1), at(1), at(1_024), at(1_025)]).toEqual([true, false, false, true]);
  const late = new RisingFloor(0);
  expect(late.hasRisen({ usage: told(9), isUsageFinal: true, contentChars: 3 }, 5_000)).toBe(false);
});
