// R1: entering a term, and which leaders have been silent for so long that their turn is skipped at once.
import type { PacingRules } from "./rules.js";
import type { Turn } from "./turn.js";

/**
 * R1: enters the term after a certified one. The certificate, persisted in the same batch, is the durable record of
 * the term: a restart derives it (P1), so terms never decrease (I6).
 */
export function enterAfter(turn: Turn, term: number): void {
  const { voter } = turn;
  if (term < voter.term) return;
  voter.term = term + 1;
  startTermClock(turn);
}

/** Arms R1's timers: they all follow from the moment of entry. */
export function startTermClock(turn: Turn): void {
  const { voter, nowMs } = turn;
  const atOnce = isSkippedAtOnce(turn);
  if (atOnce) voter.heard[voter.electorate.leaderOf(voter.term)]!.skippedAtOnceIn = voter.term;
  voter.clock = { enteredAtMs: nowMs, atOnce, expired: false, retryAtMs: null, forwarded: null };
}

/** R1, skip at once: whether the leader has been silent for too long; one's own turn is never skipped at once. */
function isSkippedAtOnce(turn: Turn): boolean {
  const { voter, nowMs } = turn;
  const { rules, timing } = voter.config;
  const { size: seats } = voter.electorate;
  const leader = voter.electorate.leaderOf(voter.term);
  const heard = voter.heard[leader]!;
  return (
    leader !== voter.seat &&
    rules.isSkippedAtOnce({
      terms: voter.term - heard.inTerm,
      ms: nowMs - heard.atMs,
      wasSkippedAtOnce: heard.skippedAtOnceIn === voter.term - seats,
      seats,
      deltaMs: timing.deltaMs,
    })
  );
}

/** A valid message of a seat, of whatever term, ends the silence that would skip its turns at once (R1). */
export function noteHeard(turn: Turn, seat: number, kind: Parameters<PacingRules["isSignOfLife"]>[0]): void {
  if (!turn.voter.config.rules.isSignOfLife(kind)) return;
  const heard = turn.voter.heard[seat]!;
  heard.atMs = turn.nowMs;
  heard.inTerm = turn.voter.term;
}
