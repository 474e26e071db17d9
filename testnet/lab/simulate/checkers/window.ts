// window: bidders have revealMs from the moment that a quorum's members know REVEAL, whatever a liar does to the log.
// A window may end early when everything was shown: then nobody needed more of it.
import { type Hex, toHex } from "../../../../src/base/index.js";
import type { Notice } from "../../../../src/peer/ready.js";
import { longestIdleMs, type Timing } from "../../../../src/quorum/index.js";
import { everythingWasShown } from "../../checks/auctions.js";
import type { History } from "../../checks/history.js";
import type { Checker, Trial } from "./checker.js";

/** An honest leader's clock, and the one that reads the beginning, may each be off by one precision. */
const PRECISIONS = 2;
/** Of the longest idle interval: so long after the last fault every member has heard what the clocks of others show. */
const HEARTBEATS = 3;

/**
 * By how much the ledger may lag when a window begins: leaders wait for the clocks of others, of which they know by
 * messages that may be late (spec/time#timely). When these are on time again, not beyond Δ.
 */
const lagMs = ({ precisionMs, messageDelayMs, deltaMs }: Timing, isCalm: boolean): number =>
  isCalm ? deltaMs : 8 * (precisionMs + messageDelayMs);

/**
 * From when the first honest peer knew REVEAL, by a right clock, to the ledger time of the entry that ended it. Of F+1
 * leaders who count for the window's start one is honest, and gives its entry the time at which it knew. How far ledger
 * time may be ahead at the end is the law of time's.
 * @param epochMs what a right clock shows at virtual time 0
 */
export function windowChecker(trial: Trial, history: History, timing: Timing, epochMs: number): Checker {
  const revealingMs = new Map<Hex, number>();
  let calmFromMs = Number.POSITIVE_INFINITY;
  const settled = new Map<Hex, { readonly height: number; readonly timeMs: number }>();

  function note(notice: Notice): void {
    if (notice.kind === "auctionSettled") settled.set(toHex(notice.auction), notice);
    if (notice.kind !== "auctionPhase" || notice.phase !== "reveal") return;
    const auction = toHex(notice.auction);
    if (!revealingMs.has(auction)) revealingMs.set(auction, epochMs + trial.nowMs());
  }

  return {
    healed: () => {
      calmFromMs = epochMs + trial.nowMs() + HEARTBEATS * longestIdleMs(timing);
    },
    // What a machine knows counts, told or not: a crash may keep it from telling.
    stepped(host, ready) {
      if (trial.isHonest(host)) for (const notice of ready.notify) note(notice);
    },
    ended() {
      for (const [id, record] of history.auctions()) {
        const [fromMs, end] = [revealingMs.get(id), settled.get(id)];
        if (fromMs === undefined || end === undefined) continue;
        const { name, height, terms } = record;
        const lastedMs = end.timeMs - fromMs;
        const slackMs = PRECISIONS * timing.precisionMs + lagMs(timing, fromMs >= calmFromMs);
        if (lastedMs >= terms.revealMs - slackMs) continue;
        if (!history.isComplete(height, end.height)) continue;
        if (everythingWasShown(record, end.height)) continue;
        const lasted = `${Math.round(lastedMs)} of ${terms.revealMs} ms`;
        trial.report("window", `auction ${name} could be revealed in for ${lasted}`);
      }
    },
  };
}
