// R3: the checks before a member acknowledges a proposal.
import { encode, equalBytes, type Hash, toHex, unreachable } from "../../base/index.js";
import { bodyFor, type KnownEntry, knownEntry } from "../log/entries.js";
import { proposalEvidence } from "../log/evidence.js";
import { MAX_CACHED_BODIES } from "../log/limits.js";
import {
  type Certificate,
  type Entry,
  entry as entryCodec,
  type Header,
  type Propose,
} from "../log/message.js";
import { justifyRow, KEY, ownProposalRow } from "../log/rows.js";
import { recall } from "../start/amnesia.js";
import { accuseOfBody, accuseOfCount, accuseOfHeader, accuseOutOfTurn, opsAreValid } from "./accuse.js";
import { receiveCertificate } from "./advance.js";
import { justificationOf } from "./gap.js";
import { isWorthItsRoom } from "./in-flight.js";
import { rememberEntry } from "./memory.js";
import { extraMs, noteHeard } from "./pacing.js";
import { holds, screenProposal } from "./questions.js";
import { genesisFacts, type ParentFacts, sheetOf, type Voter } from "./state.js";
import type { Candidate, TermSheet } from "./term-sheet.js";
import { castVote, isOpen, put, putForTerm, refuse, type Turn } from "./turn.js";

/** A proposal from the network (R0). */
export function receivePropose(turn: Turn, propose: Propose, peer: string): void {
  const { voter } = turn;
  const { header, leaderSig } = propose.entry;
  const screening = screenProposal(voter, propose);
  switch (screening.kind) {
    case "ignored":
      return;
    case "refused":
      refuse(turn, peer, screening.code);
      return;
    case "out of turn":
      refuse(turn, peer, "WRONG_LEADER");
      accuseOutOfTurn(turn, { header, leaderSig }, screening.question);
      return;
    case "known":
      noteHeard(turn, header.leader, "proposal");
      admit(turn, propose, voter.entries.get(screening.known.hex) ?? screening.known, peer);
      return;
    case "judged":
      break;
    default:
      unreachable(screening);
  }
  const { known, question } = screening;
  if (!holds(voter, question)) {
    refuse(turn, peer, "BAD_SIGNATURE");
    return;
  }
  noteHeard(turn, header.leader, "proposal");
  recordProposal(turn, known.id, header, leaderSig);
  accuseOfHeader(turn, { header, leaderSig });
  admit(turn, propose, known, peer);
}

/** An own proposal, by the same path without a check of the own signature. */
export function receiveOwnProposal(turn: Turn, propose: Propose, id: Hash): void {
  const { header, leaderSig } = propose.entry;
  recordProposal(turn, id, header, leaderSig);
  admit(turn, propose, turn.voter.entries.get(toHex(id)) ?? knownEntry(header, id), null);
}

/** Keeps a term's proposal; a second, different one is E5 (R11), a third is dropped before it gets here. */
function recordProposal(turn: Turn, id: Hash, header: Header, leaderSig: Uint8Array): void {
  const { voter } = turn;
  const sheet = sheetOf(voter, header.term);
  if (sheet.proposals.some((one) => equalBytes(one.id, id))) return;
  sheet.proposals.push({ id, signed: { header, leaderSig } });
  if (header.leader === voter.seat && recall(turn, sheet, "propose", id)) {
    putForTerm(
      turn,
      sheet,
      KEY.own(header.term, "propose"),
      encode(ownProposalRow, { entryId: id, leaderSig }),
    );
  }
  if (sheet.proposals.length < 2 || sheet.convicted.has(header.leader) || header.leader === voter.seat)
    return;
  sheet.convicted.add(header.leader);
  turn.evidence.push(proposalEvidence(sheet.proposals[0]!.signed, sheet.proposals[1]!.signed));
}

/** Uses a proposal's certificate, keeps its entry, and makes it the term's candidate if it is the first. */
function admit(turn: Turn, propose: Propose, known: KnownEntry, peer: string | null): void {
  const { voter, nowMs } = turn;
  const { header, ops, leaderSig } = propose.entry;
  rememberParent(voter, propose);
  if (propose.parentCert !== null) receiveCertificate(turn, propose.parentCert, false, peer);
  if (header.term <= voter.lastFinal.term || header.term > voter.term + MAX_CACHED_BODIES) return;
  if (known.body === null) {
    known.body = bodyFor(header, ops);
    if (known.body === null) {
      refuse(turn, peer, "BAD_BODY");
      accuseOfCount(turn, { header, leaderSig }, ops);
    }
    voter.excluded = null;
  }
  const kept = rememberEntry(voter, known);
  kept.leaderSig = leaderSig; // verified, as that of an entry fetched by its id is not
  accuseOfBody(turn, kept, leaderSig);
  const sheet = sheetOf(voter, header.term);
  sheet.candidate ??= {
    hex: kept.hex,
    receivedAtMs: nowMs,
    gathered: new Map(),
    leads: false,
    refused: false,
  };
}

/** The parent's header, if it is the one that the entry names and is new; its term is below, so finality drops it. */
function rememberParent(voter: Voter, { entry, parentHeader }: Propose): void {
  if (parentHeader === null || parentHeader.term <= voter.lastFinal.term) return;
  if (parentHeader.term !== entry.header.parentTerm || parentHeader.term >= entry.header.term) return;
  if (voter.entries.has(toHex(entry.header.parent))) return;
  const parent = knownEntry(parentHeader);
  if (equalBytes(parent.id, entry.header.parent)) rememberEntry(voter, parent);
}

/** R3 for the current term's candidate; true if it was acknowledged now. Tried again whenever something arrives. */
export function considerProposal(turn: Turn): boolean {
  const { voter } = turn;
  const sheet = voter.sheets.get(voter.term);
  const candidate = sheet?.candidate ?? null;
  if (sheet === undefined || candidate === null || candidate.refused) return false;
  const known = voter.entries.get(candidate.hex);
  if (known === undefined) return false;
  const parent = certifiedParent(voter, known.header);
  if (parent === null) return false;
  if (!isChildOf(known.header, parent)) {
    candidate.refused = true;
    return false;
  }
  if (!isTimely(voter, known.header, candidate.receivedAtMs)) return false;
  candidate.leads = true;
  if (!isOpen(voter, voter.term) || !voter.config.rules.mayAck(sheet.own)) return false;
  const skips = justificationOf(voter, known.header);
  if (!voter.config.rules.gapIsJustified(known.header, skips, voter.lastFinal.term)) return false;
  if (!bodyIsValid(voter, known, candidate) || !rootIsOwn(voter, known.header, parent)) return false;
  if (!isWorthItsRoom(voter, known, candidate)) return false;
  acknowledge(turn, sheet, known, skips);
  return true;
}

/** The header agrees with the facts of its parent (spec/log#V1). */
function isChildOf(header: Header, parent: ParentFacts): boolean {
  return (
    header.parentTerm === parent.term &&
    header.term > parent.term &&
    header.height === parent.height + 1 &&
    header.timeMs > parent.timeMs &&
    header.execHeight >= parent.execHeight &&
    header.execHeight <= parent.height &&
    header.kind === "normal" &&
    header.nextSetHash === null
  );
}

/** The parent's facts, if the parent is known and certified: the chain itself, the last final entry, or by certificate. */
function certifiedParent(voter: Voter, { parent, parentTerm }: Header): ParentFacts | null {
  if (parentTerm === 0) return equalBytes(parent, voter.config.chain) ? genesisFacts(voter.config) : null;
  const known = voter.entries.get(toHex(parent));
  if (known === undefined) return null;
  const sheet = voter.sheets.get(parentTerm);
  const certified =
    known.hex === voter.lastFinal.hex ||
    [sheet?.ackCert, sheet?.commitCert].some((cert) => cert && equalBytes(cert.entryId, parent));
  return certified ? known.header : null;
}

/** `timely` with the clock at first receipt and today's patience (spec/time#W4). */
function isTimely(voter: Voter, { timeMs }: Header, receivedAtMs: number): boolean {
  const { precisionMs, messageDelayMs } = voter.config.timing;
  return voter.config.rules.isTimely({
    timeMs,
    receivedAtMs,
    precisionMs: extraMs(precisionMs, voter.failures),
    delayMs: extraMs(messageDelayMs, voter.failures),
  });
}

/** The operations are there and valid on their face. */
function bodyIsValid(voter: Voter, known: KnownEntry, candidate: Candidate): boolean {
  if (known.body === null) return false;
  if (opsAreValid(voter, known)) return true;
  candidate.refused = true;
  return false;
}

/**
 * spec/log#V5: the leader's (execHeight, execRoot) is its parent's, or the own root; unknown as long as own execution lags.
 */
function rootIsOwn(voter: Voter, { execHeight, execRoot }: Header, parent: ParentFacts): boolean {
  if (execHeight === parent.execHeight) return equalBytes(execRoot, parent.execRoot);
  const own = voter.roots.get(execHeight);
  return own !== undefined && equalBytes(own, execRoot);
}

/** P3: the entry and its justification are kept with the ACK. */
function acknowledge(
  turn: Turn,
  sheet: TermSheet,
  known: KnownEntry,
  skips: readonly Certificate[] | null,
): void {
  const { voter } = turn;
  if (!known.stored && known.leaderSig !== null) {
    storeEntry(turn, known);
  }
  if (skips !== null && skips.length > 0) {
    const { justifyHash, term } = known.header;
    voter.justifications.set(toHex(justifyHash), { term, skips });
    putForTerm(turn, sheet, KEY.justify(term), encode(justifyRow, { justifyHash, skips }));
  }
  castVote(turn, "ack", sheet.term, known.id);
}

export function storeEntry(turn: Turn, known: KnownEntry): void {
  const value: Entry = { header: known.header, ops: known.body!.ops, leaderSig: known.leaderSig! };
  known.stored = true;
  put(turn, KEY.entry(known.hex), encode(entryCodec, value));
}
