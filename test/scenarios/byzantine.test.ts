// F liars among n members, strategy by strategy: what spec/scenarios promises of each, in the simulator.
import { describe, expect, it, vi } from "vitest";
import type { StrategyName } from "../../testnet/lab/simulate/byzantine/strategy.js";
import { FAULT_KINDS, type FaultKind } from "../../testnet/lab/simulate/faults.js";
import { type RunResult, run } from "../../testnet/lab/simulate/run.js";
import { plainScenarioOf, type Scenario } from "../../testnet/lab/simulate/scenario.js";
import { livedAmongCensors } from "./censored.js";

vi.setConfig({ testTimeout: 300_000 });

function scenarioWith(
  strategy: StrategyName,
  quorum: 4 | 7,
  seed: number,
  faults: readonly FaultKind[],
): Scenario {
  const byzantine = (quorum - 1) / 3;
  const chosen = plainScenarioOf(seed, { peers: quorum, quorum, byzantine, faults: new Set(faults) });
  return { ...chosen, culprits: chosen.culprits.map((one) => ({ ...one, strategy })) };
}

/** Enough for a few auctions and many turns of every leader. */
const brief = (scenario: Scenario): Scenario => ({ ...scenario, healMs: 500, endMs: 14_000 });

/** No checker finds anything, and the log goes on: at n = 4 with other faults beside, and at n = 7 without. */
function expectHarmless(strategy: StrategyName): readonly RunResult[] {
  const results = [
    run(scenarioWith(strategy, 4, 1, FAULT_KINDS), null),
    run(brief(scenarioWith(strategy, 7, 3, [])), null),
  ];
  for (const { violation, entriesFinalised } of results) {
    expect(violation).toBeNull();
    expect(entriesFinalised).toBeGreaterThan(10);
  }
  return results;
}

describe("F of n members lie", () => {
  it("scenario 15: leaders that split their proposals by halves fork nothing, and all are caught", () => {
    expectHarmless("equivocate");
  });

  it("scenario 16: those who vote for everything fork nothing, and all are slashed", () => {
    expectHarmless("double-vote");
  });

  it("scenario 17: F silent members stop nothing", () => {
    expectHarmless("silence");
  });

  it("scenario 18: who acknowledges and never commits stops nothing", () => {
    expectHarmless("no-commit");
  });

  it("scenario 19: an entry that only Q − F honest members were given is final for all", () => {
    expectHarmless("narrow");
  });

  it("scenario 20: censoring leaders keep nobody out: every auction settles with every honest bid revealed", () => {
    const [censored] = expectHarmless("censor");
    expect(censored!.auctionsSettled).toBeGreaterThan(0);
  });

  it.each([
    [4, 7],
    [4, 8],
    [7, 1],
    [7, 4],
  ] as const)(
    "scenario 20: among %i, what censors hold back is final before the commits close (seed %i)",
    (n, seed) => {
      const { bids, committed, heldBack } = livedAmongCensors(seed, n);
      expect(heldBack).toBeGreaterThan(0);
      expect(committed).toBe(bids);
    },
  );

  it("scenario 21: leaders that stall to the last moment leave the honest their share of the throughput", () => {
    for (const quorum of [4, 7] as const) {
      const scenario = brief(scenarioWith("last-moment", quorum, 5, []));
      const calm = run({ ...scenario, culprits: [] }, null);
      const stalled = run(scenario, null);
      expect(stalled.violation).toBeNull();
      const byzantine = (quorum - 1) / 3;
      const share = (quorum - byzantine) / quorum;
      expect(stalled.entriesFinalised).toBeGreaterThanOrEqual(
        Math.floor(calm.entriesFinalised * share * 0.7),
      );
    }
    expectHarmless("stall");
  });

  it("scenario 22: terms from the far future move nobody and stay in nobody's memory", () => {
    expectHarmless("inflate");
    const scenario = brief(scenarioWith("inflate", 4, 2, []));
    const calm = run({ ...scenario, culprits: [] }, null);
    const inflated = run(scenario, null);
    expect(inflated.violation).toBeNull();
    expect(inflated.entriesFinalised).toBeGreaterThan(calm.entriesFinalised * 0.8);
    expect(inflated.entriesFinalised).toBeLessThan(calm.entriesFinalised * 1.2);
  });

  it("scenario 25: certificates with signers twice, one too few, of another set or market, or in disorder say nothing", () => {
    expectHarmless("false-certificates");
  });

  it.each([0, 1, 2, 3])(
    "scenario 27: seat %i of four run twice forks nothing and is stopped by itself or the bond",
    (seat) => {
      const chosen = scenarioWith("twins", 4, 11 + seat, seat === 0 ? FAULT_KINDS : []);
      const { violation, entriesFinalised } = run(
        { ...chosen, culprits: [{ seat, strategy: "twins" }] },
        null,
      );
      expect(violation).toBeNull();
      expect(entriesFinalised).toBeGreaterThan(20);
    },
  );

  it("scenario 56: ACKs and certificates hoarded for more than KEEP terms make nobody contradict itself", () => {
    expectHarmless("hoard");
    expectHarmless("late-votes");
  });

  it("scenario 75: entries full of what nobody pays for are not acknowledged, and the chain goes on", () => {
    expectHarmless("junk-entries");
  });

  it.each([
    ["false-log", "lies in catch-up, justifications and status mislead nobody"],
    ["replay", "what was said before, elsewhere or by others counts once or not at all"],
    ["false-time", "a leader's false time moves the ledger's no further than patience allows"],
    ["accuse", "honest pairs, changed votes and disordered evidence convict nobody"],
    ["stale-parent", "an entry on a stale parent is never acknowledged"],
  ] as const)("%s: %s", (strategy, _law) => {
    expectHarmless(strategy);
  });
});
