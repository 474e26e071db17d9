// Anthropic's prompt cache behind a gateway: what it has counts for no limit and costs a tenth, and the books say so.
import { expect, test } from "vitest";
import { Books } from "../../../node/gateway/books/books.js";
import { MemoryDisk } from "../../../node/gateway/books/memory-disk.js";
import { NO_SPENDING_LIMITS } from "../../../node/gateway/named/named-agent.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import { pricesIn } from "../../../node/gateway/prices/price-rows.js";
import type { Price } from "../../../node/gateway/prices/rates.js";
import { promptOf } from "../../testnet/upstream/world.js";
import { perMinute, stage, until } from "./stage.js";
import { testClock } from "./test-clock.js";

const MODEL = "claude-upstream";
const prices = pricesIn({
  [MODEL]: {
    input_cost_per_token: 10e-6,
    output_cost_per_token: 50e-6,
    cache_read_input_token_cost: 1e-6,
    cache_creation_input_token_cost: 12e-6,
  },
}) as readonly Price[];

/** Tokens of a conversation's beginning, and of what is new in each turn. */
const BEGINNING = 6_400;
const ITPM = 10_000;
const TURNS = 8;

/** A conversation with one turn more: all that was said before, and a question. */
function turn(nth: number, isMarked: boolean) {
  const mark = isMarked ? { cache_control: { type: "ephemeral" } } : {};
  const beginning = { role: "user", content: [{ type: "text", text: promptOf(BEGINNING), ...mark }] };
  const said = Array.from({ length: nth }, (_, one) => [
    { role: "assistant", content: "It is." },
    { role: "user", content: `and question ${one}?` },
  ]);
  const asked = { role: "user", content: "[write 10 tokens]" };
  return { max_tokens: 20, messages: [beginning, ...said.flat(), asked] };
}

interface Usage {
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly output_tokens: number;
}

/** Turns of a conversation, one after the other, within one minute. @returns the usage of those that were answered in it */
async function conversation(isMarked: boolean) {
  const clock = testClock();
  const books = await Books.open(new MemoryDisk(), clock.wallMs());
  const staged = await stage({
    dialect: "anthropic",
    figures: { itpm: ITPM },
    pool: { output: "written", limits: perMinute({ itpm: ITPM }).filter(isInput) },
    gateway: { prices, books, clock },
  });
  const usages: Usage[] = [];
  const leaving = new AbortController();
  for (let nth = 0; nth < TURNS; nth++) {
    const asked = staged.ask("ann", { model: MODEL, body: turn(nth, isMarked), signal: leaving.signal });
    const isWaiting = until(() => staged.gateway.counts.waiting > 0).then(() => null);
    const answer = await Promise.race([asked, isWaiting]);
    if (answer === null) {
      leaving.abort();
      await asked.catch(() => undefined);
      break;
    }
    usages.push(((await answer.json()) as { usage: Usage }).usage);
  }
  await staged.expectIdle();
  return { ...staged, books, usages, nowMs: clock.wallMs() };
}

const isInput = ({ dimension }: { readonly dimension: string }): boolean => dimension === "inputTokens";

test("G11 what the cache has counts for no limit: a conversation goes on where one that marks nothing waits", async () => {
  const [marked, unmarked] = [await conversation(true), await conversation(false)];
  expect([marked.usages.length, unmarked.usages.length]).toEqual([TURNS, 1]);
  const [first, ...later] = marked.usages;
  expect([first!.cache_creation_input_tokens, first!.cache_read_input_tokens]).toEqual([BEGINNING, 0]);
  for (const usage of later)
    expect([usage.cache_creation_input_tokens, usage.cache_read_input_tokens]).toEqual([0, BEGINNING]);
  // Nobody was refused upstream: what was set aside was enough.
  for (const { upstream } of [marked, unmarked])
    expect(upstream.journal.visits.filter(({ over }) => over.length > 0)).toEqual([]);
});

test("G35 the books charge what was put into the cache at its price, and what was read from it at its own", async () => {
  const { books, passed, usages, nowMs } = await conversation(true);
  const costs = usages.map(
    (usage) =>
      10 * usage.input_tokens +
      12 * usage.cache_creation_input_tokens +
      usage.cache_read_input_tokens +
      50 * usage.output_tokens,
  );
  expect(passed().map(({ cost }) => cost)).toEqual(costs);
  expect(costs[1]).toBeLessThan(costs[0]! / 5);
  expect(books.spent("agent:unknown", "day", nowMs)).toBe(costs.reduce((sum, cost) => sum + cost, 0));
});

test("G40 from 85 % of a limit on what the cache may have is counted too: nobody knows what stands between two bodies' ends", async () => {
  const second = async (perDay: bigint) => {
    const named = NamedAgents.open(null);
    const limits = { ...NO_SPENDING_LIMITS, perDay };
    const added = await named.add("ada", { weight: 1, band: "normal", parent: null, limits }, 0n);
    const headers = { "x-api-key": added.ok ? added.value.key : "" };
    const { ask, expectIdle } = await stage({
      dialect: "anthropic",
      pool: { output: "written", limits: perMinute({ itpm: 10 * ITPM }).filter(isInput) },
      gateway: { prices, named },
    });
    const statuses: number[] = [];
    for (const nth of [0, 1]) {
      const answer = await ask("ann", { model: MODEL, body: turn(nth, true), headers });
      statuses.push(answer.status);
      await answer.text();
    }
    await expectIdle();
    return statuses;
  };
  // The first turn costs some 77,000 micro-credits, and so would the second if nothing of it were in the cache.
  expect(await second(90_000n)).toEqual([200, 402]);
  expect(await second(180_000n)).toEqual([200, 200]);
});
