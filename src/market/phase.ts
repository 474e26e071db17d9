// Phases: when one ends, and which leaders have known it. Pure decisions; advance.ts writes them (PROTOCOL §2.2).
import { sortedNumbers } from "../base/index.js";
import {
  type Auction,
  type Congestion,
  MAX_EXTENSIONS,
  MAX_OUTAGE_MOVES,
  type Moment,
  type OpenPhase,
  outageMs,
  type Params,
  type Phase,
  type RevealPhase,
  type RunningPhase,
} from "../ledger/index.js";
import { PHASE_RULES } from "./phase-rules.js";

/** What the start of an entry means for one auction; at most one step. */
export type Turn =
  | { readonly kind: "stay" }
  /** within the phase: an outage moved its close, or a full lane keeps it open */
  | { readonly kind: "adjust"; readonly phase: RunningPhase }
  | { readonly kind: "enter"; readonly phase: RunningPhase }
  | { readonly kind: "settle" };

const STAY: Turn = { kind: "stay" };

/** What the entry does to the auction's phase before its operations run. */
export function turnOf(auction: Auction, at: Moment, params: Params, congestion: Congestion): Turn {
  const { phase, terms } = auction;
  switch (phase.kind) {
    case "scheduled":
      return at.timeMs >= terms.openMs ? { kind: "enter", phase: opened(at, terms.commitMs) } : STAY;
    case "open":
      return openTurn(phase, at, params, congestion);
    case "reveal":
      return revealTurn(phase, at, params, congestion);
    case "done":
    case "unsold":
    case "void":
    case "cancelled":
      return STAY;
  }
}

/** The window runs from the entry that opens it, so that neither a late creation nor an outage shortens it. */
const opened = (at: Moment, commitMs: number): OpenPhase => ({
  kind: "open",
  ...freshWatch(at),
  closeMs: at.timeMs + commitMs,
  extensions: 0,
});

const freshWatch = (at: Moment) => ({
  openedAt: at.height,
  openedMs: at.timeMs,
  epoch: at.epoch,
  leaders: [],
  moves: 0,
});

function openTurn(before: OpenPhase, at: Moment, params: Params, congestion: Congestion): Turn {
  const phase = afterOutage(before, at, params);
  if (!mayClose(phase, at)) return phase === before ? STAY : { kind: "adjust", phase };
  const laneIsFull = congestion.fullRun > at.tolerance;
  if (laneIsFull && phase.extensions < MAX_EXTENSIONS) {
    return { kind: "adjust", phase: { ...phase, extensions: phase.extensions + 1 } };
  }
  return { kind: "enter", phase: { kind: "reveal", ...freshWatch(at), closeMs: null } };
}

function revealTurn(before: RevealPhase, at: Moment, params: Params, congestion: Congestion): Turn {
  const phase = afterOutage(before, at, params);
  if (mayClose(phase, at) && !revealsFillLanes(at, congestion)) return { kind: "settle" };
  return phase === before ? STAY : { kind: "adjust", phase };
}

/** REVEAL stays open while one of the last F+1 entries was full of reveals; as each commit reveals once, it ends. */
export const revealsFillLanes = (
  at: Pick<Moment, "height" | "tolerance">,
  congestion: Pick<Congestion, "revealsFullAt">,
): boolean => congestion.revealsFullAt > 0 && at.height - congestion.revealsFullAt <= at.tolerance + 1;

/** Whether the log stood still before this entry. */
export const isOutage = (at: Moment, params: Params): boolean =>
  at.timeMs - at.parentTimeMs > outageMs(params);

/** An outage does not eat a phase: the gap moves its finite close, at most four times. */
function afterOutage<P extends RunningPhase>(phase: P, at: Moment, params: Params): P {
  if (phase.closeMs === null || phase.moves >= MAX_OUTAGE_MOVES || !isOutage(at, params)) return phase;
  return { ...phase, closeMs: phase.closeMs + (at.timeMs - at.parentTimeMs), moves: phase.moves + 1 };
}

const mayClose = (phase: RunningPhase, at: Moment): boolean =>
  phase.closeMs !== null && at.timeMs >= phase.closeMs && leadersOf(phase, at.epoch).length > at.tolerance;

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
  revealMs: number,
  rules = PHASE_RULES,
): RunningPhase | null {
  if (phase.kind !== "open" && phase.kind !== "reveal") return null;
  if (!rules.leaderKnew(phase, at)) return null;
  if (phase.closeMs !== null && at.timeMs < phase.closeMs) return null;
  const known = leadersOf(phase, at.epoch);
  if (known.length > at.tolerance || known.includes(at.leader)) return null;
  const leaders = sortedNumbers([...known, at.leader]);
  if (phase.kind === "reveal" && phase.closeMs === null && leaders.length > at.tolerance) {
    return { ...phase, epoch: at.epoch, leaders: [], closeMs: at.timeMs + revealMs };
  }
  return { ...phase, epoch: at.epoch, leaders };
}

/** Ledger time from which the auction waits for an entry; null: for none, it has ended. */
export function dueMs(auction: Auction): number | null {
  const { phase, terms } = auction;
  switch (phase.kind) {
    case "scheduled":
      return terms.openMs;
    case "open":
      return phase.closeMs;
    case "reveal":
      return phase.closeMs ?? phase.openedMs;
    case "done":
    case "unsold":
    case "void":
    case "cancelled":
      return null;
  }
}
