// Slashes as the API shows them: what was taken from whom, and the evidence decoded, field by field.
import { type Bytes, toHex } from "../../../src/base/index.js";
import { slashedParts } from "../../../src/ledger/index.js";
import {
  decodeOperation,
  evidenceIn,
  FAULT_CLASS,
  type Operation,
  operationId,
  type Slash,
  slashesOf,
  slashIdOf,
  slashKey,
} from "../../../src/market/index.js";
import { type Peer, placeOf } from "../../../src/peer/index.js";
import {
  decodeEvidence,
  type Evidence,
  entryIdOf,
  type Flaw,
  type Header,
  headerFault,
  type LogEntry,
  type SignedHeader,
  type Vote,
} from "../../../src/quorum/index.js";
import {
  type EvidenceView,
  type SignedView,
  type SlashDetail,
  type SlashView,
  timeOf,
} from "../../contract/index.js";
import type { KeptRow } from "../../kept-history.js";

const base64 = (bytes: Bytes): string => Buffer.from(bytes).toString("base64");

/**
 * Slashes that the ledger has of entries below a height, newest first, each with a place: of one entry in the order of their
 * keys.
 */
export function slashesBelow({ ledger }: Peer, height: number): readonly KeptRow<Slash>[] {
  const places = new Map<number, number>();
  return slashesOf(ledger)
    .filter((one) => one.height < height)
    .map((row) => {
      const nth = places.get(row.height) ?? 0;
      places.set(row.height, nth + 1);
      return { place: placeOf(row.height, nth), row };
    })
    .sort((a, b) => (a.place < b.place ? 1 : -1));
}

export function slashView({ electorate }: Peer, slash: Slash): SlashView {
  return {
    id: toHex(slashIdOf(slash)),
    epoch: slash.epoch,
    term: slash.term,
    height: slash.height,
    time: timeOf(slash.timeMs),
    agent: toHex(slash.agent),
    seat: electorate.seatOf(slash.key),
    offence: slash.type,
    class: FAULT_CLASS[slash.type],
    amount: slash.taken.toString(),
  };
}

export const slashWithId = (peer: Peer, id: string): Slash | null =>
  slashesOf(peer.ledger).find((one) => toHex(slashIdOf(one)) === id) ?? null;

/** @param entry the entry of the slash's height; null: this peer does not hold it any more */
export function slashDetail(peer: Peer, slash: Slash, entry: LogEntry | null): SlashDetail {
  const proof = entry === null ? null : convictingOperation(peer, slash, entry);
  const { insured, burned } = slashedParts(slash.taken);
  return {
    ...slashView(peer, slash),
    key: toHex(slash.key),
    due: slash.due.toString(),
    burned: burned.toString(),
    insurance: insured.toString(),
    entry: entry === null ? null : toHex(entryIdOf(entry.header)),
    operation: proof === null ? null : toHex(operationId(proof.operation)),
    evidence: proof === null ? null : evidenceView(peer, proof.bytes, proof.evidence),
  };
}

interface Proof {
  readonly operation: Operation;
  readonly bytes: Bytes;
  readonly evidence: Evidence;
}

/** The first operation of the entry that convicts of this very fault: it is the one that was executed. */
function convictingOperation(peer: Peer, slash: Slash, { ops }: LogEntry): Proof | null {
  for (const raw of ops) {
    const decoded = decodeOperation(raw);
    const bytes = decoded.ok ? evidenceIn(decoded.value.body) : null;
    if (!decoded.ok || bytes === null) continue;
    const fault = peer.judgeEvidence(bytes);
    const evidence = decodeEvidence(bytes);
    if (fault === null || !evidence.ok || slashKey(fault) !== slashKey(slash)) continue;
    return { operation: decoded.value, bytes, evidence: evidence.value };
  }
  return null;
}

function evidenceView(peer: Peer, bytes: Bytes, evidence: Evidence): EvidenceView {
  const messages = messagesOf(evidence);
  const [first, second] = messages;
  const names = Object.keys(first!.fields);
  return {
    bytes: base64(bytes),
    messages,
    differ: second === undefined ? [] : names.filter((name) => first!.fields[name] !== second.fields[name]),
    flaw: evidence.kind === "proposal" ? flawView(peer, evidence.a.header, evidence.flaw) : null,
  };
}

function messagesOf(evidence: Evidence): SignedView[] {
  switch (evidence.kind) {
    case "votes":
      return [voteView(evidence.a), voteView(evidence.b)];
    case "proposals":
      return [proposalView(evidence.a), proposalView(evidence.b)];
    case "proposal":
      return [proposalView(evidence.a)];
  }
}

const voteView = ({ type, epoch, setHash, term, entryId, signer, sig }: Vote): SignedView => ({
  message: type,
  fields: { message: type, epoch, setHash: toHex(setHash), term, entryId: toHex(entryId), signer },
  signature: toHex(sig),
});

const proposalView = ({ header, leaderSig }: SignedHeader): SignedView => ({
  message: "propose",
  fields: { message: "propose", entryId: toHex(entryIdOf(header)), ...headerFields(header) },
  signature: toHex(leaderSig),
});

const headerFields = (header: Header): SignedView["fields"] =>
  Object.fromEntries(
    Object.entries(header).map(([name, value]) => {
      if (name === "timeMs") return ["time", timeText(header.timeMs)];
      return [name, value instanceof Uint8Array ? toHex(value) : value];
    }),
  );

/** A liar's time may lie beyond what a date can say. */
const timeText = (ms: number): string => (ms <= 8.64e15 ? timeOf(ms) : `${ms} ms`);

function flawView(peer: Peer, header: Header, flaw: Flaw): EvidenceView["flaw"] {
  const { kind } = flaw;
  const judged = (...ops: readonly Bytes[]) => peer.judge.judgeEntry(header.timeMs, ops) ?? "";
  switch (flaw.kind) {
    case "header":
      return { kind, reason: headerFault(header, peer.electorate) ?? "", shown: [] };
    case "op":
      return { kind, reason: judged(flaw.at.leaf), shown: [base64(flaw.at.leaf)] };
    case "twins": {
      const { a, b } = flaw;
      return { kind, reason: judged(a.leaf, b.leaf), shown: [base64(a.leaf), base64(b.leaf)] };
    }
    case "opsCount":
      return { kind, reason: `OPS_MISCOUNTED: ${flaw.path.count}, not ${header.opsCount}`, shown: [] };
    case "skip":
      return { kind, reason: "SKIP_CERT_INVALID", shown: [base64(flaw.at.leaf)] };
    case "skipCount":
      return {
        kind,
        reason: `SKIPS_MISCOUNTED: ${flaw.count}, not ${header.term - header.parentTerm - 1}`,
        shown: [],
      };
  }
}
