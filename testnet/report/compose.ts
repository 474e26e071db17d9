// Composes the report of a run from what was measured, told and checked.
import { byzantineTolerance } from "../../src/quorum/index.js";
import { lastCommonHeight } from "../lab/checks/agreement.js";
import { commitsRefused } from "../lab/checks/auctions.js";
import type { TestnetPlan } from "../plan.js";
import { type Check, forks } from "../watch/checks.js";
import type { Journey } from "../watch/recorder.js";
import { historyOf, type Testimony } from "../watch/testimony.js";
import { spreadOf, tenths } from "./percentile.js";
import type { TestnetReport } from "./report.js";
import type { Tally } from "./tally.js";

export interface Measured {
  readonly plan: TestnetPlan;
  readonly windows: { readonly commitMs: number; readonly revealMs: number };
  readonly testimony: Testimony;
  readonly tally: Tally;
  readonly journeys: readonly Journey[];
  readonly checks: readonly Check[];
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly rssBytes: number;
}

export function composeReport(measured: Measured): TestnetReport {
  const { plan, windows, testimony, tally, checks, rssBytes } = measured;
  return {
    kind: "TestnetReport",
    peers: plan.peers,
    quorum: {
      members: plan.quorum,
      byzantineTolerance: byzantineTolerance(plan.quorum),
      height: lastCommonHeight(testimony.peers.map(({ roots }) => roots)) ?? 0,
      forks: forks(testimony.peers).size,
    },
    auctions: tally.auctions(),
    bids: tally.bids(commitsRefused(historyOf(testimony).operations())),
    trades: tally.trades.counts(),
    checks,
    efficiency: tally.efficiency(),
    latency: {
      settleMs: spreadOf(tally.settleMs()),
      commitMs: windows.commitMs,
      gossipMs: spreadOf(gossipMs(measured.journeys, plan.peers)),
    },
    cpuSeconds: tenths(measured.cpuSeconds),
    rssBytes,
    wallSeconds: tenths(measured.wallSeconds),
  };
}

/** Published → last peer, for every message that reached all others. */
const gossipMs = (journeys: readonly Journey[], peers: number): number[] =>
  journeys.flatMap(({ sentAtMs, receivedAtMs }) =>
    sentAtMs === null || peers === 1 || receivedAtMs.length < peers - 1
      ? []
      : [Math.max(...receivedAtMs) - sentAtMs],
  );
