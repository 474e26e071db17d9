// R0: screens a message before any signature is checked, and names the signatures that it then takes. The voter goes by
// these answers, and so does the look ahead of the step: R0 has one home.
import { type Bytes, equalBytes, type Hash, toHex, ZERO_HASH } from "../../base/index.js";
import type { RefusalCode } from "../contract.js";
import { judgeCertificateShape, sameCertificate } from "../log/certificates.js";
import { type KnownEntry, knownEntry } from "../log/entries.js";
import { TERM_WINDOW } from "../log/limits.js";
import { epochRefusal } from "../log/member-set.js";
import {
  type Certificate,
  entryIdOf,
  type Header,
  type Propose,
  type QuorumMessage,
  type SignedHeader,
  type Status,
  type Vote,
} from "../log/message.js";
import { certificateName } from "../log/rows.js";
import { proposeDigest, statusDigest, voteDigest } from "../log/signing.js";
import { floorOf, horizonOf, type Voter } from "./state.js";
import { type Candidate, certOf, findTally, hasMark, NO_VOTES, votesBy } from "./term-sheet.js";

/** One question to the verifier. */
export interface Question {
  readonly key: Bytes;
  readonly digest: Hash;
  readonly sig: Bytes;
}

/** - `ignored`: of another time, or one too many · `known`: this very signature was judged before */
export type Screening =
  | { readonly kind: "refused"; readonly code: RefusalCode }
  | { readonly kind: "ignored" }
  | { readonly kind: "known" }
  | { readonly kind: "judged"; readonly question: Question };

const refused = (code: RefusalCode) => ({ kind: "refused", code }) as const;
const ignored = { kind: "ignored" } as const;

/** The voter's own judge, asked for one signature. */
export const holds = ({ config }: Voter, { key, digest, sig }: Question): boolean =>
  config.verifier.verify(key, digest, sig);

/** A vote: of this set, by a seat, within the window, not a third opinion. At most two of a kind are kept (R11). */
export function screenVote(voter: Voter, vote: Vote): Screening {
  const { electorate, sheets } = voter;
  if (voter.seat === null) return ignored;
  const member = electorate.set.members[vote.signer];
  const ofEpoch = epochRefusal(electorate, vote);
  if (ofEpoch !== null) return refused(ofEpoch);
  if (member === undefined) return refused("NOT_A_SEAT");
  if (vote.type === "skip" && !equalBytes(vote.entryId, ZERO_HASH)) return refused("BAD_ENTRY_ID");
  if (vote.term > voter.maxTermSeen + TERM_WINDOW) return refused("TERM_AHEAD");
  if (vote.term <= horizonOf(voter)) return ignored;
  const sheet = sheets.get(vote.term);
  const tally = sheet === undefined ? null : findTally(sheet, vote.type, vote.entryId);
  const before = tally?.votes.get(vote.signer);
  if (before !== undefined) return equalBytes(before.sig, vote.sig) ? { kind: "known" } : ignored;
  const ofKind =
    sheet === undefined ? [] : votesBy(sheet, vote.signer).filter((one) => one.type === vote.type);
  if (ofKind.length >= 2) return ignored;
  const digest = tally?.digest ?? voteDigest(voter.domain, vote.type, vote.term, vote.entryId);
  return { kind: "judged", question: { key: member.key, digest, sig: vote.sig } };
}

/** - `out of turn`: refused, and its signature, if it still matters, convicts the seat that the header names (E6) */
export type ProposalScreening =
  | Exclude<Screening, { kind: "known" | "judged" }>
  | { readonly kind: "out of turn"; readonly question: Question | null }
  | { readonly kind: "known"; readonly known: KnownEntry }
  | { readonly kind: "judged"; readonly known: KnownEntry; readonly question: Question };

/** A proposal: of this chain and set, within the window, by the term's leader, not a third one. */
export function screenProposal(voter: Voter, { entry: { header, leaderSig } }: Propose): ProposalScreening {
  const { electorate, config, sheets } = voter;
  if (voter.seat === null) return ignored;
  if (!equalBytes(header.chain, config.chain) || !equalBytes(header.market, config.market)) {
    return refused("WRONG_CHAIN");
  }
  const ofEpoch = epochRefusal(electorate, header);
  if (ofEpoch !== null) return refused(ofEpoch);
  if (header.term > voter.maxTermSeen + TERM_WINDOW) return refused("TERM_AHEAD");
  if (header.term <= horizonOf(voter)) return ignored;
  const known = knownEntry(header);
  const sheet = sheets.get(header.term);
  const member = electorate.set.members[header.leader];
  const question = (): Question => ({ key: member!.key, digest: proposeDigest(known.id), sig: leaderSig });
  if (header.leader !== electorate.leaderOf(header.term)) {
    const isNews = member !== undefined && !sheet?.accused.has(header.leader);
    return { kind: "out of turn", question: isNews ? question() : null };
  }
  const proposals = sheet?.proposals ?? [];
  const before = proposals.find((one) => equalBytes(one.id, known.id));
  if (before !== undefined && equalBytes(before.signed.leaderSig, leaderSig)) return { kind: "known", known };
  if (before === undefined && proposals.length >= 2) return ignored;
  return { kind: "judged", known, question: question() };
}

/** A status from its signer's own connection: relayed ones are ignored, since an old one would lie about the clock. */
export function screenStatus(voter: Voter, status: Status, from: number | null): Screening {
  const { electorate, config } = voter;
  if (voter.seat === null || from !== status.signer || from === voter.seat) return ignored;
  const ofEpoch = epochRefusal(electorate, status);
  if (ofEpoch !== null) return refused(ofEpoch);
  const member = electorate.set.members[status.signer];
  if (member === undefined) return refused("NOT_A_SEAT");
  const digest = statusDigest(config.chain, config.market, status);
  return { kind: "judged", question: { key: member.key, digest, sig: status.sig } };
}

/**
 * The question whether this seat signed the message that an answer to its query shows; null: the message is no news.
 */
export function recallQuestion(voter: Voter, { highestOfAsker: shown, nonce }: Status): Question | null {
  const { query, seat } = voter;
  if (shown === null || seat === null || query === null || !equalBytes(nonce, query.nonce)) return null;
  const { type, term, entryId, sig } = shown.kind === "vote" ? shown.vote : markOf(voter, shown.proposal);
  if (term <= floorOf(voter)) return null;
  if (hasMark(voter.sheets.get(term)?.own ?? NO_VOTES, type, entryId)) return null;
  const digest = type === "propose" ? proposeDigest(entryId) : voteDigest(voter.domain, type, term, entryId);
  return { key: voter.electorate.set.members[seat]!.key, digest, sig };
}

/** The mark of a signed header; term 0, which no rule looks at, if it is of another chain. */
function markOf({ config }: Voter, { header, leaderSig }: SignedHeader) {
  const isOurs = equalBytes(header.chain, config.chain) && equalBytes(header.market, config.market);
  const term = isOurs ? header.term : 0;
  return { type: "propose", term, entryId: entryIdOf(header), sig: leaderSig } as const;
}

/** The certificate by which a status shows that its signer is in the term that it claims; null: it shows none. */
export const enteredBy = ({ entered, term }: Status): Certificate | null =>
  entered !== null && entered.term === term - 1 ? entered : null;

/** `over`: of a term that is forgotten · `held`: certified here already · `new`: neither */
export function standingOf(voter: Voter, cert: Certificate): "over" | "held" | "new" {
  if (cert.term <= horizonOf(voter)) return "over";
  const sheet = voter.sheets.get(cert.term);
  const held = sheet === undefined ? null : certOf(sheet, cert.type);
  return held !== null && equalBytes(held.entryId, cert.entryId) ? "held" : "new";
}

/** A certificate's signatures that no vote here has shown yet; null: its shape is wrong, or it was refused before. */
export function questionsOf(voter: Voter, cert: Certificate): readonly Question[] | null {
  const { electorate, config, sheets, refusedCerts } = voter;
  if (!judgeCertificateShape(cert, electorate, config.rules).ok) return null;
  if (refusedCerts.size > 0 && refusedCerts.has(certificateName(cert))) return null;
  const sheet = sheets.get(cert.term);
  const tally = sheet === undefined ? null : findTally(sheet, cert.type, cert.entryId);
  const digest = tally?.digest ?? voteDigest(voter.domain, cert.type, cert.term, cert.entryId);
  return cert.signers.flatMap((signer, i) => {
    const sig = cert.sigs[i]!;
    const vote = tally?.votes.get(signer);
    if (vote !== undefined && equalBytes(vote.sig, sig)) return [];
    return [{ key: electorate.set.members[signer]!.key, digest, sig }];
  });
}

/** A final header with its certificate: news, and the certificate of this very header. */
export function screenFinal(
  voter: Voter,
  header: Header,
  cert: Certificate,
):
  | Exclude<Screening, { kind: "known" | "judged" }>
  | { readonly kind: "certified"; readonly known: KnownEntry } {
  if (cert.term <= voter.lastFinal.term && cert.term <= horizonOf(voter)) return ignored;
  if (voter.finalTerms.get(cert.term) === toHex(cert.entryId)) return ignored;
  const known = knownEntry(header);
  const isOfHeader =
    cert.type === "commit" && equalBytes(known.id, cert.entryId) && header.term === cert.term;
  return isOfHeader ? { kind: "certified", known } : refused("BAD_HEADER");
}

/** An entry by its id: asked for, and not final here. Its leader's signature only accuses the leader. */
export function screenEntry(
  voter: Voter,
  header: Header,
):
  | Exclude<Screening, { kind: "known" | "judged" }>
  | { readonly kind: "asked for"; readonly known: KnownEntry } {
  if (header.term <= voter.lastFinal.term) return ignored;
  const known = knownEntry(header);
  return voter.asks.has(`entry/${known.hex}`) ? { kind: "asked for", known } : refused("UNASKED");
}

export type LogMessage = Extract<QuorumMessage, { kind: "log" }>;

/** - `news`: the rest of a log, from the first entry that is above this voter's last one on */
export type LogScreening =
  | Exclude<Screening, { kind: "known" | "judged" }>
  | { readonly kind: "empty" }
  | { readonly kind: "news"; readonly batch: LogMessage };

/** A `log` answer: asked for, and with something that is not final here. */
export function screenLog(voter: Voter, batch: LogMessage, nowMs: number): LogScreening {
  if (nowMs > voter.logAwaitedUntilMs) return refused("UNASKED");
  if (batch.entries.length === 0) return { kind: "empty" };
  const skipped = batch.entries.findIndex((entry) => entry.header.height > voter.lastFinal.height);
  return skipped < 0 ? ignored : { kind: "news", batch: { ...batch, entries: batch.entries.slice(skipped) } };
}

/** True if this voter has asked for certificates of terms. */
export const awaitsCertificates = ({ asks }: Voter): boolean =>
  [...asks.keys()].some((name) => name.startsWith("certs/"));

export type JustifyFrame = Extract<QuorumMessage, { kind: "justify" }>;

/** A candidate that a frame of a justification is for, and its sender's share of it so far. */
export interface FramePlace {
  readonly candidate: Candidate;
  readonly known: KnownEntry;
  readonly share: readonly Certificate[];
}

/**
 * The candidates of the current and coming terms that a member's frame is for. Several may name one justifyHash; none
 * once it is here.
 */
export function framePlaces(voter: Voter, frame: JustifyFrame, from: number | null): FramePlace[] {
  if (from === null || voter.seat === null || voter.justifications.has(toHex(frame.justifyHash))) return [];
  const places: FramePlace[] = [];
  for (const { term, candidate } of voter.sheets.values()) {
    const known = candidate === null ? undefined : voter.entries.get(candidate.hex);
    if (term < voter.term || candidate === null || known === undefined) continue;
    if (!equalBytes(known.header.justifyHash, frame.justifyHash)) continue;
    places.push({ candidate, known, share: frame.from === 0 ? [] : (candidate.gathered.get(from) ?? []) });
  }
  return places;
}

/** True if a frame continues a share, with certificates that have a place in the gap of its header. */
export function continuesShare({ known, share }: FramePlace, frame: JustifyFrame): boolean {
  const { term, parentTerm } = known.header;
  if (frame.from !== share.length || frame.total !== term - parentTerm - 1 || frame.certs.length === 0)
    return false;
  return frame.from + frame.certs.length <= frame.total;
}

/** True if a certificate is of the skipped term that stands at `index` of a gap. */
export const isSkipAt = ({ parentTerm }: Header, index: number, cert: Certificate): boolean =>
  cert.type === "skip" && cert.term === parentTerm + 1 + index;

/** The certificate held here that a gap's one says again, signature for signature; null: it has to be judged. */
export function heldSkip({ sheets }: Voter, cert: Certificate): Certificate | null {
  const held = sheets.get(cert.term)?.skipCert ?? null;
  return held !== null && sameCertificate(held, cert) ? held : null;
}
