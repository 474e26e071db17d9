// Slashes: what was taken from whom for what, the numbers it was computed from, and the evidence for it.
import { z } from "zod";
import { document, historyDocument } from "./document.js";
import { pagedByPlace, peerQuery, type Route, read, readOne } from "./route.js";
import { amount, count, hex32, hexPrefix, time } from "./scalar.js";
import { penaltyResult, reckoningNumbers } from "./trade.js";

const conviction = z.strictObject({
  epoch: count,
  term: count,
  /** the seat's consensus key */
  key: hex32,
  /** that the key holds now */
  seat: count.nullable(),
  /** A: a contradiction; B: a proposal that is invalid on its face */
  class: z.enum(["A", "B"]),
});

/** A penalty of a seat or of a trade: one of `conviction` and `trade` is not null. */
export const slashView = z.strictObject({
  /** of a trade's penalty: the trade's */
  id: hex32,
  height: count,
  time,
  agent: hex32,
  /** of a seat the fault, E1 to E6 (spec/evidence#faults); of a trade `failure`, `timeout` or `misdelivery` */
  offence: z.string(),
  result: penaltyResult,
  /** what the table asks for; what could not be taken is debt */
  due: amount,
  /** what was taken */
  amount,
  /** how it came about, in words */
  says: z.string(),
  conviction: conviction.nullable(),
  trade: z.strictObject({ id: hex32, auction: hex32 }).nullable(),
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
  /** due = ⌊⌊base · penaltyBp⌋ · severity · repeat · share⌋, 0 where it is a warning; null: of a seat, and from before history began here */
  reckoning: z.strictObject(reckoningNumbers).nullable(),
  /** where it was taken from, one after the other; null: from before history began here */
  from: z.strictObject({ lien: amount, freeStake: amount, unbonding: amount }).nullable(),
  /** what could not be taken */
  debt: amount,
  /** of what was taken: burned, and to the insurance pool */
  burned: amount,
  insurance: amount,
  /** the log entry that charged it; null: this peer's log does not reach back to it, or has not written it yet */
  entry: hex32.nullable(),
  /** the operation in it that convicted a seat, and its evidence; null as for `entry`, and of a trade */
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
    "Penalties of seats and trades, newest first, with warnings",
    slashListDocument,
    z.strictObject({ ...peerQuery, ...pagedByPlace, agent: hexPrefix.optional() }),
  ),
  slash: readOne("quorum", "/v1/slashes/:id", "One penalty with all that it follows from", slashDocument),
} as const satisfies Record<string, Route>;
