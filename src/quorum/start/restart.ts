// R13: the first step of a member, every time it starts.
import { encode, type Hash, toHex } from "../../base/index.js";
import type { Vote } from "../log/message.js";
import { KEY, ownProposalRow } from "../log/rows.js";
import { proposeDigest } from "../log/signing.js";
import { proposeMessage } from "../voter/propose.js";
import { certificateIntoTerm, floorOf, sheetOf, type Voter } from "../voter/state.js";
import { endOf, type TermSheet } from "../voter/term-sheet.js";
import { repeatProposal } from "../voter/timeouts.js";
import { keepVote, putForTerm, signVote, type Turn, tellMembers } from "../voter/turn.js";
import { beginVoting, openQuery, recordAmnesia } from "./amnesia.js";

/** From this power of a set on, the others can know more of a member's past than it does (spec/persistence#A2). */
const MIN_SET_TO_QUERY = 4;

/**
 * R13, after `restoreVoter` has read the store and reconciled the guard. Writes rows for messages that only the guard
 * knew, repeats own messages above the floor, and starts the timers after the query.
 */
export function restart(turn: Turn): void {
  const { voter, nowMs } = turn;
  voter.nextStatusAtMs = nowMs;
  voter.newsAtMs = nowMs;
  for (const heard of voter.heard) {
    heard.atMs = nowMs;
    heard.inTerm = voter.term;
  }
  voter.certified = null;
  for (const term of voter.ackedTerms) sheetOf(voter, term).ackCertAtMs = nowMs;
  if (voter.seat === null) return;
  recordGuardMarks(turn);
  if (voter.standing === "amnesia") {
    recordAmnesia(turn);
    openQuery(turn);
    return;
  }
  repeatOwnMessages(turn);
  if (voter.fresh || voter.electorate.size < MIN_SET_TO_QUERY) {
    beginVoting(turn);
    return;
  }
  voter.standing = "querying";
  openQuery(turn);
}

/**
 * A seat that has never signed writes its first guard, in a batch that signs nothing: cut short, it is no loss. One
 * whose guard was ahead writes the rows that the crash prevented.
 */
function recordGuardMarks(turn: Turn): void {
  const { voter } = turn;
  const hasNeverSigned = voter.voteSeq === 0 && voter.standing !== "amnesia";
  voter.batchClosed ||= hasNeverSigned;
  if (hasNeverSigned || voter.marks.length > 0) turn.guardDirty = true;
  for (const { type, term, entryId } of voter.unrecorded) {
    if (type !== "propose") keepVote(turn, signVote(voter, type, term, entryId));
    else keepLostProposal(turn, voter.sheets.get(term)!, entryId);
  }
  voter.unrecorded = [];
}

/** A proposal known by its mark only: it is not made again, and its body is gone, so it is never sent. */
function keepLostProposal(turn: Turn, sheet: TermSheet, entryId: Hash): void {
  const leaderSig = turn.voter.config.signer!.sign(proposeDigest(entryId));
  const row = encode(ownProposalRow, { entryId, leaderSig });
  putForTerm(turn, sheet, KEY.own(sheet.term, "propose"), row);
}

/**
 * Repeats own messages of terms above the floor, also through the own queue, and the certificates of the last two
 * terms.
 */
function repeatOwnMessages(turn: Turn): void {
  const { voter } = turn;
  for (const sheet of openSheets(voter)) {
    for (const vote of sheet.sent) {
      tellMembers(turn, { kind: "vote", vote });
      if (!isLoneAckOfNothing(voter, vote)) voter.queue.push({ kind: "vote", vote });
    }
    const own = sheet.own.proposed;
    const known = own === null ? undefined : findEntry(voter, own);
    const propose = known === undefined ? null : proposeMessage(voter, known);
    if (known === undefined || propose === null) continue;
    voter.queue.push({ kind: "propose", propose, id: known.id });
    repeatProposal(turn, sheet.term);
  }
  const before = voter.sheets.get(voter.term - 2);
  const certs = [before === undefined ? null : endOf(before), certificateIntoTerm(voter)];
  for (const cert of certs) if (cert !== null) tellMembers(turn, { kind: "cert", cert });
}

/** A lone member's ACK whose entry the crash kept from the disk: said again, it alone would certify what nobody has. */
const isLoneAckOfNothing = (voter: Voter, vote: Vote): boolean =>
  voter.electorate.quorum === 1 && vote.type === "ack" && findEntry(voter, vote.entryId) === undefined;

function openSheets(voter: Voter): TermSheet[] {
  const floor = floorOf(voter);
  const { rules } = voter.config;
  return [...voter.sheets.values()]
    .filter(({ term }) => rules.saysAgain(term, floor))
    .sort((a, b) => a.term - b.term);
}

const findEntry = (voter: Voter, id: Hash) => voter.entries.get(toHex(id));
