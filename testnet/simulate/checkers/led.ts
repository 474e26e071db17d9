// led: no phase ends before F+1 different leaders have led in it past its close, so that one honest leader did (§2.2).
// REVEAL may end without its window when everything was shown: then F+1 leaders have led in it at all.
import { type Hex, toHex } from "../../../src/base/index.js";
import { auctionIdOf, type Network } from "../../../src/ledger/operation.js";
import type { Checker, Trial } from "./checker.js";
import type { Chronicle } from "./chronicle.js";
import { everythingWasShown } from "./shown.js";

interface Led {
  readonly leader: number;
  readonly timeMs: number;
}

/** The entries that opened an auction, closed its commits and ended it. */
interface Course {
  open?: number;
  reveal?: number;
  ended?: number;
}

/**
 * Recomputed from what was told and from the auction's own terms. A close may come later than reckoned here (outages and
 * full lanes move it), never earlier; then fewer entries count, so that nothing is reported that was right.
 * @param tolerance F
 */
export function ledChecker(trial: Trial, chronicle: Chronicle, network: Network, tolerance: number): Checker {
  return {
    ended() {
      const { entries, courses } = read(chronicle);
      const operations = chronicle.operations();
      for (const { operation } of operations) {
        const { authority, body } = operation;
        if (body.kind !== "createAuction" || authority === null) continue;
        const auction = toHex(auctionIdOf(network, authority.from, authority.nonce));
        const { open, reveal, ended } = courses.get(auction) ?? {};
        judge(auction, "OPEN", open, reveal, (from) => entries.get(from)!.timeMs + body.commitMs);
        judge(auction, "REVEAL", reveal, ended, (from, to) =>
          everythingWasShown(operations, auction, body, to)
            ? entries.get(from)!.timeMs
            : windowStartMs(from, to) + body.revealMs,
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

function read(chronicle: Chronicle): {
  readonly entries: ReadonlyMap<number, Led>;
  readonly courses: ReadonlyMap<Hex, Course>;
} {
  const entries = new Map<number, Led>();
  const courses = new Map<Hex, Course>();
  const courseOf = (auction: Hex): Course => {
    const known = courses.get(auction) ?? {};
    courses.set(auction, known);
    return known;
  };
  for (const { height, notices } of chronicle.told()) {
    for (const notice of notices) {
      if (notice.kind === "entry") entries.set(height, notice);
      else if (notice.kind === "auctionSettled") courseOf(toHex(notice.auction)).ended = height;
      else if (notice.kind === "auctionPhase" && (notice.phase === "open" || notice.phase === "reveal"))
        courseOf(toHex(notice.auction))[notice.phase] = height;
    }
  }
  return { entries, courses };
}
