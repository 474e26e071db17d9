// Phases: when one ends, and which leaders have known it. Pure decisions; advance.ts writes them (spec/auctions#phases).
import { sortedNumbers } from "../../base/index.js";
import { type Clock, MAX_EXTENSIONS, type Moment } from "../../ledger/index.js";
import type { Congestion } from "../packing/congestion.js";
import {
  type Auction,
  closeMsOf,
  everythingIsShown,
  type OpenPhase,
  type Phase,
  type RunningPhase,
} from "./auction.js";
import { PHASE_RULES } from "./phase-rules.js";

/** What the start of an entry means for one auction; at most one step. */
export type Turn =
  | { readonly kind: "stay" }
  /** within the phase: a full lane keeps it open */
  | { readonly kind: "extend"; readonly phase: RunningPhase }
  | { readonly kind: "enter"; readonly phase: RunningPhase }
  | { readonly kind: "settle" };

const STAY: Turn = { kind: "stay" };

/** What the entry does to the auction's phase before its operations run. @param clock the entry's */
export function turnOf(auction: Auction, at: Moment, clock: Clock, congestion: Congestion): Turn {
  const { phase, terms } = auction;
  switch (phase.kind) {
    case "scheduled":
      return at.timeMs >= terms.openMs ? { kind: "enter", phase: opened(at, clock, terms.commitMs) } : STAY;
    case "open":
      return openTurn(phase, at, clock, congestion);
    case "reveal":
      return revealEnds(auction, phase, at, clock, congestion) ? { kind: "settle" } : STAY;
    case "done":
    case "unsold":
    case "void":
      return STAY;
  }
}

/** The window runs from the entry that opens it, so that neither a late creation nor an outage shortens it. */
const opened = (at: Moment, clock: Clock, commitMs: number): OpenPhase => ({
  kind: "open",
  ...freshWatch(at, clock),
  closeMs: at.timeMs + commitMs,
  extensions: 0,
});

const freshWatch = (at: Moment, { outagesMs }: Clock) => ({
  openedAt: at.height,
  openedMs: at.timeMs,
  epoch: at.epoch,
  leaders: [],
  outagesMs,
});

/** Late leaders and full lanes move no reveal to a slot in which its commit has paid for no room (ADR 0045). */
const plannedOf = ({ closeMs, outagesMs }: OpenPhase): number => Math.max(0, closeMs - outagesMs);

function openTurn(phase: OpenPhase, at: Moment, clock: Clock, congestion: Congestion): Turn {
  if (!mayClose(phase, at, clock)) return STAY;
  const laneIsFull = congestion.fullRun > at.tolerance;
  if (laneIsFull && phase.extensions < MAX_EXTENSIONS) {
    return { kind: "extend", phase: { ...phase, extensions: phase.extensions + 1 } };
  }
  return {
    kind: "enter",
    phase: { kind: "reveal", ...freshWatch(at, clock), closeMs: null, plannedMs: plannedOf(phase) },
  };
}

/**
 * REVEAL's window runs from when F+1 leaders have known the phase. It ends when it has run out and F+1 leaders have
 * known that too, unless openings fill entries; or at once when everything is shown: nothing can come then that an entry
 * full of others would keep out.
 */
const revealEnds = (
  auction: Auction,
  phase: RunningPhase,
  at: Moment,
  clock: Clock,
  congestion: Congestion,
): boolean =>
  everythingIsShown(auction)
    ? phase.closeMs !== null
    : mayClose(phase, at, clock) && !revealsFillLanes(at, congestion);

/** REVEAL waits while one of the last F+1 entries was full of openings; as each commit reveals once, it ends. */
const revealsFillLanes = (
  at: Pick<Moment, "height" | "tolerance">,
  congestion: Pick<Congestion, "revealsFullAt">,
): boolean => congestion.revealsFullAt > 0 && at.height - congestion.revealsFullAt <= at.tolerance + 1;

function mayClose(phase: RunningPhase, at: Moment, clock: Clock): boolean {
  const closeMs = closeMsOf(phase, clock);
  return closeMs !== null && at.timeMs >= closeMs && leadersOf(phase, at.epoch).length > at.tolerance;
}

/** Leaders counted in this epoch; a change of epoch empties the set. */
export const leadersOf = (phase: RunningPhase, epoch: number): readonly number[] =>
  phase.epoch === epoch ? phase.leaders : [];

/**
 * The phase after its entry's leader was counted; null: it is not counted, or counting it changes nothing.
 *
 * A leader counts if its header attests that it knew the phase. While the close is finite only entries at or after it count. The entry with which
 * F+1 leaders know REVEAL starts its window: from here on F+1 leaders include reveals.
 */
export function afterLeader(
  phase: Phase,
  at: Moment,
  clock: Clock,
  revealMs: number,
  rules = PHASE_RULES,
): RunningPhase | null {
  if (phase.kind !== "open" && phase.kind !== "reveal") return null;
  if (!rules.leaderKnew(phase, at)) return null;
  const closeMs = closeMsOf(phase, clock);
  if (closeMs !== null && at.timeMs < closeMs) return null;
  const known = leadersOf(phase, at.epoch);
  if (known.length > at.tolerance || known.includes(at.leader)) return null;
  const leaders = sortedNumbers([...known, at.leader]);
  if (phase.kind === "reveal" && closeMs === null && leaders.length > at.tolerance) {
    const { outagesMs } = clock;
    return { ...phase, epoch: at.epoch, leaders: [], outagesMs, closeMs: rules.revealEndMs(at, revealMs) };
  }
  return { ...phase, epoch: at.epoch, leaders };
}
