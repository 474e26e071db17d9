// Composes the report of a run from what was measured, told and checked.
import { byzantineTolerance } from "../../src/quorum/index.js";
import { loggedOperations, placeOf, refusals } from "../checks/auction-record.js";
import { countForks, lastCommonHeight } from "../checks/state-root.js";
import type { Check, Testimony } from "../checks/testimony.js";
import type { TestnetPlan } from "../plan.js";
import type { Journey } from "../watch/recorder.js";
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
      height: lastCommonHeight(testimony.peers) ?? 0,
      forks: countForks(testimony.peers),
    },
    auctions: tally.auctions(),
    bids: tally.bids(commitsRefused(testimony)),
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

/** Commits that an entry holds and the ledger refused. */
function commitsRefused({ log, peers }: Testimony): number {
  const refused = refusals(peers);
  return loggedOperations(log).filter(
    (one) => one.operation.body.kind === "commit" && refused.has(placeOf(one)),
  ).length;
}

/** Published → last peer, for every message that reached all others. */
const gossipMs = (journeys: readonly Journey[], peers: number): number[] =>
  journeys.flatMap(({ sentAtMs, receivedAtMs }) =>
    sentAtMs === null || peers === 1 || receivedAtMs.length < peers - 1
      ? []
      : [Math.max(...receivedAtMs) - sentAtMs],
  );
