// Owners and children of the simulator: all kinds are in some runs, and a child that bids everywhere at once gets no further than its budget.
import { describe, expect, it, vi } from "vitest";
import { toHex } from "../../src/base/index.js";
import type { BudgetDeed } from "../../testnet/lab/simulate/budget-plan.js";
import { HAS_BUDGETS } from "../../testnet/lab/simulate/budget-work.js";
import { FAULT_KINDS } from "../../testnet/lab/simulate/faults.js";
import { auction } from "../../testnet/lab/simulate/flood.js";
import { run } from "../../testnet/lab/simulate/run.js";
import { plainScenarioOf } from "../../testnet/lab/simulate/scenario.js";
import { scenarioOf } from "../../testnet/lab/simulate/seed.js";
import { LOCKUP } from "../../testnet/lab/simulate/workload.js";

vi.setConfig({ testTimeout: 300_000 });

describe("seeds choose owners and children", () => {
  const anything = { peers: null, quorum: null, byzantine: null, faults: new Set(FAULT_KINDS) };
  const families = Array.from({ length: 200 }, (_, seed) => scenarioOf(seed, anything)).flatMap(
    ({ budgets }) => budgets ?? [],
  );
  const deeds = families.flatMap((family) => family.deeds);
  const kinds: readonly BudgetDeed["kind"][] = ["open", "close", "meddle", "replay", "circle", "burst"];

  it.each(kinds)("some %s", (kind) => expect(deeds.some((deed) => deed.kind === kind)).toBe(true));

  it("in about as many runs as they should be, some nested, some with a key at several peers", () => {
    expect(Math.abs(families.length / 200 - HAS_BUDGETS)).toBeLessThan(0.1);
    expect(deeds.some((deed) => deed.kind === "open" && "child" in deed.owner)).toBe(true);
    expect(families.some(({ children }) => children.some(({ homes }) => homes.length === 3))).toBe(true);
    expect(families.some(({ sales }) => sales.length > 0)).toBe(true);
  });
});

describe("a child whose key lies at three peers, and that bids at each in three auctions at once, and past them", () => {
  const scenario = plainScenarioOf(1, { peers: 4, quorum: 1, byzantine: 0, faults: new Set() });
  const lots = [0, 1, 2].map((nth) => auction(scenario, nth, { creator: 3, atMs: 3_000, bids: [] }));

  /** Auctions in which it has a bid, in a run that breaks no law. */
  function bidsWith(perPeriod: bigint): number {
    const bidIn = new Set<string>();
    const child = {
      ...{ kind: "open" as const, atMs: 400, child: 0, owner: { host: 0 }, lastsMs: 1_000_000 },
      terms: { perAuction: 8n * LOCKUP, perPeriod, total: null },
    };
    const result = run(
      {
        ...scenario,
        ...{ healMs: 9_000, endMs: 14_000, periodMs: 600_000 },
        workload: { auctions: lots, payments: [] },
        budgets: {
          children: [{ homes: [0, 1, 2] }],
          deeds: [child, { kind: "burst", atMs: 3_700, child: 0 }],
          bids: lots.map(({ name }, i) => ({ child: 0, auction: name, amount: (1n << 38n) + BigInt(i) })),
          sales: [],
        },
      },
      null,
      undefined,
      (world) =>
        world.witnesses.push({
          noticed(_host, notice) {
            if (notice.kind === "bidCommitted") bidIn.add(toHex(notice.auction));
          },
        }),
    );
    expect(result.violation).toBeNull();
    return bidIn.size;
  }

  it("has as many bids as its budget covers, and not one micro-credit more", () => {
    const fees = 10_000_000n;
    expect(bidsWith(LOCKUP - 1n)).toBe(0);
    expect(bidsWith(LOCKUP + fees)).toBe(1);
    expect(bidsWith(2n * LOCKUP + fees)).toBe(2);
  });
});
