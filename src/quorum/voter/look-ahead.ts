// The look ahead: which signatures the step will ask about when it is given a message, by the answers of R0.
import { unreachable } from "../../base/index.js";
import { judgeHeaders } from "../log/log-proof.js";
import type { Certificate, Entry, Propose, QuorumMessage, Status } from "../log/message.js";
import { proposeDigest, voteDigest } from "../log/signing.js";
import {
  awaitsCertificates,
  continuesShare,
  enteredBy,
  framePlaces,
  heldSkip,
  isSkipAt,
  type JustifyFrame,
  type LogMessage,
  type Question,
  questionsOf,
  recallQuestion,
  type Screening,
  screenEntry,
  screenFinal,
  screenLog,
  screenProposal,
  screenStatus,
  screenVote,
  standingOf,
} from "./questions.js";
import type { Voter } from "./state.js";

/**
 * The signatures that the step will ask about when it is given a message, in groups. One bad signature spoils its
 * group; a group is asked for only when all before it hold. Empty where the step refuses or ignores the message without
 * a signature: otherwise a liar could cause work for ever.
 */
export function* signaturesIn(
  voter: Voter,
  message: QuorumMessage,
  from: number | null,
  nowMs: number,
): Iterable<readonly Question[]> {
  switch (message.kind) {
    case "vote":
      yield asked(screenVote(voter, message.vote));
      break;
    case "propose":
      yield* ofProposal(voter, message.propose);
      break;
    case "cert":
      yield* ofCertificate(voter, message.cert);
      break;
    case "final":
      if (screenFinal(voter, message.header, message.cert).kind === "certified")
        yield* ofCertificate(voter, message.cert);
      break;
    case "certs":
      if (awaitsCertificates(voter)) for (const cert of message.certs) yield* ofCertificate(voter, cert);
      break;
    case "justify":
      yield* ofFrame(voter, message, from);
      break;
    case "status":
      yield* ofStatus(voter, message.status, from);
      break;
    case "log":
      yield ofLog(voter, message, nowMs);
      break;
    case "entry":
      yield ofEntry(voter, message.entry);
      break;
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

const asked = (screening: Screening): readonly Question[] =>
  screening.kind === "judged" ? [screening.question] : [];

function* ofCertificate(voter: Voter, cert: Certificate): Iterable<readonly Question[]> {
  if (standingOf(voter, cert) === "new") yield questionsOf(voter, cert) ?? [];
}

function* ofProposal(voter: Voter, propose: Propose): Iterable<readonly Question[]> {
  const screening = screenProposal(voter, propose);
  if (screening.kind === "out of turn" && screening.question !== null) yield [screening.question];
  if (screening.kind === "judged") yield [screening.question];
  if (screening.kind === "known" && !voter.entries.get(screening.known.hex)?.body) {
    // Its body comes only now, and rests on the signature that brought its header.
    const { header, leaderSig } = propose.entry;
    const { key } = voter.electorate.set.members[header.leader]!;
    yield [{ key, digest: proposeDigest(screening.known.id), sig: leaderSig }];
  }
  const isTaken = screening.kind === "judged" || screening.kind === "known";
  if (isTaken && propose.parentCert !== null) yield* ofCertificate(voter, propose.parentCert);
}

/** Its leader's, which the step looks at only if the body is invalid, and whatever it is. */
function ofEntry(voter: Voter, { header, leaderSig }: Entry): readonly Question[] {
  const screening = screenEntry(voter, header);
  const leader = voter.electorate.set.members[header.leader];
  if (screening.kind !== "asked for" || leader === undefined) return [];
  return [{ key: leader.key, digest: proposeDigest(screening.known.id), sig: leaderSig }];
}

function* ofStatus(voter: Voter, status: Status, from: number | null): Iterable<readonly Question[]> {
  const screening = screenStatus(voter, status, from);
  yield asked(screening);
  if (screening.kind !== "judged") return;
  const entered = enteredBy(status);
  if (entered !== null && status.term !== 1) yield* ofCertificate(voter, entered);
  const recalled = entered !== null || status.term === 1 ? recallQuestion(voter, status) : null;
  if (recalled !== null) yield [recalled];
}

function* ofFrame(voter: Voter, frame: JustifyFrame, from: number | null): Iterable<readonly Question[]> {
  for (const place of framePlaces(voter, frame, from)) {
    if (!continuesShare(place, frame)) continue;
    for (const [i, cert] of frame.certs.entries()) {
      if (!isSkipAt(place.known.header, frame.from + i, cert)) break;
      if (heldSkip(voter, cert) === null) yield questionsOf(voter, cert) ?? [];
    }
  }
}

/** Every signature of the last certificate, which vouches for all. */
function ofLog(voter: Voter, message: LogMessage, nowMs: number): readonly Question[] {
  const screening = screenLog(voter, message, nowMs);
  if (screening.kind !== "news") return [];
  const { entries, descendants, cert } = screening.batch;
  if (cert === null) return [];
  const { electorate, config, lastFinal } = voter;
  const headers = [...entries.map(({ header }) => header), ...descendants];
  if (!judgeHeaders(headers, cert, { electorate, ...config }, lastFinal).ok) return [];
  const digest = voteDigest(voter.domain, cert.type, cert.term, cert.entryId);
  return cert.signers.map((signer, i) => ({
    key: electorate.set.members[signer]!.key,
    digest,
    sig: cert.sigs[i]!,
  }));
}
