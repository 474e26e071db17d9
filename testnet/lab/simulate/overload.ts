// Overload: members so slow that a little is too much, a ladder of rates up to their best, and then twice that.
import { LOCAL_TESTNET_PARAMS } from "../../../src/ledger/params.js";
import { type Pause, quiet } from "./faults.js";
import { auction } from "./flood.js";
import type { LoadStage } from "./load.js";
import { plainScenarioOf, type Scenario } from "./scenario.js";

export interface OverloadWishes {
  /** by member */
  readonly speeds: readonly number[];
  /** the last is the overload */
  readonly stages: readonly LoadStage[];
  readonly pauses?: readonly Pause[];
  /** absent: that of a local testnet */
  readonly deltaMs?: number;
  /** after the load, until all has gone its way */
  readonly calmMs?: number;
}

/** Four members as slow as if ten shared a core: 60 operations a second are their best, and 150 simulate quickly. */
export const SLOW = 0.1;
export const FOUR_SLOW: readonly number[] = [SLOW, SLOW, SLOW, SLOW];

/** A Δ that four slow members just bear. */
export const HURRIED_MS = 200;

const open = (perSecond: number, seconds: number): LoadStage => ({
  kind: "open",
  perSecond,
  forMs: seconds * 1_000,
});

/** Up to more than four slow members can bear, and then twice what that shows. */
export const TWICE_THE_BEST: readonly LoadStage[] = [open(50, 5), open(80, 7), open(170, 16)];

/** The same for members that are all `factor` times as fast. */
export const scaled = (stages: readonly LoadStage[], factor: number): readonly LoadStage[] =>
  stages.map((stage) => (stage.kind === "open" ? { ...stage, perSecond: stage.perSecond * factor } : stage));

const AUTHORS = 400;
const WARM_UP_MS = 1_000;
const CALM_MS = 20_000;
/** How long before the end what is final is owed to everybody. */
const SETTLE_MS = 8_000;
/** An auction lies within the overload with all of its windows. */
const COMMIT_MS = 5_000;
const REVEAL_MS = 6_000;

/** The members of a scenario under load, in calm weather, while one auction is held. */
export function overloaded(plain: Scenario, wishes: OverloadWishes): Scenario {
  const { speeds, stages, pauses, deltaMs, calmMs = CALM_MS } = wishes;
  const { idleMs, batchMs, precisionMs, messageDelayMs, ...local } = LOCAL_TESTNET_PARAMS;
  const healMs = WARM_UP_MS + stages.reduce((sum, { forMs }) => sum + forMs, 0);
  const scenario: Scenario = {
    ...plain,
    timing: { deltaMs: deltaMs ?? local.deltaMs, idleMs, batchMs, precisionMs, messageDelayMs },
    faults: {
      ...quiet(plain.faults),
      clockOffsetsMs: speeds.map(() => 0),
      clockDriftsPpm: speeds.map(() => 0),
      syncMs: 2,
      pauses: pauses ?? [],
    },
    speeds,
    load: { authors: AUTHORS, fromMs: WARM_UP_MS, stages },
    healMs,
    liveMs: calmMs - SETTLE_MS / 2,
    settleMs: SETTLE_MS,
    endMs: healMs + calmMs,
  };
  const atMs = healMs - stages.at(-1)!.forMs + 1_000;
  const held = auction(scenario, 0, { atMs, commitMs: COMMIT_MS, revealMs: REVEAL_MS });
  return { ...scenario, workload: { auctions: [held], payments: [] } };
}

export function overloadScenario(seed: number, wishes: OverloadWishes): Scenario {
  const members = wishes.speeds.length;
  return overloaded(
    plainScenarioOf(seed, { peers: members, quorum: members, byzantine: 0, faults: new Set() }),
    wishes,
  );
}
