// Every provable fault that a Byzantine seat commits in the simulator costs its bond, once, at every peer alike.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import type { Notice } from "../../src/peer/index.js";
import { Agents } from "../../testnet/lab/simulate/agents.js";
import type { StrategyName } from "../../testnet/lab/simulate/byzantine/strategy.js";
import { FAULT_KINDS } from "../../testnet/lab/simulate/faults.js";
import { simulatedNetwork } from "../../testnet/lab/simulate/network.js";
import { run } from "../../testnet/lab/simulate/run.js";
import { plainScenarioOf, type Scenario } from "../../testnet/lab/simulate/scenario.js";
import { Random } from "../../testnet/lab/simulate/world/random.js";
import { IdealSignatures } from "../../testnet/lab/simulate/world/signatures.js";
import { World } from "../../testnet/lab/simulate/world/world.js";

const CULPRIT = 1;

function scenario(seed: number, strategy: StrategyName): Scenario {
  const wishes = { peers: 5, quorum: 4, byzantine: 1, faults: new Set<never>() };
  return { ...plainScenarioOf(seed, wishes), culprits: [{ seat: CULPRIT, strategy }] };
}

type Slashed = Extract<Notice, { kind: "slashed" }>;

/** What each honest peer told of slashes in a run without other faults, and whose agent the culprit's is. */
function slashesIn(one: Scenario) {
  const random = new Random(one.seed, "world");
  const network = simulatedNetwork(one, null, random, new IdealSignatures(random.branch("keys")));
  const { hosts, epochMs } = network;
  const world = new World({ random, weather: one.faults.weather, epochMs, hosts });
  const told = new Map<number, Slashed[]>();
  const agents = new Agents(world, one.workload, network, () => false);
  const noticed = (host: { readonly index: number }, notice: Notice): void => {
    if (notice.kind !== "slashed") return;
    told.set(host.index, [...(told.get(host.index) ?? []), notice]);
  };
  world.witnesses.push({ noticed }, agents);
  for (const host of world.hosts) host.start();
  world.agenda.runUntil(12_000, () => false);
  return { told, agent: toHex(network.agents[CULPRIT]!), hosts: world.hosts.length };
}

const CASES: readonly (readonly [StrategyName, readonly string[]])[] = [
  ["equivocate", ["E1", "E3", "E4", "E5"]],
  ["double-vote", ["E1", "E2", "E3", "E4"]],
  ["stale-parent", ["E1", "E6"]],
  ["invalid-body", ["E6"]],
];

describe("a Byzantine seat in the simulator", () => {
  for (const [strategy, types] of CASES) {
    it(`that does ${strategy} is slashed for it, alike at every peer, and nobody else is`, () => {
      const seen = new Set<string>();
      for (const seed of [1, 2, 3]) {
        const { told, agent, hosts } = slashesIn(scenario(seed, strategy));
        const honest = Array.from({ length: hosts }, (_, i) => i).filter((i) => i !== CULPRIT);
        const records = honest.map((i) => told.get(i) ?? []);
        for (const record of records) expect(record).toEqual(records[0]);
        for (const one of records[0]!) {
          expect(toHex(one.agent)).toBe(agent);
          seen.add(one.evidence);
        }
      }
      expect(seen.size).toBeGreaterThan(0);
      expect([...seen].filter((type) => !types.includes(type))).toEqual([]);
    });
  }

  it("that leads with invalid bodies breaks no invariant, under all the simulator's faults", () => {
    for (const seed of [21, 22, 23]) {
      const wishes = { peers: null, quorum: 4, byzantine: 1, faults: new Set(FAULT_KINDS) };
      const one = {
        ...plainScenarioOf(seed, wishes),
        culprits: [{ seat: 2, strategy: "invalid-body" as const }],
      };
      expect([seed, run(one, null).violation]).toEqual([seed, null]);
    }
  });
});
