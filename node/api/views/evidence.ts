// Evidence as the API shows it: where the log has it, and its messages decoded, field by field.
import { type Bytes, toHex } from "../../../src/base/index.js";
import {
  decodeOperation,
  evidenceIn,
  type Operation,
  type Slash,
  slashKey,
} from "../../../src/market/index.js";
import type { Peer } from "../../../src/peer/index.js";
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
import { type EvidenceView, type SignedView, timeOf } from "../../contract/index.js";

const base64 = (bytes: Bytes): string => Buffer.from(bytes).toString("base64");

/** Evidence in the log, and the operation that brought it. */
interface Proof {
  readonly operation: Operation;
  readonly bytes: Bytes;
  readonly evidence: Evidence;
}

/** The first operation of the entry that convicts of this very fault: it is the one that was executed. */
export function convictingOperation(peer: Peer, slash: Slash, { ops }: LogEntry): Proof | null {
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

export function evidenceView(peer: Peer, bytes: Bytes, evidence: Evidence): EvidenceView {
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
