// R7 and R8: giving up on a term, repeating its messages; and R1 (ii), forwarding operations that wait to the leader.
import { toHex } from "../../base/index.js";
import { MAX_FORWARDED_OPS } from "../log/limits.js";
import type { Certificate } from "../log/message.js";
import { excludedOps, giveUpAtMs } from "./pacing.js";
import { proposeMessage, tellPropose } from "./propose.js";
import { certificateIntoTerm, floorOf, sheetOf, type Voter } from "./state.js";
import { castVote, isOpen, type Turn, tellMembers, tellSeat } from "./turn.js";

/** R7: the term's time is over. True if it was and this is the first to notice. */
export function giveUpIfDue(turn: Turn): boolean {
  const { voter, nowMs } = turn;
  if (voter.clock.expired || nowMs < giveUpAtMs(turn)) return false;
  voter.clock.expired = true;
  voter.clock.retryAtMs = nowMs + 2 * voter.config.timing.deltaMs;
  skipTerm(turn);
  return true;
}

/** SKIP, unless this member has committed in the term or may not sign in it. */
function skipTerm(turn: Turn): void {
  const { voter } = turn;
  const { own } = sheetOf(voter, voter.term);
  if (isOpen(voter, voter.term) && voter.config.rules.maySkip(own)) castVote(turn, "skip", voter.term);
}

/** R8: each 2Δ after R7, repeats every message that might not have arrived. There is no other retransmission. */
export function retryIfDue(turn: Turn): boolean {
  const { voter, nowMs } = turn;
  if (voter.clock.retryAtMs === null || nowMs < voter.clock.retryAtMs) return false;
  voter.clock.retryAtMs = nowMs + 2 * voter.config.timing.deltaMs;
  repeatVotes(turn);
  for (const cert of heldCertificates(voter)) tellMembers(turn, { kind: "cert", cert });
  // A SKIP that R7 could not sign during a query or in amnesia may be signed now.
  skipTerm(turn);
  return true;
}

/** Own PROPOSE, ACK and SKIP of the term, and own COMMITs of every term that is not final. */
function repeatVotes(turn: Turn): void {
  const { voter } = turn;
  const floor = floorOf(voter);
  for (const sheet of voter.sheets.values()) {
    if (sheet.term <= floor) continue;
    for (const vote of sheet.sent) {
      if (sheet.term === voter.term || vote.type === "commit") tellMembers(turn, { kind: "vote", vote });
    }
  }
  repeatProposal(turn, voter.term);
}

/** Repeats the own proposal of a term, if its body is still here. */
export function repeatProposal(turn: Turn, term: number): void {
  const { voter } = turn;
  const id = voter.sheets.get(term)?.own.proposed ?? null;
  const known = id === null ? undefined : voter.entries.get(toHex(id));
  const message = known === undefined ? null : proposeMessage(voter, known);
  if (message !== null) tellPropose(turn, message);
}

/** Certificates held for the term, the one that led into it, and the last final one. */
function heldCertificates(voter: Voter): Certificate[] {
  const sheet = voter.sheets.get(voter.term);
  const certs = [
    sheet?.ackCert,
    sheet?.skipCert,
    sheet?.commitCert,
    certificateIntoTerm(voter),
    voter.lastFinal.cert,
  ];
  return [...new Set(certs)].filter((cert) => cert !== null && cert !== undefined);
}

/**
 * The time at which operations are forwarded to the leader: once they have waited for Δ; null: not now. What was forwarded
 * and waits no more, such as one that its sender replaced, keeps nothing that came later from it.
 */
export function forwardAtMs(voter: Voter): number | null {
  const leader = voter.electorate.leaderOf(voter.term);
  if (voter.seat === null || leader === voter.seat) return null;
  const pending = voter.config.application.pending(excludedOps(voter));
  if (pending === null) return null;
  const { forwarded } = voter.clock;
  if (forwarded !== null && pending.oldestSeenMs <= forwarded.newestSeenMs) return null;
  return Math.max(voter.clock.enteredAtMs, pending.oldestSeenMs + voter.config.timing.deltaMs);
}

/** R1 (ii): forwards operations that the leader seems not to have; only then may their omission count as idleness. */
export function forwardIfDue(turn: Turn): void {
  const { voter, nowMs } = turn;
  const atMs = forwardAtMs(voter);
  if (atMs === null || nowMs < atMs) return;
  const { application, timing } = voter.config;
  const waiting = application.oldestPending(excludedOps(voter), nowMs - timing.deltaMs, MAX_FORWARDED_OPS);
  if (waiting.length === 0) return;
  const leader = voter.electorate.leaderOf(voter.term);
  for (const { bytes } of waiting) tellSeat(turn, leader, { kind: "op", op: bytes });
  const newestSeenMs = waiting.reduce((newest, { seenMs }) => Math.max(newest, seenMs), 0);
  voter.clock.forwarded = { atMs: nowMs, newestSeenMs };
}
