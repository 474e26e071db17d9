// Slashes: what was taken from whom, and the evidence for it.
import { z } from "zod";
import { document, historyDocument } from "./document.js";
import { pagedByPlace, peerQuery, type Route, read, readOne } from "./route.js";
import { amount, count, hex32, time, total } from "./scalar.js";

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
  /** the log entry that convicted, and the operation in it; null: this peer's log does not reach back to it, or has not written it yet */
  entry: hex32.nullable(),
  operation: hex32.nullable(),
  evidence: evidenceView.nullable(),
});
export type SlashDetail = z.output<typeof slashDetail>;

export const slashDocument = document("Slash", slashDetail);
const slashListDocument = historyDocument("SlashList", slashView);

export const SLASH_ROUTES = {
  slashes: read(
    "history",
    "/v1/history/slashes",
    "Who was slashed, newest first",
    slashListDocument,
    z.strictObject({ ...peerQuery, ...pagedByPlace, agent: hex32.optional() }),
  ),
  slash: readOne("quorum", "/v1/slashes/:id", "One slash with its evidence", slashDocument),
} as const satisfies Record<string, Route>;
