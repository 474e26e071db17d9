// led: no phase ends before F+1 different leaders have led in it past its close, so that one honest leader did (spec/auctions#C5).
// REVEAL may end without its window when everything was shown: then F+1 leaders have led in it at all.
import { everythingWasShown } from "./auctions.js";
import type { History } from "./history.js";

/**
 * Recomputed from headers and from the auction's own terms. A close may come later than reckoned here (outages and full
 * lanes move it), never earlier; then fewer entries count, so that nothing is reported that was right.
 */
export function ledWrongs(history: History): readonly string[] {
  const { tolerance } = history.pace;
  const windows = history.windows();
  return [...history.auctions().values()].flatMap((record) => {
    const { terms, course } = record;
    const { open, reveal, ended } = course;
    return [
      ...judge(record.name, "OPEN", open, reveal, (from) => windows.timeMs(from) + terms.commitMs),
      ...judge(record.name, "REVEAL", reveal, ended, (from, to) =>
        everythingWasShown(record, to) ? windows.timeMs(from) : windowStartMs(from, to) + terms.revealMs,
      ),
    ];
  });

  /** @param closeMs the earliest close of a phase that one entry began and another ended */
  function judge(
    auction: string,
    phase: string,
    from: number | undefined,
    to: number | undefined,
    closeMs: (from: number, to: number) => number,
  ): readonly string[] {
    if (from === undefined || to === undefined) return [];
    if (to > windows.height || !history.isComplete(from, to)) return [];
    const earliestMs = closeMs(from, to);
    const late = windows.between(from, to).filter(({ timeMs }) => timeMs >= earliestMs);
    const leaders = new Set(late.map(({ leader }) => leader)).size;
    if (leaders > tolerance) return [];
    return [`auction ${auction} left ${phase} after ${leaders} of ${tolerance + 1} leaders past its close`];
  }

  /** When F+1 leaders can first have known REVEAL; never, if so many never led in it. */
  function windowStartMs(from: number, to: number): number {
    const leaders = new Set<number>();
    for (const { leader, timeMs } of windows.between(from, to)) {
      if (leaders.add(leader).size > tolerance) return timeMs;
    }
    return Number.POSITIVE_INFINITY;
  }
}
