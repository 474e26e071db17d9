// time: ledger time rises with every entry, and is never further ahead of a right clock than patience allows (spec/time#W6).
import type { Timing } from "../../../../src/quorum/index.js";
import type { Checker, Trial } from "./checker.js";

/** PRECISION_k at its greatest, and one more for clocks that are off by as much as honest ones may be. */
const MOST_PRECISIONS = 9;

/** @param epochMs what a right clock shows at virtual time 0 */
export function timeChecker(trial: Trial, timing: Timing, epochMs: number): Checker {
  const times = new Map<number, number>();
  return {
    noticed(host, notice) {
      if (notice.kind !== "entry" || !trial.isHonest(host)) return;
      const { height, timeMs } = notice;
      if (times.has(height)) return;
      times.set(height, timeMs);
      const aheadMs = timeMs - (epochMs + trial.nowMs());
      if (aheadMs > MOST_PRECISIONS * timing.precisionMs) {
        trial.report("time", `height ${height}: ledger time is ${Math.round(aheadMs)} ms ahead`);
      }
      const before = times.get(height - 1);
      if (before !== undefined && timeMs <= before) {
        trial.report("time", `height ${height}: ledger time goes from ${before} to ${timeMs}`);
      }
    },
  };
}
