// G27 The owner hears that the upstream does not answer, and that it does again: once each.
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { type OutageEvent, OutageWatch } from "../../../node/gateway/outage-watch.js";
import { before, until } from "./stage.js";
import { testClock } from "./test-clock.js";

function world() {
  const clock = testClock();
  const told: OutageEvent[] = [];
  const watch = new OutageWatch(clock, (event) => told.push(event));
  const silent = (why = "refused") => watch.heard({ status: null, broken: why });
  const answered = (status = 200) => watch.heard({ status, broken: null });
  return { clock, told, silent, answered };
}

test("three attempts in a row, and no two", () => {
  const { clock, told, silent, answered } = world();
  silent();
  silent();
  answered(500);
  silent("first");
  clock.pass(1_000);
  silent();
  expect(told).toEqual([]);
  silent("last");
  silent("later");
  expect(told).toEqual([{ kind: "unanswered", why: "last" }]);
  clock.pass(4_000);
  answered(404);
  answered();
  expect(told.slice(1)).toEqual([{ kind: "answers", forMs: 5_000 }]);
});

test("an answer that breaks off is one, and what was never told begins nothing", () => {
  const clock = testClock();
  const told: OutageEvent[] = [];
  const watch = new OutageWatch(clock, (event) => told.push(event));
  for (let n = 0; n < 9; n++) watch.heard({ status: 200, broken: "reset" });
  for (let n = 0; n < 9; n++) watch.heard({ status: null, broken: null });
  expect(told).toEqual([]);
});

test("no more often than each ten minutes", () => {
  const { clock, told, silent, answered } = world();
  const episode = () => {
    for (let n = 0; n < 3; n++) silent();
    answered();
  };
  episode();
  clock.pass(599_999);
  episode();
  expect(told).toHaveLength(2);
  clock.pass(1);
  episode();
  expect(told).toHaveLength(4);
});

test("an upstream that is down is told of with the first request that meets it", async () => {
  const closed = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => closed.once("listening", resolve));
  const { port } = closed.address() as { port: number };
  await new Promise((resolve) => closed.close(resolve));
  const { ask, events, passed } = await before({ url: `http://127.0.0.1:${port}` }, "gpt");
  expect((await ask("ann")).status).toBe(502);
  await until(() => passed().length === 1);
  const [told, ...more] = events.filter(({ kind }) => kind === "unanswered" || kind === "answers");
  expect([told, more]).toEqual([{ kind: "unanswered", why: expect.stringContaining("ECONNREFUSED") }, []]);
});
