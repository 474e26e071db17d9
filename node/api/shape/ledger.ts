// Wallets, slashes, and the quorum that orders what they are made of.
import { z } from "zod";
import { document, listDocument } from "./document.js";
import { amount, count, hex32, time, total } from "./scalar.js";

export const walletView = z.strictObject({
  agent: hex32,
  /** whether this daemon holds the agent's key */
  held: z.boolean(),
  free: amount,
  locked: total,
  /** of its auctions; each returns when its auction is forgotten */
  deposits: total,
  stake: amount,
  locks: z.array(z.strictObject({ id: hex32, amount: total, reason: z.enum(["bid", "bond"]) })),
  nonces: z.strictObject({ critical: count, bulk: count }),
  height: count,
});
export type WalletView = z.output<typeof walletView>;

const amnesiaView = z.strictObject({
  /** null: not known any more */
  since: time.nullable(),
  /** the seats that have told where this one stood, since its last start */
  answered: z.array(count),
  /** their power */
  power: count,
  /** the power of all others: below `needed`, only the operator's word ends amnesia */
  others: count,
  needed: z.int().min(1),
});

const haltView = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("fork"),
    /** two of them conflict; one, where this peer does not hold the other */
    certificates: z.array(
      z.strictObject({ type: z.enum(["ack", "skip", "commit"]), term: count, entry: hex32 }),
    ),
  }),
  /** so many seats convicted in one epoch that its certificates prove nothing */
  z.strictObject({ kind: z.literal("convictions"), seats: count, tolerated: count }),
  /** the state root after `height`: this peer's own, and the quorum's */
  z.strictObject({ kind: z.literal("corrupt"), height: count, own: hex32, finalised: hex32 }),
]);
export type HaltView = z.output<typeof haltView>;

export const quorumView = z.strictObject({
  epoch: count,
  setHash: hex32,
  members: z.int().min(1),
  /** Q: how many must sign */
  quorum: z.int().min(1),
  /** F: how many may lie */
  byzantineTolerance: count,
  term: count,
  leader: count,
  seat: count.nullable(),
  height: count,
  finalId: hex32,
  stateRoot: hex32,
  ledgerTime: time,
  /** why this peer does not vote; null: it votes, or has no seat */
  halted: z.enum(["fork", "amnesia", "corrupt"]).nullable(),
  /** what a seat in amnesia waits for; null: it is not */
  amnesia: amnesiaView.nullable(),
  /** what stopped this peer for ever; null: nothing did, or what did can no longer be read */
  halt: haltView.nullable(),
});
export type QuorumView = z.output<typeof quorumView>;

export const memberView = z.strictObject({
  seat: count,
  key: hex32,
  agent: hex32,
  power: z.int().min(1),
  leads: z.boolean(),
  self: z.boolean(),
  slashed: z.boolean(),
});
export type MemberView = z.output<typeof memberView>;

export const logEntryView = z.strictObject({
  height: count,
  id: hex32,
  parent: hex32,
  term: count,
  leader: count,
  time,
  operations: count,
  bytes: count,
  execHeight: count,
  execRoot: hex32,
  /** the seats whose certificate finalised it; null: a descendant's did */
  signers: z.array(count).nullable(),
});
export type LogEntryView = z.output<typeof logEntryView>;

export const slashView = z.strictObject({
  id: hex32,
  epoch: count,
  term: count,
  height: count,
  time,
  agent: hex32,
  seat: count.nullable(),
  /** which fault it was: E1 to E6 (spec/evidence#faults) */
  offence: z.string(),
  /** A: a contradiction; B: a proposal that is invalid on its face */
  class: z.enum(["A", "B"]),
  amount,
});
export type SlashView = z.output<typeof slashView>;

/** A signed message as evidence shows it: what was signed, field by field, and the signature. */
export const signedView = z.strictObject({
  message: z.enum(["propose", "ack", "skip", "commit"]),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  signature: z.string(),
});
export type SignedView = z.output<typeof signedView>;

export const evidenceView = z.strictObject({
  /** the canonical evidence, base64: anyone can judge it with the member set alone */
  bytes: z.string(),
  /** the two messages, or the one proposal */
  messages: z.array(signedView).min(1).max(2),
  /** names of fields in which two messages are not the same */
  differ: z.array(z.string()),
  /** of E6: what is wrong, and the bytes that show it, base64 */
  flaw: z.strictObject({ kind: z.string(), reason: z.string(), shown: z.array(z.string()) }).nullable(),
});
export type EvidenceView = z.output<typeof evidenceView>;

export const slashDetail = slashView.extend({
  /** the seat's consensus key */
  key: hex32,
  /** what the table asks for; what could not be taken is debt */
  due: total,
  burned: amount,
  insurance: amount,
  /** the log entry that convicted, and the operation in it; null: this peer's log does not reach back to it */
  entry: hex32.nullable(),
  operation: hex32.nullable(),
  evidence: evidenceView.nullable(),
});
export type SlashDetail = z.output<typeof slashDetail>;

/** One change of what an agent of this daemon owns. */
export const movementView = z.strictObject({
  /** height, and place among what the entry did */
  id: z.string(),
  height: count,
  time,
  what: z.enum([
    "fee",
    "sent",
    "received",
    "granted",
    "paid",
    "sold",
    "forfeited",
    "bond burned",
    "slashed",
    "deposit burned",
  ]),
  gained: amount,
  spent: amount,
  /** the agent on the other side */
  other: hex32.nullable(),
  auction: hex32.nullable(),
  operation: hex32.nullable(),
});
export type MovementView = z.output<typeof movementView>;

export const movementListDocument = listDocument("MovementList", movementView);
export const walletDocument = document("Wallet", walletView);
export const quorumDocument = document("Quorum", quorumView);
export const memberListDocument = listDocument("MemberList", memberView);
export const logEntryListDocument = listDocument("LogEntryList", logEntryView);
export const slashDocument = document("Slash", slashDetail);
export const slashListDocument = listDocument("SlashList", slashView);
