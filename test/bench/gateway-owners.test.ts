// The experiment with a key of several owners in miniature: what is measured, and that the measure sees what it is to see.
import { describe, expect, test } from "vitest";
import { crowdOf } from "../../testnet/bench/gateway/crowd.js";
import { groupsOf, type Owners, replacedAt, tell } from "../../testnet/bench/gateway/owners.js";
import { OWNERS, ownerRows } from "../../testnet/bench/gateway/rows/owners.js";
import { limitsFor } from "../../testnet/bench/gateway/virtual.js";
import type { BenchTable } from "../../testnet/bench/report.js";

const MINIATURE = { warmUpMs: 60_000, measuredMs: 180_000, seeds: [1], sizes: [12, 2, 1] };

test("three minutes of fifteen agents: all rows, nothing refused, and more is used with loans than without", async () => {
  const tables: BenchTable[] = [];
  const rows = await ownerRows({ table: (one) => tables.push(one) }, MINIATURE);
  expect(rows.map(({ name, target }) => [name, target])).toEqual(
    OWNERS.map(({ name, target: { bound, amount } }) => [
      name,
      `value ${bound === "at most" ? "<=" : ">="} ${amount}`,
    ]),
  );
  const [{ ways, columns }] = tables as [BenchTable];
  const figure = (way: string, column: string): number | null =>
    ways.find(({ name }) => name === way)!.figures[columns.indexOf(column)]!;
  expect(figure("mabeam", "upstream 429s")).toBe(0);
  expect(figure("mabeam", "failed runs")).toBe(0);
  expect(figure("mabeam", "rounds of loans")).toBeGreaterThan(10);
  expect(figure("mabeam", "limit used %")).toBeGreaterThan(figure("parts, none lent", "limit used %")!);
  expect(figure("mabeam", "gap / bound and lease")).toBeLessThanOrEqual(1);
  // The same under the same seed.
  const again: BenchTable[] = [];
  await ownerRows({ table: (one) => again.push(one) }, MINIATURE);
  expect(again).toEqual(tables);
});

describe("a gateway that dies", () => {
  test("has its lease until the term that was renewed last is over, and its grace", () => {
    expect([499, 500, 999].map(replacedAt)).toEqual([1_800, 2_300, 2_300]);
  });

  test("answers nobody after it: its agents go on at the next one, and what it had been given them counts there", async () => {
    const owners: Owners = {
      ...{ counting: "together", seed: 2, warmUpMs: 0, measuredMs: 120_000, sizes: [3, 3, 3] },
      ...{ crowd: crowdOf(9), overload: 3, scale: 1, killed: 1, killMs: 60_000, hidden: 0.1 },
    };
    const limits = await limitsFor(owners);
    const told = await tell(owners, "mabeam", limits);
    const groups = groupsOf(told, owners);
    const agentsOf = (at: number, fromMs: number, toMs: number) =>
      [
        ...new Set(
          groups[at]!.filter(({ takenMs }) => takenMs !== null && takenMs >= fromMs && takenMs < toMs).map(
            ({ agent }) => agent,
          ),
        ),
      ].sort();
    expect(agentsOf(1, 0, 60_000)).toEqual([3, 4, 5]);
    expect(agentsOf(1, 60_000, 120_000)).toEqual([]);
    expect(agentsOf(2, 0, 60_000)).toEqual([6, 7, 8]);
    expect(agentsOf(2, 60_000, 120_000)).toEqual([3, 4, 5, 6, 7, 8]);
    expect(told.replacedMs).toBe(61_800);
  });
});
