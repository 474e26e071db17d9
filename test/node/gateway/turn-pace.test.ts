// How long one more would wait: by the turns of those who wait, and by no time in which nobody did.
import { expect, test } from "vitest";
import { TurnPace } from "../../../node/gateway/turn-pace.js";

const HOUR_MS = 3_600_000;

test("G23 the pace of a line is that since somebody waits in it: an hour without anybody before makes nobody wait longer", () => {
  const pace = new TurnPace();
  pace.turned(1, 0, 0);
  pace.turned(0, 2, HOUR_MS);
  expect(pace.waitMs(2)).toBeNull();
  pace.turned(1, 1, HOUR_MS + 1_000);
  expect([pace.waitMs(0), pace.waitMs(1)]).toEqual([1_000, 2_000]);
  // Two at once after three seconds are one and a half each, of which a fifth counts.
  pace.turned(2, 4, HOUR_MS + 4_000);
  expect(pace.waitMs(0)).toBe(1_100);
  pace.turned(4, 0, HOUR_MS + 5_000);
  expect(pace.waitMs(0)).toBeNull();
});
