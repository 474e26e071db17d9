// The gateway's process ends at any byte of an answer: what its books hold then is charged once, no less than was told, no more than the whole.
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Take } from "../../../node/gateway/arrival.js";
import { type Attempt, attempt, type Ground } from "../../../node/gateway/attempt.js";
import { Books } from "../../../node/gateway/books/books.js";
import type { Usage } from "../../../node/gateway/dialect.js";
import { DIALECTS } from "../../../node/gateway/dialects/index.js";
import type { Upstream } from "../../../node/gateway/upstream.js";
import { usageBy } from "../../../node/gateway/usage.js";
import { runningClock } from "../../../testnet/upstream/clock.js";
import { plainRules, USUAL_KEY } from "../../../testnet/upstream/rules.js";
import { startUpstream } from "../../../testnet/upstream/upstream.js";
import { FaultyDisk } from "./books/faulty-disk.js";
import { NOON_MS, reservation } from "./books/reservations.js";
import { testClock } from "./test-clock.js";

const TEXT = "hello [write 1400 tokens]";
const messages = [{ role: "user", content: TEXT }];
/** What clients stream in each dialect. */
const STREAMS = {
  openai: {
    path: "/v1/chat/completions",
    headers: { authorization: `Bearer ${USUAL_KEY}` },
    body: { model: "gpt-upstream", stream: true, stream_options: { include_usage: true }, messages },
  },
  anthropic: {
    path: "/v1/messages",
    headers: { "x-api-key": USUAL_KEY, "anthropic-version": "2023-06-01" },
    body: { model: "claude-upstream", stream: true, max_tokens: 1_500, messages },
  },
  google: {
    path: "/v1beta/models/gemini-upstream:streamGenerateContent?alt=sse",
    headers: { "x-goog-api-key": USUAL_KEY },
    body: { contents: [{ role: "user", parts: [{ text: TEXT }] }] },
  },
} as const;
type Name = keyof typeof STREAMS;

/** The bytes of a stream as the test upstream writes it. */
async function recorded(name: Name): Promise<Uint8Array> {
  const upstream = await startUpstream(plainRules(name, runningClock(1, NOON_MS), 1, {}));
  onTestFinished(upstream.close);
  const { path, headers, body } = STREAMS[name];
  const answer = await fetch(new URL(path, upstream.url), {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
  return new Uint8Array(await answer.arrayBuffer());
}

/** Tokens that may have come since the books were told: so many, or four characters for each. */
const MOST_BEHIND = 1_024;

/** A micro-credit for each token. */
const costOf = (usage: Usage): number => usage.freshInput + usage.cacheRead + usage.cacheWrite + usage.output;

/** A client that takes whatever it is given. */
const client = (): ServerResponse =>
  Object.assign(new EventEmitter(), {
    ...{ headersSent: false, destroyed: false, writableNeedDrain: false },
    writeHead(this: { headersSent: boolean }) {
      this.headersSent = true;
    },
    write: () => true,
    end: () => undefined,
  }) as unknown as ServerResponse;

/** What was charged by books that were left with these rows, and how often. */
async function chargedBy(platter: ReadonlyMap<string, Uint8Array>) {
  const next = await Books.open(new FaultyDisk(new Map(platter)), NOON_MS);
  const again = await Books.open(new FaultyDisk(new Map(platter)), NOON_MS);
  const records = await next.recent(10);
  const cost = next.spent("agent:ada", "all", NOON_MS);
  expect(again.spent("agent:ada", "all", NOON_MS)).toBe(cost);
  return { cost, ends: records.map(({ end }) => end) };
}

describe("G16 G36 killed at each byte of a stream", () => {
  test.each(Object.keys(STREAMS) as Name[])("%s", async (name) => {
    const dialect = DIALECTS.find((one) => one.name === name)!;
    const bytes = await recorded(name);
    const whole = dialect.reader(false, {}, NOON_MS);
    whole.push(bytes);
    whole.end();
    const wholeCost = costOf(whole.usage!);
    const input = dialect.countedOf(whole.usage!).inputTokens;
    const estimate = { inputTokens: input, outputTokens: 2_000 };
    const floor = { used: { inputTokens: input, outputTokens: 0 }, cost: input };

    const disk = new FaultyDisk();
    const books = await Books.open(disk, NOON_MS);
    await books.begin(reservation("r1", { estimate, cost: input + 2_000, floor }));
    expect(await chargedBy(disk.platter)).toEqual({ cost: input, ends: ["cut"] });

    // The same bytes at another reader's: what an answer that broke off here is charged, had the gateway lived on.
    const beside = dialect.reader(false, {}, NOON_MS);
    let last = { cost: input, writes: disk.writes };
    let steps = 0;
    /** Only what is written changes what the next process finds: the rows are read again where they are others. */
    const reread = async () => {
      const { cost, ends } = await chargedBy(disk.platter);
      expect(ends).toEqual(["cut"]);
      expect(cost).toBeGreaterThanOrEqual(last.cost);
      last = { cost, writes: disk.writes };
      steps += 1;
    };
    const each = async (take: Take) => {
      for (let at = 0; at <= bytes.length; at++) {
        if (disk.writes !== last.writes) await reread();
        const known = costOf(usageBy(estimate, 200, beside)!);
        if (last.cost > known || known - last.cost > MOST_BEHIND || last.cost > wholeCost)
          throw new Error(`${last.cost} is charged where ${known} of ${wholeCost} is known`);
        beside.push(bytes.subarray(at, at + 1));
        await take(bytes.subarray(at, at + 1));
      }
    };

    const one: Attempt = {
      id: "r1",
      dialect,
      wish: { model: null, isStream: true, maxOutput: null, caller: null, body: bytes, isUsageOurs: false },
      outgoing: () => ({}) as ReturnType<Attempt["outgoing"]>,
      estimate,
      floor: { used: estimate, cost: 0 },
      mayRepeat: () => false,
      additions: () => ({}),
      costBefore: null,
      costOf,
      floorRose: (rose) => books.progress("r1", rose, NOON_MS),
    };
    const line = { see() {}, answered() {}, heard() {}, refused() {}, exhausted() {}, settle() {} };
    const ground = {
      upstream: { send: async () => ({ status: 200, fields: {}, body: { each } }) } as unknown as Upstream,
      pools: { answered() {}, lineFor: () => line },
      clock: testClock(),
      plan: { see() {} },
    } as unknown as Ground;
    const { spent, broken } = await attempt(ground, client(), one);
    expect([broken, spent?.cost]).toEqual([null, wholeCost]);
    expect(steps).toBeGreaterThanOrEqual(1);
    books.end({ id: "r1", end: "answered", spent, atMs: NOON_MS });
    await books.written();
    expect(await chargedBy(disk.platter)).toEqual({ cost: wholeCost, ends: ["answered"] });
  });
});
