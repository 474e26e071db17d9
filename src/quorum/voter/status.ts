// STATUS: a member's signed account of where it stands; answers to it, clocks from it, and the heartbeat that sends it.
import { equalBytes } from "../../base/index.js";
import { type FinalProof, type SignedMessage, type Status, VOTE_KINDS, type Vote } from "../log/message.js";
import { BLANK_SIGNATURE, statusDigest } from "../log/signing.js";
import { longestIdleMs } from "../rules.js";
import { onAnswer } from "../start/amnesia.js";
import { receiveCertificate } from "./advance.js";
import { askLog } from "./catch-up.js";
import { idleIntervalMs, noteHeard } from "./pacing.js";
import { enteredBy, holds, screenStatus } from "./questions.js";
import { certificateIntoTerm, type Voter } from "./state.js";
import { votesBy } from "./term-sheet.js";
import { refuse, type Turn, tellMembers, tellPeer } from "./turn.js";

const UNASKED = new Uint8Array(16);
/** A status is sent unasked so many idle intervals apart, or the two longest: it keeps clocks known and leaders heard. */
const HEARTBEAT_IDLES = 10;
const LONGEST_IDLES = 2;

/** A signed status. `asker` is the seat that asked; its highest message held here is part of the answer. */
function makeStatus(turn: Turn, nonce: Uint8Array, asker: number | null): Status {
  const { voter, nowMs } = turn;
  const { chain, market, signer } = voter.config;
  const unsigned: Status = {
    epoch: voter.electorate.set.epoch,
    setHash: voter.electorate.setHash,
    term: voter.term,
    entered: certificateIntoTerm(voter),
    finalHeight: voter.lastFinal.height,
    finalId: voter.lastFinal.id,
    maxTermSeen: voter.maxTermSeen,
    clockMs: Math.max(0, nowMs),
    highestOfAsker: asker === null ? null : highestOf(voter, asker),
    nonce,
    signer: voter.seat!,
    sig: BLANK_SIGNATURE,
  };
  return { ...unsigned, sig: signer!.sign(statusDigest(chain, market, unsigned)) };
}

/** The highest message of a seat held here, by term, then PROPOSE < ACK < SKIP < COMMIT. */
function highestOf(voter: Voter, seat: number): SignedMessage | null {
  const terms = [...voter.sheets.keys()].sort((a, b) => b - a);
  for (const term of terms) {
    const sheet = voter.sheets.get(term)!;
    const votes = votesBy(sheet, seat).sort((a, b) => rankOf(b) - rankOf(a));
    if (votes[0] !== undefined) return { kind: "vote", vote: votes[0] };
    const proposal = sheet.proposals.find(({ signed }) => signed.header.leader === seat);
    if (proposal !== undefined) return { kind: "proposal", proposal: proposal.signed };
  }
  return null;
}

const rankOf = (vote: Vote): number => VOTE_KINDS.indexOf(vote.type);

/** Answers a question for this member's status; in amnesia it sends none, for others would rely on it. */
export function answerStatus(turn: Turn, nonce: Uint8Array, from: number | null, peer: string): void {
  const { voter } = turn;
  if (voter.seat === null || voter.standing === "amnesia") return;
  tellPeer(turn, peer, { kind: "status", status: makeStatus(turn, nonce, from) });
}

/** Sends an unasked status to all members when it is time. */
export function beat(turn: Turn): void {
  const { voter, nowMs } = turn;
  if (voter.seat === null || voter.electorate.size === 1 || nowMs < voter.nextStatusAtMs) return;
  const mostMs = LONGEST_IDLES * longestIdleMs(voter.config.timing);
  voter.nextStatusAtMs = nowMs + Math.min(HEARTBEAT_IDLES * idleIntervalMs(voter), mostMs);
  tellMembers(turn, { kind: "status", status: makeStatus(turn, UNASKED, null) });
}

/**
 * A status from its signer's own connection: relayed ones are ignored, since an old one would lie about the clock.
 * Its certificate is used like any other, its final height may start a catch-up.
 */
export function receiveStatus(turn: Turn, status: Status, from: number | null, peer: string): void {
  const { voter, nowMs } = turn;
  const screening = screenStatus(voter, status, from);
  if (screening.kind === "refused") refuse(turn, peer, screening.code);
  if (screening.kind !== "judged") return;
  if (!holds(voter, screening.question)) {
    refuse(turn, peer, "BAD_SIGNATURE");
    return;
  }
  noteHeard(turn, status.signer, "status");
  voter.clockOffsets[status.signer] = status.clockMs - nowMs;
  const entered = status.term === 1 || showsEntry(turn, status, peer);
  if (entered && voter.query !== null && equalBytes(status.nonce, voter.query.nonce)) onAnswer(turn, status);
  if (status.finalHeight > voter.lastFinal.height && voter.target === null) askLog(turn, peer);
}

/** True if the status carries a valid certificate that ended the term before the one it claims. */
function showsEntry(turn: Turn, status: Status, peer: string): boolean {
  const entered = enteredBy(status);
  return entered !== null && receiveCertificate(turn, entered, false, peer);
}

/** The proof of where this voter's log ends; null as long as it holds no certificate of its last final entry. */
export function finalProofOf({ lastFinal, entries }: Voter): FinalProof | null {
  const header = entries.get(lastFinal.hex)?.header;
  return header === undefined || lastFinal.cert === null ? null : { header, cert: lastFinal.cert };
}
