// Wallets, slashes, and the quorum that orders what they are made of.
import { z } from "zod";
import { document, listDocument } from "./document.js";
import { amount, count, hex32, time } from "./scalar.js";

export const walletView = z.strictObject({
  agent: hex32,
  /** whether this daemon holds the agent's key */
  held: z.boolean(),
  free: amount,
  locked: amount,
  stake: amount,
  locks: z.array(z.strictObject({ id: hex32, amount, reason: z.enum(["bid", "bond"]) })),
  nonces: z.strictObject({ critical: count, bulk: count }),
  height: count,
});
export type WalletView = z.output<typeof walletView>;

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
  height: count,
  time,
  agent: hex32,
  seat: count.nullable(),
  /** which signed contradiction it was: E1 to E5 (PROTOCOL §1.9) */
  offence: z.string(),
  amount,
});
export type SlashView = z.output<typeof slashView>;

export const walletDocument = document("Wallet", walletView);
export const quorumDocument = document("Quorum", quorumView);
export const memberListDocument = listDocument("MemberList", memberView);
export const logEntryListDocument = listDocument("LogEntryList", logEntryView);
export const slashListDocument = listDocument("SlashList", slashView);
