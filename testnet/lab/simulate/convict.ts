// What convicts each mutant: a kind of run in which its broken rule does harm that its checker sees, most often at once.
import { CLOSED, GIVES_UP, MEDDLED, oneTree, REPLAYED } from "./budget-shapes.js";
import type { StrategyName } from "./byzantine/strategy.js";
import { amongSeats, finding, oneDispute, SILENT } from "./dispute-shapes.js";
import { FAULT_KINDS, type FaultKind } from "./faults.js";
import {
  allDieBeforeTheySpeak,
  certifiedNotFinal,
  forgetful,
  hurried,
  idle,
  oneLosesItsLastBatch,
  oneMissesItsTurns,
  oneStartsAlone,
  oneTransferAfterSilence,
  oneWithdraws,
  overload,
  slowForItsDelta,
  stormy,
} from "./log-shapes.js";
import {
  cutOffAmidDelivery,
  cutOffAmidOpen,
  everyoneBids,
  everyoneBidsAtOnce,
  floodOfOpenings,
  givesUpOften,
  lotsLapseAtTheClose,
  oneTrade,
  oneWithholds,
  soonForgotten,
} from "./market-shapes.js";
import type { MutantName } from "./mutants.js";
import { plainScenarioOf, type Scenario, type ScenarioWishes } from "./scenario.js";

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

const by = (strategy: StrategyName, seed: number): Conviction => ({
  quorum: 4,
  byzantine: 1,
  strategy,
  faults: FAULT_KINDS,
  shape: asChosen,
  seed,
});

const calm = (shape: Conviction["shape"]): Conviction => ({
  ...by("silence", 1),
  byzantine: 0,
  strategy: null,
  faults: [],
  shape,
});

/** Two seats tolerate nobody, and are fast. */
const small = (shape: Conviction["shape"]): Conviction => ({ ...calm(shape), quorum: 2 });

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
  "prune-without-floor": { ...by("hoard", 1), faults: [], shape: forgetful },
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
  "skip-at-once-on-silence": { ...by("silence", 2), byzantine: 0, strategy: null, shape: oneMissesItsTurns },
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
  "trade-ends-at-once": calm(oneTrade({})),
  "trade-never-ends": calm(oneTrade({ performs: "forgets" })),
  "outage-eats-a-delivery": calm(cutOffAmidDelivery),
  "price-paid-twice": calm(oneTrade({})),
  "price-to-the-wrong-party": calm(oneTrade({})),
  // So that the trade still runs when the run ends.
  "lien-ends-with-the-delivery": calm(oneTrade({ settleMs: 600_000, isAccepted: false })),
  "delivered-by-anybody": calm(oneTrade({ performs: "forgets", meddles: true })),
  "accepted-by-its-performer": calm(oneTrade({ performs: "failsAfter", isAccepted: false })),
  "given-up-after-delivery": calm(oneTrade({ performs: "failsAfter", isAccepted: false })),
  // Of four hosts with seats the first sells and the last buys, so that two judge.
  "disputed-for-less": calm(amongSeats(finding(1, 1, 1, 1), "poor")),
  "judged-by-its-parties": calm(amongSeats([...finding(null), SILENT, ...finding(1), SILENT])),
  "judged-by-anybody": calm(oneDispute([SILENT, SILENT, SILENT, SILENT, ...finding(10_000, 10_000)])),
  "votes-both-ways": calm(amongSeats([SILENT, { share: 1, speaks: "bothWays" }, SILENT, SILENT])),
  "late-votes-count": calm(amongSeats([SILENT, { share: 1, speaks: "late" }, SILENT, SILENT])),
  "one-vote-less-decides": calm(amongSeats([SILENT, ...finding(10_000), SILENT, SILENT])),
  "share-is-the-mean": calm(amongSeats([SILENT, ...finding(1_000, 9_000), SILENT])),
  "wrong-in-part-costs-the-whole": calm(amongSeats([SILENT, ...finding(1_000, 1_000), SILENT])),
  "bond-returns-to-who-was-wrong": calm(amongSeats([SILENT, ...finding(null, null), SILENT])),
  "budget-counts-one-level": small(oneTree()),
  "budget-forgets-fees": small(oneTree()),
  "budget-period-goes-on": small(oneTree({ periodMs: 3_000 })),
  "budget-period-begins-anew": small(oneTree()),
  "budget-forgets-earlier-bids": small(oneTree()),
  "budget-never-closes": small(oneTree({ meanwhile: [CLOSED] })),
  "budget-closed-by-anybody": small(oneTree({ meanwhile: [MEDDLED] })),
  "consent-counts-twice": small(oneTree({ meanwhile: [REPLAYED] })),
  "price-back-to-the-child": small(oneTree({ delivery: GIVES_UP })),
  "fourth-failure-forgiven": small(givesUpOften(4)),
  "failure-costs-as-silence": small(givesUpOften(4)),
  "repetition-costs-no-more": small(givesUpOften(5)),
  "penalty-touches-another-lien": small(givesUpOften(4)),
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
