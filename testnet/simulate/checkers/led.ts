// led: no phase ends before F+1 different leaders have led in it past its close, so that one honest leader did (spec/auctions#C5).
// REVEAL may end without its window when everything was shown: then F+1 leaders have led in it at all.
import type { Hex } from "../../../src/base/index.js";
import type { Network } from "../../../src/ledger/index.js";
import type { Checker, Trial } from "./checker.js";
import type { Chronicle } from "./chronicle.js";
import { offersOf } from "./offers.js";
import { everythingWasShown } from "./shown.js";

interface Led {
  readonly leader: number;
  readonly timeMs: number;
}

/**
 * Recomputed from what was told and from the auction's own terms. A close may come later than reckoned here (outages and
 * full lanes move it), never earlier; then fewer entries count, so that nothing is reported that was right.
 * @param tolerance F
 */
export function ledChecker(trial: Trial, chronicle: Chronicle, network: Network, tolerance: number): Checker {
  return {
    ended() {
      const entries = entriesOf(chronicle);
      const operations = chronicle.operations();
      for (const { id, terms, course } of offersOf(chronicle, network)) {
        const { open, reveal, ended } = course;
        judge(id, "OPEN", open, reveal, (from) => entries.get(from)!.timeMs + terms.commitMs);
        judge(id, "REVEAL", reveal, ended, (from, to) =>
          everythingWasShown(operations, id, terms, to)
            ? entries.get(from)!.timeMs
            : windowStartMs(from, to) + terms.revealMs,
        );
      }

      /** @param closeMs the earliest close of a phase that one entry began and another ended */
      function judge(
        auction: Hex,
        phase: string,
        from: number | undefined,
        to: number | undefined,
        closeMs: (from: number, to: number) => number,
      ): void {
        if (from === undefined || to === undefined || !chronicle.isComplete(from, to)) return;
        const earliestMs = closeMs(from, to);
        const leaders = new Set(
          within(from, to).flatMap(({ leader, timeMs }) => (timeMs >= earliestMs ? [leader] : [])),
        );
        if (leaders.size > tolerance) return;
        const short = `${leaders.size} of ${tolerance + 1} leaders`;
        trial.report("led", `auction ${auction.slice(0, 8)} left ${phase} after ${short} past its close`);
      }

      /** When F+1 leaders can first have known REVEAL; never, if so many never led in it. */
      function windowStartMs(from: number, to: number): number {
        const leaders = new Set<number>();
        for (const { leader, timeMs } of within(from, to)) {
          if (leaders.add(leader).size > tolerance) return timeMs;
        }
        return Number.POSITIVE_INFINITY;
      }

      function within(from: number, to: number): readonly Led[] {
        return Array.from({ length: to - from - 1 }, (_, i) => entries.get(from + 1 + i)!);
      }
    },
  };
}

const entriesOf = (chronicle: Chronicle): ReadonlyMap<number, Led> =>
  new Map(
    chronicle
      .told()
      .flatMap(({ height, notices }) =>
        notices.flatMap((notice): [number, Led][] => (notice.kind === "entry" ? [[height, notice]] : [])),
      ),
  );
