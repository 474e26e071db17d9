// Shapes of runs in which the log is put to the test: idle or busy, in bad weather, with members that die or are overloaded.
import { CALM, quiet } from "./faults.js";
import { FOUR_SLOW, HURRIED_MS, overloaded, TWICE_THE_BEST } from "./overload.js";
import type { Scenario } from "./scenario.js";
import type { Workload } from "./workload.js";

const NO_WORK: Workload = { auctions: [], payments: [] };

/** An idle network. */
export const idle = (scenario: Scenario): Scenario => ({ ...scenario, workload: NO_WORK });

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
export const slowForItsDelta = (scenario: Scenario): Scenario => ({
  ...idle(scenario),
  timing: { ...scenario.timing, deltaMs: 6, precisionMs: 6, idleMs: 400 },
  faults: {
    ...quiet(scenario.faults),
    clockOffsetsMs: scenario.faults.clockOffsetsMs.map(() => 0),
    syncMs: 6,
  },
});

/** One member is down for a few rounds. */
export const oneMissesItsTurns = (scenario: Scenario): Scenario => ({
  ...busy(scenario),
  faults: {
    ...quiet(scenario.faults),
    crashes: [{ atMs: 2_000, host: 2, point: "idle", downMs: 9_000 }],
  },
  endMs: scenario.endMs + 60_000,
});

/** One payment in a network in which nothing has happened for long. */
export const oneTransferAfterSilence = (scenario: Scenario): Scenario => {
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
export const oneWithdraws =
  (kind: "unbond" | "overreach") =>
  (scenario: Scenario): Scenario => ({
    ...scenario,
    workload: {
      auctions: [],
      payments: [{ atMs: scenario.endMs - 5_000, kind, from: 1, to: 1, amount: 1_000_000n }],
    },
  });

/** Messages are late and lost, so that a term is given up by members that acknowledged its entry. */
export const stormy = (scenario: Scenario): Scenario => ({
  ...scenario,
  faults: {
    ...quiet(scenario.faults),
    weather: { ...CALM, loss: 0.15, slow: 0.1, slowMs: 1_500 },
  },
});

/** Old votes are pruned soon. */
export const forgetful = (scenario: Scenario): Scenario => ({ ...scenario, keepTerms: 4 });

/** Everyone dies together, again and again, with votes on disk that were not said. */
export const allDieBeforeTheySpeak = (scenario: Scenario): Scenario => ({
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
export const oneStartsAlone = (scenario: Scenario): Scenario => {
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
export const oneLosesItsLastBatch = (scenario: Scenario): Scenario => {
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
export function certifiedNotFinal(scenario: Scenario): Scenario {
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
export const overload = (scenario: Scenario): Scenario =>
  overloaded({ ...scenario, peers: scenario.quorum }, { speeds: FOUR_SLOW, stages: TWICE_THE_BEST });

/** The same where Δ is short beside what an entry takes. */
export const hurried = (scenario: Scenario): Scenario =>
  overloaded(
    { ...scenario, peers: scenario.quorum },
    { speeds: FOUR_SLOW, stages: TWICE_THE_BEST, deltaMs: HURRIED_MS },
  );
