// outage: no phase ends before its window has run out without the outages of the log (spec/time#live-time, ADR 0029).
// The windows are reckoned anew from the headers; REVEAL may end earlier when everything was shown.
import { type AuctionRecord, everythingWasShown } from "./auctions.js";
import type { History } from "./history.js";
import type { Windows } from "./windows.js";

export function outageWrongs(history: History): readonly string[] {
  const windows = history.windows();
  return [...history.auctions().values()].flatMap((record) => [
    ...judge(windows, record, "OPEN", record.course.reveal, openCloseMs(windows, record)),
    ...judge(windows, record, "REVEAL", record.course.ended, revealEndMs(windows, record)),
  ]);
}

function judge(
  windows: Windows,
  { name }: AuctionRecord,
  phase: string,
  ended: number | undefined,
  closeMs: number | null,
): readonly string[] {
  if (ended === undefined || closeMs === null) return [];
  const earlyMs = closeMs - windows.timeMs(ended);
  return earlyMs > 0 ? [`auction ${name} left ${phase} ${earlyMs} ms too early`] : [];
}

/** Null: the log does not reach so far. */
function openCloseMs(windows: Windows, { course: { open, reveal }, terms }: AuctionRecord): number | null {
  if (open === undefined || reveal === undefined || reveal > windows.height) return null;
  return windows.closeMs(open, terms.commitMs, reveal);
}

function revealEndMs(windows: Windows, record: AuctionRecord): number | null {
  const { course, terms } = record;
  if (course.ended === undefined || everythingWasShown(record, course.ended)) return null;
  return windows.revealCloseMs(course, terms.revealMs);
}
