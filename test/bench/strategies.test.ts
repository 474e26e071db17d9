// The market of strategies: the same for one seed, and what holds of it whatever they bid.
import { expect, test } from "vitest";
import { DEFAULT_FORMAT, FORMATS, type FormatName } from "../../src/market/index.js";
import { budgetPaced, type Strategy, strategic, truthful } from "../../src/market/strategies/index.js";
import type { BenchTable } from "../../testnet/bench/report.js";
import { runMarket } from "../../testnet/bench/strategies/market.js";
import { strategyRows } from "../../testnet/bench/strategies/rows.js";

const LOTS = 200;
const ANOTHERS_PRICE = DEFAULT_FORMAT;

async function measured() {
  const tables: BenchTable[] = [];
  const rows = await strategyRows({ table: (one) => tables.push(one) }, LOTS);
  return { rows, tables };
}

test("one seed makes one table, in which each strategy has its row", async () => {
  const once = await measured();
  expect(await measured()).toEqual(once);
  expect(once.tables.map(({ ways }) => ways.length)).toEqual([6, 10]);
  for (const { ways, columns } of once.tables)
    for (const { figures } of ways) expect(figures).toHaveLength(columns.length);
  expect(once.rows.map(({ name, met }) => [name, met])).toEqual([
    ["strategies-truth", true],
    ["strategies-paced", true],
  ]);
});

const market = (strategies: readonly Strategy[], budget: bigint | null = null, format = ANOTHERS_PRICE) =>
  runMarket({
    format,
    direction: "sell",
    values: "private",
    strategies,
    lots: LOTS,
    budget,
    seed: 3,
  });

test("what bidders have spent is what was paid, and no budget is passed", () => {
  const budget = 2_000_000_000n;
  const kinds = [truthful(), strategic(), budgetPaced({ total: budget, lots: LOTS })];
  const { bidders, paid } = market([...kinds, ...kinds], budget);
  expect(bidders.reduce((sum, { spent }) => sum + spent, 0n)).toBe(paid);
  for (const { spent } of bidders) expect(spent <= budget).toBe(true);
});

test("a bidder that bids twice its value costs the market its efficiency, and itself more than it gains", () => {
  const rash: Strategy = { ...truthful(), name: "rash", bid: ({ value }) => 2n * value };
  const { bidders, efficiency } = market([rash, ...Array.from({ length: 5 }, truthful)]);
  expect(efficiency).toBeLessThan(0.99);
  for (const format of Object.keys(FORMATS) as FormatName[])
    expect(market(Array.from({ length: 6 }, truthful), null, format).efficiency).toBe(1);
  expect(bidders[0]!.profit < bidders[1]!.profit).toBe(true);
});
