// The bound of a fair queue, and who may not get beyond it.
import { describe, expect, it } from "vitest";
import { FairQueue } from "../../src/quota/fair-queue.js";

const queue = (credit = 0) =>
  new FairQueue<{ readonly id: string; readonly cost: number }>({ halfLifeMs: 1_000_000, credit });
let made = 0;
const one = (cost: number) => ({ id: `${made++}`, cost });

/** Serves whoever is next, so many times. */
function served(fair: ReturnType<typeof queue>, count: number): string {
  const flows: string[] = [];
  for (; flows.length < count; ) {
    const { flow } = fair.head!;
    flows.push(flow);
    fair.settle(flow, fair.serve(flow).id, 0, 0);
  }
  return flows.join("");
}

describe("a fair queue", () => {
  it("tells the greatest difference among flows that wait, and the bound on it", () => {
    const fair = queue(5);
    expect(fair.fairness).toEqual({ gap: 0, bound: 5 });
    for (const flow of ["a", "b"]) for (let n = 0; n < 3; n++) fair.join(flow, { weight: 2 }, one(21), 0);
    const { id } = fair.serve("a");
    expect(fair.fairness).toEqual({ gap: 11, bound: 18 });
    fair.settle("a", id, -9, 0);
    expect(fair.fairness).toEqual({ gap: 6, bound: 23 });
    fair.settle("b", fair.serve("b").id, 30, 0);
    expect(fair.fairness).toEqual({ gap: 20, bound: 38 });
  });

  it("tells about how many turns come before one, of each flow by its weight as many as wait", () => {
    const fair = queue();
    const join = (flow: string, weight: number, count: number) => {
      for (let n = 0; n < count; n++) fair.join(flow, { weight }, one(1), 0);
    };
    join("a", 1, 3);
    join("b", 3, 9);
    join("c", 1, 1);
    expect([0, 1, 2].map((nth) => fair.turnsBefore("a", nth))).toEqual([3 + 1, 1 + 6 + 1, 2 + 9 + 1]);
    expect([fair.turnsBefore("b", 0), fair.turnsBefore("b", 8)]).toEqual([1 + 1, 8 + 3 + 1]);
  });

  it("lets nobody begin behind the others by what yet others have lent", () => {
    const fair = queue(10);
    for (const flow of ["b", "c", "d"]) {
      fair.join(flow, { weight: 1 }, one(1), 0);
      fair.settle(flow, fair.serve(flow).id, 0, 0);
    }
    for (let n = 0; n < 200; n++) fair.join("a", { weight: 1 }, one(1), 0);
    served(fair, 100);
    // Each has lent more than its credit: each is 10 behind a, and none behind another.
    for (const flow of ["b", "c", "d"])
      for (let n = 0; n < 20; n++) fair.join(flow, { weight: 1 }, one(1), 0);
    expect(fair.fairness.gap).toBe(10);
    const first = served(fair, 30);
    expect(["a", "b", "c", "d"].map((flow) => first.split(flow).length - 1)).toEqual([0, 10, 10, 10]);
    expect(served(fair, 4).split("").sort().join("")).toBe("abcd");
  });

  it("gives nobody anything for estimates that were too high before it came", () => {
    const fair = queue();
    fair.join("liar", { weight: 1 }, one(1_000), 0);
    const high = fair.serve("liar").id;
    for (let n = 0; n < 3_000; n++) fair.join("b", { weight: 1 }, one(1), 0);
    served(fair, 1_500);
    // It comes beside b, and what is given back now it would not have needed to begin here.
    for (let n = 0; n < 20; n++) fair.join("liar", { weight: 1 }, one(1), 0);
    fair.settle("liar", high, -1_000, 0);
    expect(fair.fairness.gap).toBeLessThanOrEqual(1);
    expect(served(fair, 10).split("b")).toHaveLength(6);
  });

  it("takes from nobody for estimates that were too low, but what it would have had to pay anyway", () => {
    const fair = queue();
    fair.join("a", { weight: 1 }, one(10), 0);
    const low = fair.serve("a").id;
    for (let n = 0; n < 200; n++) fair.join("b", { weight: 1 }, one(1), 0);
    served(fair, 100);
    for (let n = 0; n < 20; n++) fair.join("a", { weight: 1 }, one(1), 0);
    // 10 more make 20, and b is at 100: it began there whatever it was charged before.
    fair.settle("a", low, 10, 0);
    expect(fair.fairness.gap).toBeLessThanOrEqual(1);
    expect(served(fair, 10).split("b")).toHaveLength(6);
  });

  it("charges by the new weight what a flow of another weight is served, and keeps what it was", () => {
    const fair = queue();
    for (const [flow, weight] of [
      ["a", 1],
      ["b", 3],
    ] as const)
      for (let n = 0; n < 40; n++) fair.join(flow, { weight }, one(6), 0);
    expect(served(fair, 16).split("b")).toHaveLength(13);
    fair.join("a", { weight: 3 }, one(6), 0);
    expect(served(fair, 16).split("b")).toHaveLength(9);
  });
});

it("flows that somebody makes up are forgotten after a half-life, where there are more than 10,000; fewer are not", () => {
  for (const [flows, next] of [
    [9_999, "new new"],
    [10_001, "new f0"],
  ] as const) {
    const fair = queue();
    for (let i = 0; i < flows; i++) {
      fair.join(`f${i}`, { weight: 1 }, one(10), 0);
      fair.settle(`f${i}`, fair.serve(`f${i}`).id, 0, 0);
    }
    fair.forget(999_999);
    fair.forget(1_000_000);
    // What it was served is remembered, so that who comes after it goes before it; or else it begins as anybody does.
    for (const flow of ["new", "new", "f0"]) fair.join(flow, { weight: 1 }, one(5), 1_000_000);
    const first = fair.head!.flow;
    fair.serve(first);
    expect([flows, `${first} ${fair.head!.flow}`]).toEqual([flows, next]);
  }
});
