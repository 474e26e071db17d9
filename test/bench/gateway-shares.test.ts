// The experiment with a shared key in miniature: what is measured, and that the measure sees what it is to see.
import { describe, expect, test } from "vitest";
import { type CallRecord, NOTHING, newRecord } from "../../testnet/bench/gateway/call-record.js";
import { crowdOf, type Member } from "../../testnet/bench/gateway/crowd.js";
import { quantileOf } from "../../testnet/bench/gateway/outcome.js";
import { SHARES, shareRows } from "../../testnet/bench/gateway/rows/shares.js";
import { serviceGap } from "../../testnet/bench/gateway/service-gap.js";
import { VirtualClock } from "../../testnet/bench/gateway/virtual-clock.js";
import type { BenchTable } from "../../testnet/bench/report.js";

test("two minutes of five agents: every policy has its figures, and nothing is refused behind the gateway", async () => {
  const tables: BenchTable[] = [];
  const miniature = { warmUpMs: 30_000, measuredMs: 120_000, seeds: [1], crowds: [5] };
  const rows = await shareRows({ table: (one) => tables.push(one) }, miniature);
  expect(rows.map(({ name }) => name)).toEqual(SHARES.map(({ name }) => name));
  expect(tables.map(({ name }) => name)).toEqual(["gateway-shares-together-5", "gateway-shares-apart-5"]);
  const [{ ways, columns }] = tables as [BenchTable];
  const figure = (way: string, column: string): number | null =>
    ways.find(({ name }) => name === way)!.figures[columns.indexOf(column)]!;
  expect(ways.map(({ name }) => name)).toEqual([
    "no gateway",
    "5 retries (as Portkey)",
    "reject above share",
    "limit ÷ agents",
    "FIFO queue",
    "mabeam",
  ]);
  expect(figure("no gateway", "upstream 429s")).toBeGreaterThan(100);
  expect(figure("no gateway", "failed runs")).toBeGreaterThan(10);
  expect([figure("mabeam", "upstream 429s"), figure("mabeam", "failed runs")]).toEqual([0, 0]);
  expect(figure("mabeam", "calls answered")).toBeGreaterThan(20);
  expect(figure("mabeam", "gap / bound")).toBeLessThanOrEqual(1);
  // The same machine under the same seed.
  const again: BenchTable[] = [];
  await shareRows({ table: (one) => again.push(one) }, miniature);
  expect(again).toEqual(tables);
});

describe("the gap in service", () => {
  const TWO: readonly Member[] = [
    { name: "a", band: "normal", weight: 1, lanes: 2 },
    { name: "b", band: "normal", weight: 2, lanes: 2 },
  ];
  const call = (agent: number, readyMs: number, takenMs: number | null): CallRecord => ({
    ...newRecord(agent, false, readyMs),
    takenMs,
  });
  const gapOf = (records: readonly CallRecord[], crowd = TWO) => serviceGap(crowd, records, () => 10);

  test("is by weight, and counts only while both want", () => {
    // a alone is given two; then b comes, and a is given two more while b waits.
    const records = [call(0, 0, 0), call(0, 0, 1), call(1, 2, null), call(0, 2, 3), call(0, 2, 4)];
    expect(gapOf(records)).toEqual({ gap: 20, gapAsCounted: 20, bound: 20 });
    expect(gapOf([...records, call(1, 2, 5)]).gap).toBe(20);
  });

  test("begins anew when one of them has wanted nothing", () => {
    const records = [
      call(1, 0, 2),
      call(0, 0, 1),
      call(0, 0, 3),
      call(1, 5, null),
      call(0, 5, 6),
      call(0, 9, 10),
    ];
    expect(gapOf(records).gap).toBe(10);
  });

  test("as counted is of what was counted while both wanted, whenever that was sent", () => {
    const counted = { ...NOTHING, outputTokens: 10 };
    const later = (atMs: number, outputTokens: number) => ({ atMs, amounts: { ...NOTHING, outputTokens } });
    // a was sent before b came, and is written while both wait; what is written once a waits no more does not count.
    const records = [
      { ...call(0, 0, 0), counted, later: [later(5, 6), later(30, 3)] },
      { ...call(0, 1, 20), counted, later: [later(40, 10)] },
      call(1, 1, null),
    ];
    const gaps = serviceGap(TWO, records, ({ outputTokens }) => outputTokens);
    expect(gaps).toEqual({ gap: 10, gapAsCounted: 6, bound: 20 });
  });

  test("is of one band", () => {
    const apart = [TWO[0]!, { ...TWO[1]!, band: "batch" as const }];
    expect(gapOf([call(1, 0, null), call(0, 0, 1), call(0, 0, 2)], apart).gap).toBe(0);
  });
});

test("a virtual clock wakes whoever sleeps in order, and passes no time while there is work", async () => {
  const clock = new VirtualClock();
  const woken: string[] = [];
  const sleeper = async (name: string, ...times: readonly number[]): Promise<void> => {
    for (const ms of times) {
      await clock.sleep(ms);
      woken.push(`${name}@${clock.nowMs()}`);
    }
  };
  void sleeper("a", 5, 5);
  void sleeper("b", 5, 1);
  clock.at(6, () => woken.push("bell"));
  clock.at(7, () => woken.push("never"))();
  await clock.run(9);
  expect(woken).toEqual(["a@5", "b@5", "bell", "b@6"]);
  expect(clock.nowMs()).toBe(9);
});

test("a quantile is a value that was seen, and a fifth of the agents are spoken with", () => {
  expect([quantileOf([3, 1, 2], 0.5), quantileOf([], 0.99), quantileOf([1, 2], 1)]).toEqual([2, 0, 2]);
  expect(crowdOf(15).filter(({ band }) => band === "interactive")).toHaveLength(3);
});
