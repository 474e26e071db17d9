// Which signatures a voter will ask about when it is given a message: those that can be judged before its step.
import { type Bytes, equalBytes, type Hash } from "../../src/base/index.js";
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
import { findTally, votesBy } from "../../src/quorum/term-sheet.js";

/** One question to the verifier. */
export interface Question {
  readonly key: Bytes;
  readonly digest: Hash;
  readonly sig: Bytes;
}

/** What a voter's own tests look at, and nothing that changes. */
export type Listener = Pick<
  Voter,
  "seat" | "electorate" | "domain" | "sheets" | "maxTermSeen" | "lastFinal" | "config"
>;

/**
 * The questions of a message in the order in which the step comes to them, in groups of which one bad signature spoils
 * the whole. Empty where the step refuses without looking at a signature, or knows the signature already: nobody gets
 * work done here that the protocol would not do. What becomes of the message is the step's to say; this only looks
 * ahead, so a question too many costs time and one too few costs no more than it did before.
 */
export function* signaturesOf(voter: Listener, message: QuorumMessage): Iterable<readonly Question[]> {
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
    case "certs":
      for (const cert of message.certs) yield ofCertificate(voter, cert);
      break;
    case "status":
      yield ofStatus(voter, message.status);
      if (message.status.entered !== null) yield ofCertificate(voter, message.status.entered);
      break;
    case "log":
      if (message.cert !== null) yield ofCertificate(voter, message.cert);
      break;
    case "entry":
    case "op":
    case "getEntry":
    case "getJustify":
    case "getStatus":
    case "getLog":
    case "getCerts":
      break;
  }
}

/** Twice R0's window: what was told before may move it by as much before the step sees this. */
const isInReach = (voter: Listener, term: number): boolean =>
  term > horizonOf(voter as Voter) && term <= voter.maxTermSeen + 2 * TERM_WINDOW;

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
  if (header.leader !== electorate.leaderOf(header.term)) return [];
  const proposals = sheets.get(header.term)?.proposals ?? [];
  if (proposals.length >= 2) return [];
  const id = entryIdOf(header);
  const isKnown = proposals.some(
    (one) => equalBytes(one.id, id) && equalBytes(one.signed.leaderSig, leaderSig),
  );
  if (isKnown) return [];
  return [{ key: electorate.set.members[header.leader]!.key, digest: proposeDigest(id), sig: leaderSig }];
}

/** The window does not bound certificates; those of one term and kind need no second one. */
function ofCertificate(voter: Listener, cert: Certificate): Question[] {
  if (cert.term <= horizonOf(voter as Voter) || !judgeCertificateShape(cert, voter.electorate).ok) return [];
  const sheet = voter.sheets.get(cert.term);
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
