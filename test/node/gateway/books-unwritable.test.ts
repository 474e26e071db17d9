// A gateway whose books cannot be written: what it does with requests meanwhile, and that each is charged once afterwards.
import { expect, onTestFinished, test } from "vitest";
import { Books } from "../../../node/gateway/books/books.js";
import type { HostedEvent } from "../../../node/gateway/hosted-event.js";
import { HostedGateway } from "../../../node/gateway/hosted-gateway.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import { FaultyDisk } from "./books/faulty-disk.js";
import { errorOf, perMinute, RULES, stage, until } from "./stage.js";

async function scene(fail: "open" | "closed") {
  const disk = new FaultyDisk();
  const books = await Books.open(disk, Date.now(), { fail, mendMs: 1_000_000 });
  const upstream = { pace: { firstByteMs: 300, tokensPerSecond: null } };
  const stand = await stage({ upstream, gateway: { books } });
  /** What the books of the next process say, and what was told of each request. */
  const judge = async () => {
    await stand.expectIdle();
    await books.written();
    const next = await Books.open(new FaultyDisk(new Map(disk.platter)), Date.now());
    const told = stand.passed().reduce((sum, { cost }) => sum + cost, 0);
    expect([next.counts.cut, next.spent("agent:unknown", "all", 0)]).toEqual([0, told]);
    return { told, records: (await next.recent(10)).map(({ end, cost }) => [end, cost > 0]) };
  };
  return { ...stand, disk, books, judge };
}

test("G39 failing closed: running answers finish, new requests are refused in the caller's words and told to come again", async () => {
  const { disk, books, upstream, gateway, clock, ask, events, judge } = await scene("closed");
  const running = ask("ann", { body: { stream: true } });
  await until(() => gateway.counts.running === 1 && upstream.journal.visits.length === 1);
  disk.refuses = "whole";
  const refused = await ask("bob");
  expect([refused.status, refused.headers.get("x-should-retry")]).toEqual([503, "true"]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await errorOf(refused)).toMatchObject({ code: "BOOKS_UNWRITABLE" });
  expect((await ask("kim")).status).toBe(503);
  expect(gateway.counts).toEqual({ waiting: 0, running: 1 });
  clock.goOn(300);
  expect(await (await running).text()).toContain("[DONE]");
  await until(() => gateway.counts.running === 0);
  expect(upstream.journal.visits).toHaveLength(1);
  disk.refuses = "no";
  expect(await books.mend()).toBe(true);
  const again = ask("bob");
  await until(() => upstream.journal.visits.length === 2);
  clock.goOn(300);
  expect((await again).status).toBe(200);
  await (await again).text();
  expect(events.map(({ kind }) => kind).filter((kind) => kind.startsWith("books"))).toEqual([
    "booksUnwritable",
    "booksWritable",
  ]);
  expect(await judge()).toMatchObject({
    records: [
      ["answered", true],
      ["answered", true],
    ],
  });
});

test("G39 failing open: requests pass, it is said, and they are charged when the books can be written again", async () => {
  const { disk, books, clock, gateway, ask, events, judge } = await scene("open");
  disk.refuses = "half";
  const asks = ["ann", "bob", "kim"].map((agent) => ask(agent));
  await until(() => gateway.counts.running === 3);
  await until(() => events.some(({ kind }) => kind === "booksUnwritable"));
  clock.goOn(300);
  for (const one of asks) expect((await one).status).toBe(200);
  await until(() => gateway.counts.running === 0);
  disk.refuses = "no";
  expect(await books.mend()).toBe(true);
  expect((await judge()).records).toHaveLength(3);
});

test("G15 a request that never reached its upstream costs nothing, and what was set aside for it is free again", async () => {
  const { upstream, books, ask, judge } = await scene("closed");
  await upstream.close();
  expect((await ask("ann")).status).toBe(502);
  expect(await judge()).toMatchObject({
    told: 0,
    records: [
      ["failed", false],
      ["failed", false],
      ["failed", false],
    ],
  });
  expect(books.spent("agent:unknown", "day", Date.now())).toBe(0);
});

test("G39 failing open: a gateway starts on books that cannot be written, says so, and goes on when they can", async () => {
  const before = new FaultyDisk();
  const own = { flow: "agent:unknown", payers: ["agent:unknown"], weight: 1, band: "normal" } as const;
  const use = { inputTokens: 4, outputTokens: 1 };
  await (await Books.open(before, 0)).begin({
    ...{ id: "cut-1", ...own, model: null, estimate: use, cost: 9, waitedMs: 0, atMs: 0 },
    floor: { used: { ...use, outputTokens: 0 }, cost: 2 },
  });
  const disk = new FaultyDisk(new Map(before.platter));
  disk.refuses = "whole";
  const books = await Books.open(disk, Date.now(), { fail: "open", mendMs: 1_000_000 });
  const events: HostedEvent[] = [];
  const running = await HostedGateway.start(
    {
      ...{ upstream: new URL("http://127.0.0.1:9"), key: "sk-key", listen: { host: "127.0.0.1", port: 0 } },
      rules: { ...RULES, limits: perMinute({ rpm: 60 }) },
      ...{ named: NamedAgents.open(null), books },
    },
    Date.now,
    (event) => events.push(event),
  );
  onTestFinished(() => running.close());
  expect(events.map(({ kind }) => kind)).toEqual(["booksUnwritable"]);
  disk.refuses = "no";
  expect(await books.mend()).toBe(true);
  expect(events.map(({ kind }) => kind)).toEqual(["booksUnwritable", "booksWritable"]);
  expect([running.books.counts.cut, running.books.spent("agent:unknown", "all", 0)]).toEqual([1, 2]);
});
