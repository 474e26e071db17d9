// How a request waits for the ledger to begin, and that nothing of it is left behind.
import { expect, test } from "vitest";
import { untilBegun } from "../../../node/gateway/ledger-wait.js";
import { Once } from "../../../node/gateway/once.js";
import { testClock } from "./test-clock.js";

/** Knows how many wait for it. */
class Counted extends Once {
  count = 0;

  override when(run: () => void): () => void {
    const forget = super.when(run);
    this.count += 1;
    return () => {
      this.count -= 1;
      forget();
    };
  }
}

test("G39 whatever ends a wait for the ledger, nobody remembers who waited: it may be long until it begins", async () => {
  const clock = testClock();
  const begun = new Counted();
  const stopping = new Counted();
  const wait = () => {
    const gone = new Counted();
    return { gone, end: untilBegun(begun, gone, stopping, 1_000, clock) };
  };
  const [left, late, goes] = [wait(), wait(), wait()];
  left.gone.happen();
  expect([await left.end, begun.count, stopping.count]).toEqual(["left", 2, 2]);
  begun.happen();
  expect([await late.end, await goes.end]).toEqual(["begun", "begun"]);
  expect([begun.count, stopping.count, goes.gone.count]).toEqual([0, 0, 0]);
  expect(await wait().end).toBe("begun");
});

test("G39 it ends with its client's time, and as the gateway ends", async () => {
  const clock = testClock();
  const [begun, stopping] = [new Counted(), new Counted()];
  const late = untilBegun(begun, new Once(), stopping, 1_000, clock);
  clock.pass(1_000);
  const stopped = untilBegun(begun, new Once(), stopping, 1_000, clock);
  stopping.happen();
  expect([await late, await stopped, begun.count]).toEqual(["late", "stopped", 0]);
  expect(await untilBegun(begun, new Once(), stopping, 1_000, clock)).toBe("stopped");
});
