// Votes: the tallies of R4, R6 and R9, and the evidence that two votes of one signer may be (R11).
import { formCertificate } from "../log/certificates.js";
import { voteEvidence } from "../log/evidence.js";
import { STRAGGLER_ANSWER_MS } from "../log/limits.js";
import type { Vote } from "../log/message.js";
import { voteDigest } from "../log/signing.js";
import { recall } from "../start/amnesia.js";
import { noteHeard } from "./pacing.js";
import { holds, screenVote } from "./questions.js";
import { certificateIntoTerm, sheetOf } from "./state.js";
import { certOf, endOf, findTally, type TermSheet, tallyOf, votesBy } from "./term-sheet.js";
import { keepVote, refuse, type Turn, tellPeer } from "./turn.js";

/** A vote from the network (R0). */
export function receiveVote(turn: Turn, vote: Vote, from: number | null, peer: string): void {
  const { voter } = turn;
  if (voter.seat === null) return;
  const screening = screenVote(voter, vote);
  if (screening.kind === "refused") {
    refuse(turn, peer, screening.code);
    return;
  }
  if (vote.type === "skip" && vote.term < voter.term && from === vote.signer)
    answerStraggler(turn, vote, peer);
  if (screening.kind === "known") noteHeard(turn, vote.signer, "vote");
  if (screening.kind !== "judged") return;
  if (!holds(voter, screening.question)) {
    refuse(turn, peer, "BAD_SIGNATURE");
    return;
  }
  recordVote(turn, vote);
  countVotes(turn, sheetOf(voter, vote.term), vote);
}

/** At most two different votes of a kind are kept: the second is evidence, a third says nothing new. */
const hasTwo = (sheet: TermSheet, vote: Vote): boolean =>
  votesBy(sheet, vote.signer).filter((one) => one.type === vote.type).length >= 2;

/** An own vote, by the same path as every other. */
export function receiveOwnVote(turn: Turn, vote: Vote): void {
  recordVote(turn, vote);
  countVotes(turn, sheetOf(turn.voter, vote.term), vote);
}

/** Keeps a verified vote, wherever it came from, and looks for a fault among its signer's votes of this term. */
export function recordVote(turn: Turn, vote: Vote): void {
  const { voter } = turn;
  const sheet = sheetOf(voter, vote.term);
  const tally = tallyOf(sheet, vote.type, vote.entryId, () =>
    voteDigest(voter.domain, vote.type, vote.term, vote.entryId),
  );
  if (tally.votes.has(vote.signer) || (hasTwo(sheet, vote) && vote.signer !== voter.seat)) return;
  noteHeard(turn, vote.signer, "vote");
  if (vote.signer !== voter.seat) findFault(turn, sheet, vote);
  else if (recall(turn, sheet, vote.type, vote.entryId)) keepVote(turn, vote);
  tally.votes.set(vote.signer, vote);
  tally.power += voter.electorate.set.members[vote.signer]!.power;
}

/** R11: emits each fault of a signer in a term once. */
function findFault(turn: Turn, sheet: TermSheet, vote: Vote): void {
  if (sheet.convicted.has(vote.signer)) return;
  for (const other of votesBy(sheet, vote.signer)) {
    const evidence = voteEvidence(other, vote, turn.voter.config.rules);
    if (evidence === null) continue;
    sheet.convicted.add(vote.signer);
    turn.evidence.push(evidence);
    return;
  }
}

/** R4, R6, R9: enough votes make a certificate, which is then handled like a received one. */
function countVotes(turn: Turn, sheet: TermSheet, vote: Vote): void {
  const { voter } = turn;
  const tally = findTally(sheet, vote.type, vote.entryId);
  if (tally === null || tally.power < voter.electorate.quorum || certOf(sheet, vote.type) !== null) return;
  const cert = formCertificate(tally.votes.values());
  voter.queue.push({ kind: "cert", cert, trusted: true, peer: null });
}

/**
 * R6: a SKIP for a term that is over shows a straggler; it gets the certificates that ended that term and began this
 * one.
 */
function answerStraggler(turn: Turn, vote: Vote, peer: string): void {
  const { voter, nowMs } = turn;
  if (vote.signer === voter.seat || nowMs - voter.answeredAtMs[vote.signer]! < STRAGGLER_ANSWER_MS) return;
  voter.answeredAtMs[vote.signer] = nowMs;
  const then = voter.sheets.get(vote.term);
  const certs = new Set([
    (then === undefined ? null : endOf(then)) ?? voter.lastFinal.cert,
    certificateIntoTerm(voter),
  ]);
  for (const cert of certs) if (cert !== null) tellPeer(turn, peer, { kind: "cert", cert });
}
