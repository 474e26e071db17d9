// How long a client waits, and how often it is to come again: as it says, and as nobody else repeats for it.
import { expect, test } from "vitest";
import { patienceMs } from "../../../node/gateway/client-words.js";
import { faultsInOrder } from "../../../testnet/upstream/faults.js";
import { stage, until } from "./stage.js";

test.each<[Record<string, string>, number]>([
  [{}, 595_000],
  [{ "x-stainless-timeout": "60" }, 55_000],
  [{ "x-stainless-timeout": "20" }, 15_000],
  [{ "x-stainless-timeout": "18" }, 13_500],
  [{ "x-stainless-timeout": "5" }, 3_750],
  [{ "x-server-timeout": "1" }, 750],
  [{ "x-stainless-timeout": "0.001" }, 0],
  [{ "x-stainless-timeout": "0" }, 595_000],
  [{ "x-stainless-timeout": "soon" }, 595_000],
])("G17 of %o a quarter is kept for the answer, and 5 s at most", (fields, ms) => {
  expect(patienceMs(fields)).toBe(ms);
});

test.each(["5", "1", "0.001"])("G17 whoever has room as it asks goes, with %s s of time", async (seconds) => {
  const { ask, passed } = await stage();
  const answer = await ask("ann", { headers: { "x-stainless-timeout": seconds } });
  expect(answer.status).toBe(200);
  expect(passed()).toMatchObject([{ end: "answered", waitedMs: 0 }]);
});

test.each(["bare", "overloaded"] as const)(
  "G41 what was repeated here as often as it may be is passed on with the word not to: %s",
  async (kind) => {
    const { ask, clock, upstream, passed } = await stage({
      upstream: { faults: faultsInOrder(Array.from({ length: 9 }, () => ({ kind }))) },
    });
    clock.goOn(1_000);
    for (const [count, sent] of [
      ["0", 3],
      ["1", 5],
      ["2", 6],
      ["7", 7],
    ] as const) {
      const answer = await ask("ann", { headers: { "x-stainless-retry-count": count } });
      expect([answer.status >= 400, answer.headers.get("x-should-retry")]).toEqual([true, "false"]);
      await answer.text();
      expect(upstream.journal.visits).toHaveLength(sent);
    }
    await until(() => passed().length === 4);
  },
);

test("G41 what no repetition here was spent on is the client's to repeat", async () => {
  const { ask, upstream } = await stage({ upstream: { faults: faultsInOrder([{ kind: "broken" }]) } });
  const answer = await ask("ann");
  expect([answer.status, answer.headers.get("x-should-retry")]).not.toEqual([500, "false"]);
  expect(upstream.journal.visits).toHaveLength(1);
});
