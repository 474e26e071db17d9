// How fast virtual time passes: seven members, one operation a second, the faults that a seed chooses.
import { FAULT_KINDS } from "./faults.js";
import { run } from "./run.js";
import { plainScenarioOf, type Scenario } from "./scenario.js";
import type { PaymentPlan } from "./workload.js";

const SEATS = 7;
const IDLE_MS = 1_000;
const OPERATION_EVERY_MS = 1_000;

export interface SimulatorSpeed {
  /** virtual ms lived through */
  readonly virtualMs: number;
  readonly wallMs: number;
  readonly operations: number;
  readonly entriesFinalised: number;
}

/**
 * Lives through the scenarios of `seed`, `seed` + 1, … until at least `virtualMs` have passed, under all checkers.
 * @param nowMs reads a clock of real time
 * @throws Error when an invariant breaks: a wrong run is no measure
 */
export function simulatorSpeed(seed: number, virtualMs: number, nowMs: () => number): SimulatorSpeed {
  const total = { virtualMs: 0, operations: 0, entriesFinalised: 0 };
  const startedMs = nowMs();
  for (let next = seed; total.virtualMs < virtualMs; next++) {
    const scenario = steadyScenario(next);
    const result = run(scenario, null);
    if (result.violation !== null) throw new Error(`seed ${next}: ${result.violation.detail}`);
    total.virtualMs += result.virtualMs;
    total.operations += scenario.workload.payments.length;
    total.entriesFinalised += result.entriesFinalised;
  }
  return { ...total, wallMs: nowMs() - startedMs };
}

function steadyScenario(seed: number): Scenario {
  const wishes = {
    peers: SEATS,
    quorum: SEATS,
    byzantine: null,
    faults: new Set(FAULT_KINDS),
    idleMs: IDLE_MS,
  };
  const scenario = plainScenarioOf(seed, wishes);
  const count = Math.floor((scenario.endMs - 3_000) / OPERATION_EVERY_MS);
  const payments = Array.from({ length: count }, (_, i) => paymentAt(i));
  return { ...scenario, workload: { auctions: [], payments } };
}

const paymentAt = (i: number): PaymentPlan => ({
  atMs: (i + 0.5) * OPERATION_EVERY_MS,
  kind: "transfer",
  from: i % SEATS,
  to: (i + 1) % SEATS,
  amount: BigInt(i + 1),
});
