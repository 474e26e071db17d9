// Which signatures a voter will ask about when it is given a message: those that can be judged before its step.
import { type Bytes, equalBytes, type Hash, toHex, unreachable } from "../../src/base/index.js";
import type { PeerRef } from "../../src/peer/event.js";
import {
  type Certificate,
  entryIdOf,
  judgeCertificateShape,
  type Propose,
  proposeDigest,
  type QuorumMessage,
  type Status,
  statusDigest,
  TERM_WINDOW,
  type Vote,
  type Voter,
  voteDigest,
} from "../../src/quorum/index.js";
import { horizonOf } from "../../src/quorum/state.js";
import { certOf, findTally, votesBy } from "../../src/quorum/term-sheet.js";

/** One question to the verifier. */
export interface Question {
  readonly key: Bytes;
  readonly digest: Hash;
  readonly sig: Bytes;
}

/** What a voter's own tests look at. */
export type Listener = Pick<
  Voter,
  | "seat"
  | "electorate"
  | "domain"
  | "sheets"
  | "entries"
  | "justifications"
  | "asks"
  | "logAwaitedUntilMs"
  | "maxTermSeen"
  | "lastFinal"
  | "config"
>;

/** A message as it came over a connection; `seat` is what the connection proved, or null. */
export interface Told {
  readonly from: PeerRef;
  readonly seat: number | null;
  readonly message: QuorumMessage;
}

/**
 * The questions of a message in the order in which the step comes to them, in groups of which one bad signature spoils
 * the whole. Empty where the step passes over a message without looking at a signature, or knows the signature already:
 * else whoever sends such messages, for which nobody is blamed, would get work done for ever. What becomes of a message
 * is the step's to say; this only looks ahead.
 */
export function* signaturesOf(
  voter: Listener,
  { message, seat }: Told,
  nowMs: number,
): Iterable<readonly Question[]> {
  switch (message.kind) {
    case "vote":
      yield ofVote(voter, message.vote);
      break;
    case "propose":
      yield ofProposal(voter, message.propose);
      if (message.propose.parentCert !== null) yield ofCertificate(voter, message.propose.parentCert);
      break;
    case "cert":
    case "final":
      yield ofCertificate(voter, message.cert);
      break;
    case "justify":
      if (isSought(voter, message.justifyHash))
        for (const cert of message.certs) yield ofCertificate(voter, cert);
      break;
    case "certs":
      if ([...voter.asks.keys()].some((name) => name.startsWith("certs/")))
        for (const cert of message.certs) yield ofCertificate(voter, cert);
      break;
    case "status":
      if (seat !== message.status.signer) break; // hearsay
      yield ofStatus(voter, message.status);
      if (message.status.entered !== null) yield ofCertificate(voter, message.status.entered);
      break;
    case "log":
      if (nowMs <= voter.logAwaitedUntilMs && message.cert !== null) yield ofCertificate(voter, message.cert);
      break;
    case "entry":
    case "op":
    case "getEntry":
    case "getJustify":
    case "getStatus":
    case "getLog":
    case "getCerts":
      break;
    default:
      unreachable(message);
  }
}

/** Whether a candidate of the current or a coming term waits for this justification. */
function isSought({ sheets, entries, justifications }: Listener, justifyHash: Hash): boolean {
  if (justifications.has(toHex(justifyHash))) return false;
  for (const { candidate } of sheets.values()) {
    const header = candidate === null ? undefined : entries.get(candidate.hex)?.header;
    if (header !== undefined && equalBytes(header.justifyHash, justifyHash)) return true;
  }
  return false;
}

const isInReach = (voter: Listener, term: number): boolean =>
  term > horizonOf(voter as Voter) && term <= voter.maxTermSeen + TERM_WINDOW;

const isOfSet = ({ electorate }: Listener, one: { epoch: number; setHash: Hash }): boolean =>
  one.epoch === electorate.set.epoch && equalBytes(one.setHash, electorate.setHash);

function ofVote(voter: Listener, vote: Vote): Question[] {
  const member = voter.electorate.set.members[vote.signer];
  if (voter.seat === null || member === undefined) return [];
  if (!isOfSet(voter, vote) || !isInReach(voter, vote.term)) return [];
  const sheet = voter.sheets.get(vote.term);
  const tally = sheet === undefined ? null : findTally(sheet, vote.type, vote.entryId);
  if (tally?.votes.has(vote.signer)) return [];
  if (sheet !== undefined && votesBy(sheet, vote.signer).filter((one) => one.type === vote.type).length >= 2)
    return []; // a third opinion is not heard
  const digest = tally?.digest ?? voteDigest(voter.domain, vote.type, vote.term, vote.entryId);
  return [{ key: member.key, digest, sig: vote.sig }];
}

function ofProposal(voter: Listener, { entry: { header, leaderSig } }: Propose): Question[] {
  const { electorate, sheets } = voter;
  if (voter.seat === null || !isOfSet(voter, header) || !isInReach(voter, header.term)) return [];
  const sheet = sheets.get(header.term);
  const member = electorate.set.members[header.leader];
  const isInTurn = header.leader === electorate.leaderOf(header.term);
  // Out of turn, the signature alone tells whether the seat in the header is to blame (E6); once is enough.
  if (member === undefined || (!isInTurn && sheet?.accused.has(header.leader))) return [];
  const proposals = sheet?.proposals ?? [];
  if (isInTurn && proposals.length >= 2) return [];
  const id = entryIdOf(header);
  const isKnown = proposals.some(
    (one) => equalBytes(one.id, id) && equalBytes(one.signed.leaderSig, leaderSig),
  );
  if (isKnown) return [];
  return [{ key: member.key, digest: proposeDigest(id), sig: leaderSig }];
}

/** The window does not bound certificates; what is certified already needs no second one. */
function ofCertificate(voter: Listener, cert: Certificate): Question[] {
  if (cert.term <= horizonOf(voter as Voter) || !judgeCertificateShape(cert, voter.electorate).ok) return [];
  const sheet = voter.sheets.get(cert.term);
  const held = sheet === undefined ? null : certOf(sheet, cert.type);
  if (held !== null && equalBytes(held.entryId, cert.entryId)) return [];
  const tally = sheet === undefined ? null : findTally(sheet, cert.type, cert.entryId);
  const digest = tally?.digest ?? voteDigest(voter.domain, cert.type, cert.term, cert.entryId);
  return cert.signers.flatMap((signer, i) => {
    const sig = cert.sigs[i]!;
    const known = tally?.votes.get(signer);
    if (known !== undefined && equalBytes(known.sig, sig)) return [];
    return [{ key: voter.electorate.set.members[signer]!.key, digest, sig }];
  });
}

function ofStatus(voter: Listener, status: Status): Question[] {
  const member = voter.electorate.set.members[status.signer];
  if (voter.seat === null || member === undefined || !isOfSet(voter, status)) return [];
  const { chain, market } = voter.config;
  return [{ key: member.key, digest: statusDigest(chain, market, status), sig: status.sig }];
}
