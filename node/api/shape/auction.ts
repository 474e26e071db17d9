// Auctions, bids and outcomes as the API shows them. A sealed amount has no place to stand in before its reveal.
import { z } from "zod";
import { document, listDocument } from "./document.js";
import { amount, base64, capabilityText, count, hex32, time, total } from "./scalar.js";

/** The phases of spec/auctions, in lower case. */
export const phase = z.enum(["scheduled", "open", "reveal", "done", "unsold", "void", "cancelled"]);
export type Phase = z.output<typeof phase>;

/** Phases that nothing follows. */
export const isOver = (value: Phase): boolean =>
  value === "done" || value === "unsold" || value === "void" || value === "cancelled";

export const lotView = z.strictObject({
  capability: capabilityText,
  units: z.int().min(1),
  from: time.nullable(),
  to: time.nullable(),
});

export const outcomeView = z.strictObject({
  auction: hex32,
  status: z.enum(["sold", "unsold", "void", "cancelled"]),
  winner: hex32.nullable(),
  price: amount,
  /** lockups of commits that were never revealed, and a bond that was forfeited */
  burned: total,
  forfeits: z.array(z.strictObject({ agent: hex32, amount })),
  height: count,
  time,
});
export type OutcomeView = z.output<typeof outcomeView>;

export const auctionView = z.strictObject({
  id: hex32,
  seller: hex32,
  format: z.literal("vickrey"),
  direction: z.literal("sell"),
  lot: lotView,
  reserve: amount,
  /** whether the seller keeps a higher reserve hidden until the reveal */
  hiddenReserve: z.boolean(),
  lockups: z.array(amount).min(1).max(8),
  sellerBond: amount,
  phase,
  opensAt: time,
  commitClosesAt: time,
  /** known only once the reveal window runs (spec/auctions#C4) */
  revealClosesAt: time.nullable(),
  commits: count,
  reveals: count,
  createdHeight: count,
  /** the ledger has let go of its rows: this is what the daemon kept */
  forgotten: z.boolean(),
  outcome: outcomeView.nullable(),
});
export type AuctionView = z.output<typeof auctionView>;

const bidFields = {
  auction: hex32,
  bidder: hex32,
  lockup: amount,
  commitment: hex32,
  committedHeight: count,
};

export const bidView = z.discriminatedUnion("state", [
  z.strictObject({ ...bidFields, state: z.literal("sealed"), amount: z.null() }),
  z.strictObject({ ...bidFields, state: z.literal("revealed"), amount, won: z.boolean().nullable() }),
  /** never revealed: the lockup burned and the amount stays unknown */
  z.strictObject({ ...bidFields, state: z.literal("forfeited"), amount: z.null() }),
]);
export type BidView = z.output<typeof bidView>;

/** A bid of one's own: its amount is known to its owner from the beginning. */
export const ownBidView = z.strictObject({
  auction: hex32,
  capability: capabilityText,
  bidder: hex32,
  /** null: sealed by a key's other daemon, or never revealed */
  amount: amount.nullable(),
  lockup: amount,
  commitment: hex32,
  state: z
    .enum(["waiting", "published", "sealed", "revealed", "won", "lost", "forfeited", "replaced", "failed"])
    .describe(
      "waiting: nobody has heard of it; published: no entry holds it yet; sealed: it is in the log; replaced: by a newer bid of the agent; failed: no entry can take it any more",
    ),
  /** while it waits: when it is published at the latest */
  publishesAt: time.nullable(),
});
export type OwnBidView = z.output<typeof ownBidView>;

/** What an outcome follows from, to be recomputed anywhere: canonical CBOR, in base64. */
export const transcriptView = z.strictObject({
  auction: hex32,
  genesis: base64,
  entries: z.array(z.strictObject({ header: base64, ops: z.array(base64) })),
  certificate: base64,
  proofs: z.array(base64),
});
export type TranscriptView = z.output<typeof transcriptView>;

export const auctionDocument = document("Auction", auctionView);
export const auctionListDocument = listDocument("AuctionList", auctionView);
export const bidListDocument = listDocument("BidList", bidView);
export const ownBidListDocument = listDocument("OwnBidList", ownBidView);
export const outcomeDocument = document("Outcome", outcomeView);
export const transcriptDocument = document("Transcript", transcriptView);
