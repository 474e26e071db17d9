// R1, pacing by work: when the leader of a term proposes, and when the others stop waiting for it.
import { extraMs, leaderClockMs } from "./clock.js";
import type { KnownEntry } from "./entries.js";
import { MAX_ENTRY_OPS, MAX_ENTRY_OPS_BYTES } from "./limits.js";
import { certifiedUnfinalised, excludedOps } from "./pending.js";
import type { Voter } from "./state.js";
import type { Turn } from "./turn.js";

const NEVER = Number.POSITIVE_INFINITY;

/** An entry that others wait for (R1 i). */
const isBusy = (voter: Voter, { header }: KnownEntry): boolean =>
  voter.config.rules.isWork({
    operations: header.opsCount,
    changesPhase: voter.config.application.changesPhase(header),
  });

/** When the oldest certified, unfinalised busy entry was certified. */
function busySinceMs(voter: Voter): number {
  let since = NEVER;
  for (const { known, sinceMs } of certifiedUnfinalised(voter)) {
    if (sinceMs < since && isBusy(voter, known)) since = sinceMs;
  }
  return since;
}

/**
 * When the leader of the current term proposes: with work at once, else after an idle interval. Its margin for (i) is
 * Δ, so that a busy entry is not followed by an empty one while its COMMITs are on their way; (iii) waits for the
 * clock that the header will carry.
 */
export function proposeAtMs(turn: Turn): number {
  const { voter, nowMs } = turn;
  const { deltaMs, idleMs } = voter.config.timing;
  const busySince = busySinceMs(voter);
  const dueMs = voter.config.application.transitionDueMs() ?? NEVER;
  const lagMs = nowMs - leaderClockMs(turn);
  const workMs = Math.min(busySince + deltaMs, dueMs + lagMs, batchAtMs(voter, busySince !== NEVER));
  const { enteredAtMs } = voter.clock;
  return Math.min(enteredAtMs + idleMs, Math.max(enteredAtMs, workMs));
}

/** The batch rule (PROTOCOL §1.11): at once if nothing busy is under way; else when full, or after batchMs. */
function batchAtMs(voter: Voter, isBusyAlready: boolean): number {
  const pending = voter.config.application.pending(excludedOps(voter));
  if (pending === null) return NEVER;
  const isFull = pending.count >= MAX_ENTRY_OPS || pending.bytes >= MAX_ENTRY_OPS_BYTES;
  return isBusyAlready && !isFull ? pending.oldestSeenMs + voter.config.timing.batchMs : pending.oldestSeenMs;
}

/** The first instant at which a member other than the leader has work to wait for; infinity without any (R1). */
function workAtMs(voter: Voter): number {
  const patienceMs = 2 * voter.config.timing.deltaMs;
  const dueMs = voter.config.application.transitionDueMs() ?? NEVER;
  return patienceMs + Math.min(busySinceMs(voter), dueMs, forwardedSinceMs(voter));
}

/** (ii): since when an operation forwarded to this term's leader has waited, while one of them still does. */
function forwardedSinceMs(voter: Voter): number {
  const { forwarded } = voter.clock;
  if (forwarded === null) return NEVER;
  const pending = voter.config.application.pending(excludedOps(voter));
  return pending !== null && pending.oldestSeenMs <= forwarded.newestSeenMs ? forwarded.atMs : NEVER;
}

/**
 * When R7 runs for the current term: t_lead, or t_adv once the leader has led. Both follow from the time of entry,
 * today's work and today's patience, so they need not be re-armed.
 */
export function giveUpAtMs(turn: Turn): number {
  const { voter } = turn;
  const { idleMs, deltaMs } = voter.config.timing;
  const { enteredAtMs, atOnce } = voter.clock;
  if (atOnce) return enteredAtMs;
  const patienceMs = extraMs(deltaMs, voter.failures);
  const leadAtMs = Math.min(enteredAtMs + idleMs, Math.max(enteredAtMs, workAtMs(voter))) + 2 * patienceMs;
  const hasLed = voter.sheets.get(voter.term)?.candidate?.leads ?? false;
  return hasLed ? leadAtMs + patienceMs : leadAtMs;
}
