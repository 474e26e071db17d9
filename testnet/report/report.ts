// The report of a finite run: the one line that machines read (spec/api#R1).
import type { Check } from "../watch/checks.js";
import type { Spread } from "./percentile.js";
import type { TradeCounts } from "./trades.js";

export interface TestnetReport {
  readonly kind: "TestnetReport";
  readonly peers: number;
  readonly quorum: {
    /** seats */
    readonly members: number;
    readonly byzantineTolerance: number;
    readonly height: number;
    /** heights at which two peers had different entries */
    readonly forks: number;
  };
  readonly auctions: {
    readonly opened: number;
    readonly settled: number;
    readonly unsold: number;
    /** neither sold nor unsold: void, or without an end */
    readonly failed: number;
    readonly byFormat: Readonly<Record<string, number>>;
  };
  readonly bids: {
    readonly committed: number;
    readonly revealed: number;
    readonly withheld: number;
    readonly rejected: number;
  };
  readonly trades: TradeCounts;
  readonly checks: readonly Check[];
  /** 0..1; null: no lot was worth its reserve to anybody */
  readonly efficiency: number | null;
  readonly latency: {
    readonly settleMs: Spread | null;
    /** the window in which bids are taken: `settleMs` includes it whole, that of the reveals only until all are shown */
    readonly commitMs: number;
    readonly gossipMs: Spread | null;
  };
  readonly cpuSeconds: number;
  /** the greatest there was */
  readonly rssBytes: number;
  readonly wallSeconds: number;
}

/** Whether every check held. */
export const allHeld = (report: Pick<TestnetReport, "checks">): boolean =>
  report.checks.every(({ ok }) => ok);
