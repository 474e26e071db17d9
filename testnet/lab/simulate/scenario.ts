// From a seed and a few wishes to everything that one run is: network, clocks, faults, culprits and work.
import { invariant } from "../../../src/base/index.js";
import { LOCAL_TESTNET_PARAMS } from "../../../src/ledger/params.js";
import { SHELF_LIMITS } from "../../../src/peer/shelves.js";
import { byzantineTolerance, KEEP_TERMS, longestIdleMs, type Timing } from "../../../src/quorum/index.js";
import type { BudgetPlan } from "./budget-plan.js";
import { STRATEGIES, type StrategyName } from "./byzantine/strategy.js";
import { astrayHosts } from "./clock-faults.js";
import { chooseFaults, type FaultKind, type Faults } from "./faults.js";
import type { LoadPlan } from "./load.js";
import { chooseWorkload, type Workload } from "./workload.js";
import { Random } from "./world/random.js";

/** What a caller may fix; null leaves it to the seed. */
export interface ScenarioWishes {
  readonly peers: number | null;
  readonly quorum: number | null;
  readonly byzantine: number | null;
  /** kinds that may occur */
  readonly faults: ReadonlySet<FaultKind>;
  /** how long an idle leader waits; absent: the seed chooses */
  readonly idleMs?: number;
}

export interface Culprit {
  readonly seat: number;
  readonly strategy: StrategyName;
}

export interface Scenario {
  readonly seed: number;
  readonly peers: number;
  /** seats; hosts 0..quorum−1 hold them */
  readonly quorum: number;
  readonly timing: Timing;
  readonly keepTerms: number;
  /** how long the rows of an ended auction stay in the state */
  readonly retainMs: number;
  /** how long a lot lasts at least beyond the earliest close of its auction */
  readonly lotSlackMs: number;
  /** ledger ms of a period; absent: as in a local testnet */
  readonly periodMs?: number;
  /** reveals that one slot has room for */
  readonly revealCapacity: number;
  readonly culprits: readonly Culprit[];
  /** hosts without a seat that lie about heights and logs */
  readonly strangers: readonly number[];
  /** how many openings of others may wait at a host */
  readonly openings: number;
  readonly faults: Faults;
  readonly workload: Workload;
  /** absent: nobody lets anybody spend of its funds */
  readonly budgets?: BudgetPlan;
  /** by host: how fast its CPU is, 1 being the machine on which costs were measured; absent: work takes no time */
  readonly speeds?: readonly number[];
  /** absent: none but the workload */
  readonly load?: LoadPlan;
  /** virtual ms: faults end, then liveness is owed within `liveMs`, and the run ends */
  readonly healMs: number;
  readonly liveMs: number;
  readonly settleMs: number;
  readonly endMs: number;
}

/** The host whose agent is the granter of the genesis. */
export const GRANTER = 0;

/** How many seats a run has, where the seed chooses; ten are dear, and rare. */
const QUORUMS = [1, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4, 4, 5, 5, 5, 7, 7, 7, 7, 10];

/** So little that a lot may lapse while its auction waits for leaders. */
const LOT_SLACK_MS = 1;

const SAFETY_MS = 20_000;
const HEALED_MS = 20_000;

/** The scenario of a seed among honest buyers and sellers: its members, faults, clocks and work. */
export function plainScenarioOf(seed: number, wishes: ScenarioWishes): Scenario {
  const random = new Random(seed, "scenario");
  const quorum = wishes.quorum ?? Math.min(random.pick(QUORUMS), wishes.peers ?? QUORUMS.at(-1)!);
  const peers = wishes.peers ?? quorum + random.between(0, 2);
  const tolerance = byzantineTolerance(quorum);
  const byzantine = wishes.byzantine ?? random.between(0, tolerance);
  invariant(peers >= quorum && quorum >= 1, "there is a peer for every seat");
  invariant(byzantine <= tolerance, "the protocol promises nothing beyond F");
  const culprits = chooseCulprits(random, quorum, byzantine);
  const timing = chooseTiming(random, wishes.idleMs);
  const liveMs = liveBoundMs(timing, tolerance);
  const room = {
    hosts: peers,
    fromMs: 500,
    untilMs: SAFETY_MS,
    precisionMs: timing.precisionMs,
    deltaMs: timing.deltaMs,
    weak: weakHosts(random.branch("weak"), peers, quorum, culprits),
  };
  const faults = chooseFaults(random.branch("faults"), wishes.faults, room);
  const astray = astrayHosts(faults.clockSteps, timing.precisionMs);
  const healMs = Math.max(
    SAFETY_MS,
    ...faults.partitions.map(({ atMs, durationMs }) => atMs + durationMs + 2_000),
  );
  const endMs = healMs + Math.max(HEALED_MS, liveMs + 8_000);
  const leastPhaseMs = 2 * timing.deltaMs + 3 * timing.precisionMs + 400;
  const settleMs = 3_000;
  return {
    seed,
    peers,
    quorum,
    timing,
    keepTerms: random.pick([6, 12, KEEP_TERMS]),
    retainMs: random.pick([3_000, 600_000]),
    lotSlackMs: LOT_SLACK_MS,
    revealCapacity: LOCAL_TESTNET_PARAMS.revealCapacity,
    culprits,
    strangers: [],
    openings: SHELF_LIMITS.openings.operations,
    faults,
    workload: chooseWorkload(random.branch("workload"), {
      hosts: peers,
      seats: quorum,
      sellers: Array.from({ length: peers }, (_, host) => host).filter((host) => !astray.has(host)),
      granter: GRANTER,
      healMs,
      endMs,
      leastPhaseMs,
      mayCrash: wishes.faults.has("crash"),
    }),
    healMs,
    liveMs,
    settleMs,
    endMs,
  };
}

function chooseTiming(random: Random, wishedIdleMs: number | undefined): Timing {
  const deltaMs = random.pick([60, 100, 200]);
  return {
    deltaMs,
    idleMs: wishedIdleMs ?? random.pick([200, 400, 1_000]),
    batchMs: 20,
    precisionMs: random.pick([deltaMs / 2, deltaMs]),
    messageDelayMs: 2_000,
  };
}

/**
 * The longest idle interval, in which faults may end, then F+2 terms, each at its slowest: an idle leader's wait, t_lead
 * and t_adv at the greatest back-off (R1).
 */
export const liveBoundMs = (timing: Timing, tolerance: number): number =>
  longestIdleMs(timing) + (tolerance + 2) * (timing.idleMs + 3 * 8 * timing.deltaMs) + 20 * timing.deltaMs;

function chooseCulprits(random: Random, quorum: number, count: number): readonly Culprit[] {
  const seats = random.shuffled(Array.from({ length: quorum }, (_, seat) => seat)).slice(0, count);
  return seats.map((seat) => ({ seat, strategy: random.pick(STRATEGIES) }));
}

/**
 * Who may lose its memory or its clock: hosts without a seat, and as many seats as are left of F beside the culprits.
 * A seat without its memory may be as wrong about itself as a Byzantine one until the others have told it (spec/persistence#A5),
 * and one whose clock is far off is faulty in each of its turns (spec/time#W9). Below four seats there is no F, so only
 * hosts without a seat are struck.
 */
function weakHosts(
  random: Random,
  peers: number,
  quorum: number,
  culprits: readonly Culprit[],
): readonly number[] {
  const liars = new Set(culprits.map(({ seat }) => seat));
  const seats = Array.from({ length: quorum }, (_, seat) => seat).filter((seat) => !liars.has(seat));
  const left = byzantineTolerance(quorum) - culprits.length;
  const watchers = Array.from({ length: peers - quorum }, (_, i) => quorum + i);
  return [...random.shuffled(seats).slice(0, left), ...watchers];
}
