// G27 When one request looks whether a key that was used up may be used again.
import { expect, test } from "vitest";
import { type Exhausted, Parking } from "../../../node/gateway/parking.js";

const HOUR_MS = 3_600_000;
/** After which time, from the park on, in ms, somebody may look. */
function looksAfter(untilMs: number | null): (ms: number) => boolean {
  return (ms) => {
    const parking = new Parking();
    const why: Exhausted = { kind: "exhausted", why: "day", untilMs };
    parking.park(why, 0, 1_000_000);
    return parking.admit("one", ms) === null;
  };
}

test.each([
  ["without a word, each minute", null, 60_000],
  ["when the upstream says", 1_000_000 + 90_000, 90_000],
  ["where that is past already, in a second", 5, 1_000],
  ["within an hour, whatever it says", 1_000_000 + HOUR_MS + 1, HOUR_MS],
  ["within an hour, though it says a year nobody lives to see", 100_000_000_000_000, HOUR_MS],
])("%s", (_, untilMs, ms) => {
  const looks = looksAfter(untilMs);
  expect([looks(ms - 1), looks(ms)]).toEqual([false, true]);
});

test("one at a time looks, and the next once that one saw nothing", () => {
  const parking = new Parking();
  parking.park({ kind: "exhausted", why: "credit", untilMs: null }, 0, 0);
  const ids = ["a", "b"];
  expect(ids.map((id) => parking.admit(id, 60_000) === null)).toEqual([true, false]);
  parking.over("a");
  expect([parking.admit("b", 60_000), parking.answered("a"), parking.answered("b"), parking.why]).toEqual([
    null,
    false,
    true,
    null,
  ]);
});
