// Scenario 70 of spec/scenarios: a provider that lets its jobs time out loses what their liens say, and no more.
import { describe, expect, it, vi } from "vitest";
import { toHex } from "../../src/base/index.js";
import type { EndedState, Trade } from "../../src/market/index.js";
import { auction } from "../../testnet/lab/simulate/flood.js";
import { run } from "../../testnet/lab/simulate/run.js";
import { plainScenarioOf } from "../../testnet/lab/simulate/scenario.js";
import type { DeliveryPlan } from "../../testnet/lab/simulate/workload.js";

vi.setConfig({ testTimeout: 300_000 });

const JOBS = 10;
/** Small beside what the provider has staked. */
const LOCKUP = 1n << 38n;

describe("scenario 70: ten small jobs of a large provider time out", () => {
  it("the first costs a warning, the others what answers for them, more each time up to five times", () => {
    const plain = plainScenarioOf(1, { peers: 4, quorum: 4, byzantine: 0, faults: new Set() });
    const delivery: DeliveryPlan = {
      deliverMs: 2_000,
      settleMs: 2_000,
      performs: "forgets",
      isAccepted: true,
      meddles: false,
      dispute: null,
    };
    const jobs = Array.from({ length: JOBS }, (_, i) =>
      // One creator for all, and no amount twice.
      auction(plain, 4 * i, { name: `job-${i}`, atMs: 400 + 50 * i, lockups: [LOCKUP], delivery }),
    );
    const ended = new Map<string, Trade & { readonly state: EndedState }>();
    const result = run({ ...plain, workload: { auctions: jobs, payments: [] } }, null, undefined, (world) =>
      world.witnesses.push({
        noticed(_host, notice) {
          if (notice.kind !== "trade" || notice.trade.state.kind !== "ended") return;
          ended.set(toHex(notice.trade.id), { ...notice.trade, state: notice.trade.state });
        },
      }),
    );
    // The laws `trade-money`, `liens` and `funds` among them: the stake that is left is what the penalties leave.
    expect(result.violation).toBeNull();
    const all = [...ended.values()].sort((a, b) => a.state.penalty!.violations - b.state.penalty!.violations);
    expect(all.map(({ state }) => state.cause)).toEqual(Array(JOBS).fill("timedOut"));
    expect(all.map(({ state, lien }) => [state.penalty!.taken, state.returned > 0n, lien > 0n])).toEqual(
      all.map(({ lien }, i) => [2n * (lien / 4n) * BigInt(Math.min(i, 5)), true, true]),
    );
  });
});
