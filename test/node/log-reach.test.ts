// When a daemon gives its log up for lost: only if all say so, and only when they may.
import { expect, test } from "vitest";
import { LogReach, type LogReachPort } from "../../node/log-reach.js";

const RETAIN_MS = 1000;

function reachOf(port: Partial<LogReachPort> = {}) {
  const reach = new LogReach({
    ahead: () => ["a", "b"],
    tip: () => ({ height: 7, timeMs: 0 }),
    retainMs: RETAIN_MS,
    wallMs: () => RETAIN_MS,
    ...port,
  });
  let lost: string | null = null;
  void reach.lost.then(({ code, why }) => {
    lost = `${code}: ${why}`;
  });
  return { reach, lost: () => Promise.resolve().then(() => lost) };
}

test("all connected peers refuse: the log is out of reach, from the next height on", async () => {
  const { reach, lost } = reachOf();
  reach.refused("a");
  expect(await lost()).toBeNull();
  reach.refused("b");
  expect(await lost()).toBe("LOG_OUT_OF_REACH: no connected peer keeps the log from height 8 on");
});

test.each<[string, Partial<LogReachPort>]>([
  ["before peers may have let go of it", { wallMs: () => RETAIN_MS - 1 }],
  ["of what is not shown to be there", { ahead: () => [] }],
  ["while another that is ahead has not been asked", { ahead: () => ["a", "b", "c"] }],
])("a refusal counts for nothing %s", async (_, port) => {
  const { reach, lost } = reachOf(port);
  reach.refused("a");
  reach.refused("b");
  expect(await lost()).toBeNull();
});

test("whoever refused before an entry came is asked anew", async () => {
  const { reach, lost } = reachOf();
  reach.refused("a");
  reach.reached();
  reach.refused("b");
  expect(await lost()).toBeNull();
});
