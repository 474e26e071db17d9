// A gateway that begins anew on the books of one that ended: limits, shares and charges go on where they were.
import { expect, test } from "vitest";
import { Books } from "../../../node/gateway/books/books.js";
import { FaultyDisk } from "./books/faulty-disk.js";
import { before, perMinute, stage, until } from "./stage.js";

test("G16 what was used in the last minute, and what was cut off, still takes of the limits after a restart", async () => {
  const disk = new FaultyDisk();
  const books = await Books.open(disk, Date.parse("2026-03-06T12:00:00Z"));
  const pool = { limits: perMinute({ rpm: 10 }), headroomBp: 0 };
  const upstream = { pace: { firstByteMs: 10_000, tokensPerSecond: null } };
  const first = await stage({ figures: { rpm: 10 }, pool, upstream, gateway: { books } });
  const { clock } = first;
  const asks = Array.from({ length: 4 }, (_, i) => first.ask("ann", { text: `${i} [write 2 tokens]` }));
  await until(() => first.upstream.journal.visits.length === 4);
  clock.pass(10_000);
  for (const one of asks) await (await one).text();
  for (let i = 0; i < 3; i++) void first.ask("bob").catch(() => undefined);
  await until(() => first.upstream.journal.visits.length === 7);
  // The process ends: what is in its memory goes, and its connections with it.
  const platter = new Map(disk.platter);
  await first.gateway.close();
  const found = await Books.open(new FaultyDisk(platter), clock.wallMs());
  expect(found.counts.cut).toBe(3);
  const second = await before(
    first.upstream,
    first.upstream.journal.visits[0]!.model!,
    { pool, gateway: { books: found } },
    clock,
  );
  // Of ten a minute four have ended just now and three were cut off, so that three more have room at once.
  const more = Array.from({ length: 8 }, () => second.ask("kim"));
  await until(() => second.gateway.counts.running + second.gateway.counts.waiting === 8);
  await until(() => first.upstream.journal.visits.length === 10);
  expect(second.gateway.counts).toEqual({ waiting: 5, running: 3 });
  clock.goOn(70_000);
  for (const one of more) expect((await one).status).toBe(200);
  expect(first.upstream.journal.visits.map(({ over }) => over.length)).not.toContain(1);
});
