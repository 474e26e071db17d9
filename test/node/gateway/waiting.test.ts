// G50 A request that still waits: its place, for what whoever is next waits, and for about how long.
import { expect, test } from "vitest";
import { waitingRequestView } from "../../../node/api/views/gateway.js";
import { wordsOf } from "../../../node/cli/commands/gateway-requests.js";
import { perMinute, stage, until } from "./stage.js";

const NOW_MS = Date.parse("2026-03-06T12:10:00Z");

async function world(rpm = 2) {
  const world = await stage({ pool: { limits: perMinute({ rpm }) } });
  await (await world.ask("first")).text();
  await (await world.ask("first")).text();
  await world.expectIdle();
  return world;
}

test("each is told its place and its cause; who is next, when there is room for it", async () => {
  const { ask, gateway, clock, expectIdle } = await world();
  const asks = [ask("ann")];
  await until(() => gateway.counts.waiting === 1);
  asks.push(ask("bob"));
  await until(() => gateway.counts.waiting === 2);
  asks.push(ask("ann"));
  await until(() => gateway.counts.waiting === 3);
  clock.pass(10_000);
  const waiting = gateway.waiting("req_");
  const shown = waiting.map(({ caller, for: what, waitedMs, tookMs, leftMs }) => ({
    who: caller.who,
    ...(what === "ledger" ? {} : what),
    ...{ waitedMs, tookMs, leftMs },
  }));
  const same = { cause: "requests", nextMs: 20_000, waitedMs: 10_000, tookMs: 10_000, leftMs: 585_000 };
  expect(shown).toEqual([
    { who: "session:ann", place: { inFlow: 0, flows: 1 }, isNext: true, aboutMs: 20_000, ...same },
    { who: "session:bob", place: { inFlow: 0, flows: 1 }, isNext: false, aboutMs: null, ...same },
    { who: "session:ann", place: { inFlow: 1, flows: 1 }, isNext: false, aboutMs: null, ...same },
  ]);
  const [next, second, third] = waiting.map((one) => waitingRequestView(one, NOW_MS));
  expect(wordsOf(next!).slice(2)).toEqual([
    "Waited  10.0 s; none waited before it",
    "        10.0 s for requests; as it asked 2 of 2 a minute were taken, and its share's part was 1 (50 %)",
    "Now     it is next, and waits for room for requests, which is there in 20.0 s",
    "        it goes in about 20.0 s",
    "Ends    at 2026-03-06T12:19:45.000Z if it still waits then: refused, as its client waits no longer",
  ]);
  expect(wordsOf(second!).slice(4, 6)).toEqual([
    "Now     1 other share waits before it, and whoever is next waits for room for requests, which is there in 20.0 s",
    "        nobody knows yet when it goes",
  ]);
  expect(wordsOf(third!)[4]).toMatch(/^Now {5}1 of its share and 1 other share wait before it, /);
  // Once one has gone there is a pace.
  clock.pass(20_000);
  await until(() => gateway.counts.waiting === 2);
  const [bob] = gateway.waiting("req_");
  expect(bob!.for).toMatchObject({ isNext: true, aboutMs: 30_000 });
  clock.goOn(1_000);
  for (const answer of await Promise.all(asks)) await answer.text();
  await expectIdle();
  expect(gateway.waiting("req_")).toEqual([]);
});

test("a beginning of an id finds those that begin so, and asking changes nothing of how they wait", async () => {
  const { ask, gateway, clock, passed, expectIdle } = await world();
  const held = ask("ann");
  await until(() => gateway.counts.waiting === 1);
  const [one] = gateway.waiting("");
  for (let n = 0; n < 20; n++) {
    clock.pass(1_000);
    expect(gateway.waiting(one!.id.slice(0, 8)).map(({ id }) => id)).toEqual([one!.id]);
  }
  expect([gateway.waiting("req_?"), gateway.waiting(`${one!.id}-1`)]).toEqual([[], []]);
  clock.goOn(1_000);
  const answer = await held;
  expect(answer.headers.get("x-mabeam-request")).toBe(one!.id);
  await answer.text();
  await expectIdle();
  const { story, waitedMs } = passed().at(-1)!;
  expect(story.held.limit.requests).toBe(waitedMs);
});

test("a pause after a refusal is what it waits for, for as long as the upstream says", async () => {
  const { ask, askBehind, gateway, clock, expectIdle } = await stage({ figures: { rpm: 2 } });
  for (const one of [await askBehind(), await askBehind()]) await one.text();
  const held = ask("ann");
  await until(() => gateway.counts.waiting === 1);
  const [one] = gateway.waiting("");
  expect(one!.for).toMatchObject({ cause: "pause", isNext: true });
  expect(wordsOf(waitingRequestView(one!, NOW_MS))).toContainEqual(
    expect.stringMatching(
      /^Now {5}it is next, and waits for the end of the upstream's pause after a refusal, /,
    ),
  );
  clock.goOn(1_000);
  await (await held).text();
  await expectIdle();
});
