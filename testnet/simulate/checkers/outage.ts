// outage: no phase ends before its window has run out without the outages of the log (spec/time#live-time, ADR 0029).
// The windows are reckoned anew from the headers; REVEAL may end earlier when everything was shown.
import type { Network } from "../../../src/ledger/index.js";
import type { Pace } from "../../checks/windows.js";
import { Windows } from "../../checks/windows.js";
import type { Checker, Trial } from "./checker.js";
import type { Chronicle } from "./chronicle.js";
import { type Offer, offersOf } from "./offers.js";
import { everythingWasShown } from "./shown.js";

export function outageChecker(trial: Trial, chronicle: Chronicle, network: Network, pace: Pace): Checker {
  return {
    ended() {
      const windows = new Windows(chronicle.steps(), pace);
      for (const offer of offersOf(chronicle, network)) {
        judge(windows, offer, "OPEN", offer.course.reveal, openCloseMs(windows, offer));
        judge(windows, offer, "REVEAL", offer.course.ended, revealEndMs(offer, windows));
      }
    },
  };

  function judge(
    windows: Windows,
    { id }: Offer,
    phase: string,
    ended: number | undefined,
    closeMs: number | null,
  ): void {
    if (ended === undefined || closeMs === null) return;
    const earlyMs = closeMs - windows.timeMs(ended);
    if (earlyMs > 0)
      trial.report("outage", `auction ${id.slice(0, 8)} left ${phase} ${earlyMs} ms too early`);
  }

  function revealEndMs(offer: Offer, windows: Windows): number | null {
    const { ended } = offer.course;
    if (ended === undefined) return null;
    const isShown = everythingWasShown(chronicle.operations(), offer.id, offer.terms, ended);
    return isShown ? null : revealCloseMs(windows, offer);
  }
}

/** Null: the log does not reach so far. */
function openCloseMs(windows: Windows, { course: { open, reveal }, terms }: Offer): number | null {
  if (open === undefined || reveal === undefined || reveal > windows.height) return null;
  return windows.closeMs(open, terms.commitMs, reveal);
}

/** Ledger time at which the window of REVEAL closes; null: the log does not tell. */
export function revealCloseMs(
  windows: Windows,
  { course: { reveal, ended }, terms }: Pick<Offer, "course" | "terms">,
): number | null {
  if (reveal === undefined || ended === undefined || ended > windows.height) return null;
  const began = windows.knownAt(reveal, ended);
  return began === null ? null : windows.closeMs(began, terms.revealMs, ended);
}
