// Amnesia: a member that may have signed more than it remembers is silent until others restore its memory (spec/persistence#guard).
import { encode, type Hash } from "../../base/index.js";
import { taggedHash } from "../../crypto/index.js";
import type { MarkKind, Status } from "../log/message.js";
import { counterRow, KEY } from "../log/rows.js";
import { startTermClock } from "../voter/pacing.js";
import { holds, recallQuestion } from "../voter/questions.js";
import { floorOf, type Voter } from "../voter/state.js";
import { hasAny, hasMark, type TermSheet, withMark } from "../voter/term-sheet.js";
import { put, remove, type Turn, tellMembers } from "../voter/turn.js";

/** Signs nothing from now on, over restarts too, until released. */
function enterAmnesia(turn: Turn): void {
  const { voter } = turn;
  if (voter.standing !== "voting" && voter.standing !== "querying") return;
  voter.standing = "amnesia";
  recordAmnesia(turn);
  openQuery(turn);
}

/** Reports amnesia and makes it last over restarts, with the time of its beginning. */
export function recordAmnesia(turn: Turn): void {
  const { voter, nowMs } = turn;
  voter.amnesiaSinceMs ??= Math.max(0, nowMs);
  turn.amnesia = "entered";
  put(turn, KEY.amnesia, encode(counterRow, voter.amnesiaSinceMs));
}

/**
 * An own message that is verified and not in the maps was signed by a lost past, or by a twin (spec/persistence#A1). From now on it
 * is known again, so that no vote contradicts it after an operator's override. Returns true if it was forgotten and its
 * row is to be written.
 */
export function recall(turn: Turn, sheet: TermSheet, kind: MarkKind, entryId: Hash): boolean {
  if (sheet.term <= floorOf(turn.voter) || hasMark(sheet.own, kind, entryId)) return false;
  enterAmnesia(turn);
  if (hasAny(sheet.own, kind)) return false;
  sheet.own = withMark(sheet.own, kind, entryId);
  return true;
}

/**
 * Opens the query of every start (n ≥ 4): which messages of this seat do the others hold? For at most 10Δ, nothing is
 * signed. In amnesia the query stays open until power ≥ Q has answered.
 */
export function openQuery(turn: Turn): void {
  const { voter, nowMs } = turn;
  voter.queryCount += 1;
  voter.query = {
    nonce: taggedHash("status", voter.config.instance, encode(counterRow, voter.queryCount)).slice(0, 16),
    untilMs: nowMs + 10 * voter.config.timing.deltaMs,
    askAgainAtMs: nowMs,
    answers: new Map(),
  };
}

/** Asks, and asks again each 2Δ; ends a start's query when all have answered or its time is over. */
export function pursueQuery(turn: Turn): void {
  const { voter, nowMs } = turn;
  const { query } = voter;
  if (query === null) return;
  if (voter.standing === "querying") {
    if (query.answers.size === voter.electorate.size - 1 || nowMs >= query.untilMs) {
      endQuery(turn);
      return;
    }
  }
  if (nowMs < query.askAgainAtMs) return;
  query.askAgainAtMs = nowMs + 2 * voter.config.timing.deltaMs;
  tellMembers(turn, { kind: "getStatus", nonce: query.nonce });
}

/** The start's query found nothing. */
function endQuery(turn: Turn): void {
  turn.voter.query = null;
  beginVoting(turn);
}

/** From now on this member signs: R13's timers start, and R5 runs again for terms certified meanwhile. */
export function beginVoting(turn: Turn): void {
  const { voter } = turn;
  voter.standing = "voting";
  startTermClock(turn);
  for (const term of voter.ackedTerms) voter.queue.push({ kind: "commit", term });
}

/** A verified status that answers the open query, with the certificate that brought its sender to its term. */
export function onAnswer(turn: Turn, status: Status): void {
  const { voter } = turn;
  const { query } = voter;
  if (query === null) return;
  query.answers.set(status.signer, status.term);
  if (showsForgotten(voter, status)) enterAmnesia(turn);
  if (voter.standing === "amnesia") releaseIfAnswered(turn);
}

/**
 * True if the answer shows an own message above the floor that the maps do not have: the store was rolled back. The
 * message must name its term under its signature. Were the term only the answerer's claim, one old proposal would cause
 * amnesia at every start.
 */
function showsForgotten(voter: Voter, status: Status): boolean {
  const question = recallQuestion(voter, status);
  return question !== null && holds(voter, question);
}

/**
 * Release: others of power ≥ Q have reported their terms. One honest member of them voted in the term before this
 * seat's last vote. So this seat signed nothing beyond the term after the greatest reported; up to there it stays
 * silent for ever.
 */
function releaseIfAnswered(turn: Turn): void {
  const { voter } = turn;
  const answers = voter.query?.answers ?? new Map<number, number>();
  if (powerOf(voter, answers.keys()) < voter.electorate.quorum) return;
  release(turn, Math.max(...answers.values()) + 1);
}

function powerOf({ electorate }: Voter, seats: Iterable<number>): number {
  let power = 0;
  for (const seat of seats) power += electorate.set.members[seat]!.power;
  return power;
}

/** The answers that a member in amnesia has had, and the power that it still needs. */
export interface AmnesiaView {
  /** own clock; null: not known any more */
  readonly sinceMs: number | null;
  /** the seats that have answered since the last start, ascending */
  readonly answered: readonly number[];
  /** their power */
  readonly power: number;
  /** the power of all others together */
  readonly others: number;
  /** Q: the power that releases; others below it never can (n ≤ 2) */
  readonly needed: number;
}

/** The answers that a member in amnesia waits for; null for any other. */
export function viewAmnesia(voter: Voter): AmnesiaView | null {
  const { electorate, seat } = voter;
  if (voter.standing !== "amnesia" || seat === null) return null;
  const answered = [...(voter.query?.answers.keys() ?? [])].sort((a, b) => a - b);
  const others = electorate.set.members.map((_, at) => at).filter((at) => at !== seat);
  return {
    sinceMs: voter.amnesiaSinceMs,
    answered,
    power: powerOf(voter, answered),
    others: powerOf(voter, others),
    needed: electorate.quorum,
  };
}

/**
 * An operator's override: this seat may sign again. No barrier is set: with n ≤ 2 the others cannot pass a term in
 * which this seat stays silent. The operator takes the risk that a vote contradicts one that was lost.
 */
export function overrideAmnesia(turn: Turn): void {
  if (turn.voter.standing === "amnesia") release(turn, 0);
}

function release(turn: Turn, barrierTerm: number): void {
  const { voter } = turn;
  voter.barrierTerm = Math.max(voter.barrierTerm, barrierTerm);
  voter.query = null;
  voter.amnesiaSinceMs = null;
  // Guard and database start a common count anew, so that the next start finds them in agreement.
  voter.marks = [];
  voter.voteSeq += 1;
  turn.guardDirty = true;
  turn.amnesia = "released";
  put(turn, KEY.barrier, encode(counterRow, voter.barrierTerm));
  remove(turn, KEY.amnesia);
  beginVoting(turn);
}
