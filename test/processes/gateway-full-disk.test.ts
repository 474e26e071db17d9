// A gateway whose disk is full for real, by the limit of its process on the length of a file.
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { Books } from "../../node/gateway/books/books.js";
import { answerTo, gatewayRig } from "./gateway-process.js";

/** Enough for all that its daemon writes to begin with, and for the books of some hundred requests. */
const MOST_KIB = 64;

test("G39 on a full disk it sends nothing new, says so, goes on once there is room, and has charged each request once", async () => {
  const { upstream, home, start } = await gatewayRig({ tokensPerSecond: null });
  const gateway = await start("127.0.0.1:0", MOST_KIB);
  const heard = (kind: string) => gateway.told.some((one) => one.kind === kind);

  let answered = 0;
  let last = await answerTo(gateway.url, "any", 10);
  for (; last.status === 200 && answered < 2_000; answered++) last = await answerTo(gateway.url, "any", 10);
  expect(last).toMatchObject({ status: 503, error: { code: "BOOKS_UNWRITABLE" } });
  expect(upstream.journal.visits).toHaveLength(answered);
  while (!heard("GatewayBooksUnwritable")) await wait(20);

  // The books begin a new file, for which there is room.
  while (!heard("GatewayBooksWritable")) await wait(50);
  expect(await answerTo(gateway.url, "any", 10)).toMatchObject({ status: 200 });
  await gateway.kill();

  const books = await Books.open(`${home}/gateway`, Date.now());
  const records = await books.recent(5_000);
  const spent = books.spent("agent:unknown", "all", Date.now());
  await books.close();
  expect(records).toHaveLength(answered + 1);
  // The process may have been killed before it could write how the last one ended: that one costs what is known of it.
  const cut = records.filter(({ end }) => end === "cut");
  expect(cut.length).toBeLessThanOrEqual(1);
  expect(spent).toBe((answered + 1 - cut.length) * 100);
});
