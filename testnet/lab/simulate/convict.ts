// What convicts each mutant: a kind of run in which its broken rule does harm that its checker sees, most often at once.
import type { StrategyName } from "./byzantine/strategy.js";
import { CALM, FAULT_KINDS, type FaultKind, quiet } from "./faults.js";
import {
  cutOffAmidOpen,
  everyoneBids,
  everyoneBidsAtOnce,
  floodOfOpenings,
  lotsLapseAtTheClose,
  oneWithholds,
  soonForgotten,
} from "./market-shapes.js";
import type { MutantName } from "./mutants.js";
import { FOUR_SLOW, HURRIED_MS, overloaded, TWICE_THE_BEST } from "./overload.js";
import { plainScenarioOf, type Scenario, type ScenarioWishes } from "./scenario.js";
import type { Workload } from "./workload.js";

export interface Conviction {
  readonly quorum: number;
  readonly byzantine: number;
  /** what every culprit does; null: the seed chooses */
  readonly strategy: StrategyName | null;
  readonly faults: readonly FaultKind[];
  /** what the run is besides: where the harm needs a moment that a seed would seldom choose */
  readonly shape: (scenario: Scenario) => Scenario;
  /** one that convicts, by the checker that is there for this rule; others often do, now and then by another */
  readonly seed: number;
}

const asChosen = (scenario: Scenario): Scenario => scenario;
const NO_WORK: Workload = { auctions: [], payments: [] };

const by = (strategy: StrategyName, seed: number): Conviction => ({
  quorum: 4,
  byzantine: 1,
  strategy,
  faults: FAULT_KINDS,
  shape: asChosen,
  seed,
});

/** An idle network. */
const idle = (scenario: Scenario): Scenario => ({ ...scenario, workload: NO_WORK });

/** A network in which somebody always wants something, so that its log is never rare. */
const busy = (scenario: Scenario): Scenario => ({
  ...scenario,
  workload: {
    auctions: [],
    payments: Array.from({ length: Math.floor(scenario.endMs / 200) }, (_, i) => ({
      atMs: 200 * i,
      kind: "transfer" as const,
      from: 1,
      to: 0,
      amount: 1n,
    })),
  },
});

/** An idle network whose disks and links are slow beside its Δ: finality comes later than a leader's margin. */
const slowForItsDelta = (scenario: Scenario): Scenario => ({
  ...idle(scenario),
  timing: { ...scenario.timing, deltaMs: 6, precisionMs: 6, idleMs: 400 },
  faults: {
    ...quiet(scenario.faults),
    clockOffsetsMs: scenario.faults.clockOffsetsMs.map(() => 0),
    syncMs: 6,
  },
});

/** One member is down for a few rounds. */
const oneMissesItsTurns = (scenario: Scenario): Scenario => ({
  ...busy(scenario),
  faults: {
    ...quiet(scenario.faults),
    crashes: [{ atMs: 2_000, host: 2, point: "idle", downMs: 9_000 }],
  },
  endMs: scenario.endMs + 60_000,
});

/** One payment in a network in which nothing has happened for long. */
const oneTransferAfterSilence = (scenario: Scenario): Scenario => {
  const atMs = scenario.healMs + scenario.liveMs + 20_000;
  return {
    ...scenario,
    timing: { ...scenario.timing, idleMs: 1_000 },
    faults: { ...quiet(scenario.faults), clockOffsetsMs: scenario.faults.clockOffsetsMs.map(() => 0) },
    workload: { auctions: [], payments: [{ atMs, kind: "transfer", from: 0, to: 1, amount: 1n }] },
    endMs: atMs + 10_000,
  };
};

/** The owner of a seat withdraws stake, near the end of the run: what it may, or more. */
const oneWithdraws =
  (kind: "unbond" | "overreach") =>
  (scenario: Scenario): Scenario => ({
    ...scenario,
    workload: {
      auctions: [],
      payments: [{ atMs: scenario.endMs - 5_000, kind, from: 1, to: 1, amount: 1_000_000n }],
    },
  });

/** Messages are late and lost, so that a term is given up by members that acknowledged its entry. */
const stormy = (scenario: Scenario): Scenario => ({
  ...scenario,
  faults: {
    ...quiet(scenario.faults),
    weather: { ...CALM, loss: 0.15, slow: 0.1, slowMs: 1_500 },
  },
});

/** Old votes are pruned soon. */
const forgetful = (scenario: Scenario): Scenario => ({ ...scenario, keepTerms: 4 });

/** Everyone dies together, again and again, with votes on disk that were not said. */
const allDieBeforeTheySpeak = (scenario: Scenario): Scenario => ({
  ...busy(scenario),
  faults: {
    ...quiet(scenario.faults),
    crashes: Array.from({ length: 6 }, (_, i) => i).flatMap((i) =>
      Array.from({ length: scenario.peers }, (_, host) => ({
        atMs: 13_000 + 1_100 * i,
        host,
        point: "beforeSend" as const,
        downMs: 400,
      })),
    ),
  },
});

/** A member dies again and again, and for a while nobody can tell it what it has said. */
const oneStartsAlone = (scenario: Scenario): Scenario => {
  const times = Array.from({ length: 12 }, (_, i) => 2_000 + 1_390 * i);
  const others = Array.from({ length: scenario.peers - 1 }, (_, i) => i + 1);
  return {
    ...busy(scenario),
    timing: { ...scenario.timing, idleMs: 200 },
    faults: {
      ...quiet(scenario.faults),
      weather: { ...CALM, leastDelayMs: 40 },
      crashes: times.map((atMs) => ({ atMs, host: 0, point: "idle", downMs: 10 })),
      partitions: times.map((atMs) => ({
        atMs,
        durationMs: 600,
        cuts: others.map((host): [number, number] => [host, 0]),
      })),
    },
  };
};

/** The same, and its disk has lost what was synced last. */
const oneLosesItsLastBatch = (scenario: Scenario): Scenario => {
  const { faults, ...rest } = oneStartsAlone(scenario);
  const disks = faults.crashes.map(({ atMs, host, downMs }) => ({
    kind: "lostBatch" as const,
    atMs,
    host,
    downMs,
  }));
  return { ...rest, faults: { ...faults, crashes: [], disks } };
};

/** Entries are certified one after the other, and none becomes final while a member is cut off. */
function certifiedNotFinal(scenario: Scenario): Scenario {
  const [culprit] = scenario.culprits;
  const far = (culprit!.seat + 1) % scenario.quorum;
  const others = Array.from({ length: scenario.peers }, (_, host) => host).filter((host) => host !== far);
  const cuts = others.flatMap((host): [number, number][] => [
    [far, host],
    [host, far],
  ]);
  return {
    ...scenario,
    timing: { ...scenario.timing, deltaMs: 60, precisionMs: 30, idleMs: 200, messageDelayMs: 200 },
    faults: {
      ...quiet(scenario.faults),
      clockOffsetsMs: scenario.faults.clockOffsetsMs.map(() => 0),
      partitions: [{ atMs: 1_700, durationMs: 13_000, cuts }],
    },
    workload: {
      payments: [],
      auctions: scenario.workload.auctions.map((auction) => ({
        ...auction,
        atMs: 400,
        startInMs: 0,
        commitMs: 1_500,
        revealMs: 4_000,
      })),
    },
  };
}

/** Twice as many operations as four slow members can bear. */
const overload = (scenario: Scenario): Scenario =>
  overloaded({ ...scenario, peers: scenario.quorum }, { speeds: FOUR_SLOW, stages: TWICE_THE_BEST });

/** The same where Δ is short beside what an entry takes. */
const hurried = (scenario: Scenario): Scenario =>
  overloaded(
    { ...scenario, peers: scenario.quorum },
    { speeds: FOUR_SLOW, stages: TWICE_THE_BEST, deltaMs: HURRIED_MS },
  );

export const CONVICTION: Readonly<Record<MutantName, Conviction>> = {
  "no-gap-check": { ...by("stale-parent", 1), faults: [] },
  "skip-after-commit": { ...by("hoard", 4), faults: [] },
  // At n = 2 nobody is asked at the start: there is no memory but one's own.
  "forget-votes": {
    ...by("silence", 1),
    quorum: 2,
    byzantine: 0,
    strategy: null,
    faults: [],
    shape: oneStartsAlone,
  },
  "prune-without-floor": { ...by("hoard", 3), faults: [], shape: forgetful },
  "quorum-off-by-one": { ...by("equivocate", 1), faults: [] },
  "duplicate-signers": { ...by("false-certificates", 4), faults: [] },
  "execute-before-finality": { ...by("equivocate", 1), faults: [] },
  "evidence-convicts-the-honest": { ...by("accuse", 1), shape: stormy },
  "unordered-evidence": { ...by("accuse", 1), faults: [] },
  "time-rule-off": { ...by("false-time", 1), faults: [] },
  "empty-ack-cert-is-work": {
    ...by("silence", 3),
    byzantine: 0,
    strategy: null,
    faults: [],
    shape: slowForItsDelta,
  },
  "skip-at-once-on-silence": { ...by("silence", 1), byzantine: 0, strategy: null, shape: oneMissesItsTurns },
  "no-start-rule": {
    ...by("silence", 2),
    quorum: 2,
    byzantine: 0,
    strategy: null,
    shape: allDieBeforeTheySpeak,
  },
  // The guard alone knows what the database has lost.
  "guard-without-proposals": {
    ...by("silence", 3),
    quorum: 2,
    byzantine: 0,
    strategy: null,
    faults: [],
    shape: oneLosesItsLastBatch,
  },
  "leader-counted-before-operations": { ...by("silence", 5), byzantine: 0, strategy: null, faults: [] },
  "counted-without-knowing-the-phase": { ...by("no-commit", 2), faults: [], shape: certifiedNotFinal },
  "reveal-before-finality": { ...by("silence", 1), byzantine: 0, strategy: null, faults: [] },
  "remembered-before-kept": {
    ...by("silence", 1),
    byzantine: 0,
    strategy: null,
    faults: [],
    shape: floodOfOpenings,
  },
  "reveal-ends-unshown": {
    ...by("silence", 1),
    byzantine: 0,
    strategy: null,
    faults: [],
    shape: oneWithholds,
  },
  "outage-eats-a-phase": {
    ...by("silence", 1),
    byzantine: 0,
    strategy: null,
    faults: [],
    shape: cutOffAmidOpen,
  },
  "deposit-kept": { ...by("silence", 4), byzantine: 0, strategy: null, faults: [], shape: soonForgotten },
  "void-by-the-settling-entry": {
    ...by("silence", 1),
    byzantine: 0,
    strategy: null,
    faults: [],
    shape: lotsLapseAtTheClose,
  },
  "reveal-room-counts-nothing": {
    ...by("silence", 1),
    byzantine: 0,
    strategy: null,
    faults: [],
    shape: everyoneBids,
  },
  "reveal-room-for-nothing": {
    ...by("silence", 1),
    byzantine: 0,
    strategy: null,
    faults: [],
    shape: everyoneBidsAtOnce,
  },
  "idle-entries-pass": { ...by("junk-entries", 1), faults: [] },
  "leader-sleeps-through-work": {
    ...by("silence", 1),
    byzantine: 0,
    strategy: null,
    faults: [],
    shape: oneTransferAfterSilence,
  },
  "idle-log-never-rare": {
    ...by("silence", 1),
    byzantine: 0,
    strategy: null,
    faults: [],
    shape: idle,
  },
  "unpayable-uses-its-nonce": { ...by("overdraw", 1), faults: [] },
  "unbonds-what-a-lien-holds": {
    ...by("silence", 1),
    byzantine: 0,
    strategy: null,
    faults: [],
    shape: oneWithdraws("overreach"),
  },
  "released-before-its-time": {
    ...by("silence", 1),
    byzantine: 0,
    strategy: null,
    faults: [],
    shape: oneWithdraws("unbond"),
  },
  "groups-by-number-alone": {
    ...by("silence", 1),
    byzantine: 0,
    strategy: null,
    faults: [],
    shape: overload,
  },
  "repeats-at-one-pace": { ...by("silence", 1), byzantine: 0, strategy: null, faults: [], shape: hurried },
};

/** The run of a seed that is to convict a mutant. */
export function convictingScenario(mutant: MutantName, seed: number): Scenario {
  const { quorum, byzantine, strategy, faults, shape } = CONVICTION[mutant];
  const wishes: ScenarioWishes = { peers: null, quorum, byzantine, faults: new Set(faults) };
  const chosen = plainScenarioOf(seed, wishes);
  const culprits = chosen.culprits.map((one) => ({ ...one, strategy: strategy ?? one.strategy }));
  return shape({ ...chosen, culprits });
}
