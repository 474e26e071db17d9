// The benchmark: what it prints for machines and for people, judged by its cheapest row; and how rows are judged.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { medianPair } from "../../testnet/bench/pairs.js";
import { type RowPlan, rowOf } from "../../testnet/bench/report.js";

const LAUNCHER = fileURLToPath(new URL("../../bin/mabeam.mjs", import.meta.url));

function bench(...words: readonly string[]) {
  const env = { ...process.env, NO_COLOR: "1" };
  return spawnSync(process.execPath, [LAUNCHER, "bench", ...words], { encoding: "utf8", env });
}

const plan = (of: "value" | "ratio", bound: "at least" | "at most", amount: number): RowPlan => ({
  name: "row",
  unit: "ms",
  limit: "floor",
  target: { of, bound, amount },
});

describe("the program", () => {
  test("--json prints one line, the report, and exits 0 whether the target is met or not", () => {
    const ran = bench("--only", "admit", "--json");
    expect(ran.status).toBe(0);
    expect(ran.stdout.trimEnd().split("\n")).toHaveLength(1);
    const report = JSON.parse(ran.stdout);
    expect(Object.keys(report)).toEqual(["kind", "machine", "rows", "tables"]);
    expect(report.kind).toBe("BenchReport");
    expect(report.machine).toMatchObject({ node: process.version, cores: expect.any(Number) });
    expect(report.rows).toHaveLength(1);
    const [row] = report.rows;
    expect(Object.keys(row)).toEqual(["name", "value", "unit", "limit", "ratio", "target", "met"]);
    expect(row).toMatchObject({ name: "admit-bid", target: "ratio >= 0.8", met: expect.any(Boolean) });
    expect(row.limit).toEqual({ name: expect.any(String), value: expect.any(Number) });
    expect(row.ratio).toBeCloseTo(row.value / row.limit.value, 2);
  });

  test("without --json it prints the row's figure, its limit and its target", () => {
    const ran = bench("--only", "admit");
    expect(ran.status).toBe(0);
    expect(ran.stdout).toMatch(/admit-bid +[\d.]+ {2}bids/);
    expect(ran.stdout).toMatch(/ratio; target: ratio >= 0\.8/);
  });

  test("a group that is not there is a usage error that names the groups", () => {
    const ran = bench("teleport");
    expect([ran.status, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr).toMatch(/no group of rows is called teleport.*gateway/s);
  });

  test("a name that no row has is a usage error that names the rows", () => {
    const ran = bench("--only", "teleport");
    expect(ran.status).toBe(2);
    expect(ran.stdout).toBe("");
    expect(ran.stderr).toMatch(/admit-bid.*gossip-bid.*auction-cpu.*daemon-memory/s);
  });
});

describe("a row", () => {
  test("is met by its value or by its ratio to the limit, as its target says", () => {
    expect(rowOf(plan("value", "at most", 4), 4, 1).met).toBe(true);
    expect(rowOf(plan("value", "at most", 4), 4.1, 100).met).toBe(false);
    expect(rowOf(plan("ratio", "at most", 2), 4, 2).met).toBe(true);
    expect(rowOf(plan("ratio", "at most", 2), 4.1, 2).met).toBe(false);
    expect(rowOf(plan("ratio", "at least", 0.8), 8, 10).met).toBe(true);
    expect(rowOf(plan("ratio", "at least", 0.8), 7.9, 10).met).toBe(false);
  });

  test("is judged before it is rounded", () => {
    const row = rowOf(plan("value", "at most", 4), 4.000001, 1);
    expect(row).toMatchObject({ value: 4, met: false });
  });
});

test("of several pairs the one with the median ratio counts, whatever the machine did meanwhile", () => {
  const pairs = [
    { ours: 30, limit: 10 },
    { ours: 200, limit: 100 },
    { ours: 1, limit: 1 },
  ];
  expect(medianPair(pairs)).toEqual({ ours: 200, limit: 100 });
  expect(() => medianPair([])).toThrow(RangeError);
});
