// Auctions: what they are shown as, how one is created, and what its outcome follows from.
import { z } from "zod";
import { document, listDocument } from "./document.js";
import { actor, receiptDocument, wish } from "./receipt.js";
import { pagedById, peerQuery, type Route, read, readOne } from "./route.js";
import { amount, base64, capabilityGiven, capabilityText, count, hex32, time, total } from "./scalar.js";

/** The phases of spec/auctions, in lower case. */
export const phase = z.enum(["scheduled", "open", "reveal", "done", "unsold", "void", "cancelled"]);
export type Phase = z.output<typeof phase>;

/** Phases that nothing follows. */
export const isOver = (value: Phase): boolean =>
  value === "done" || value === "unsold" || value === "void" || value === "cancelled";

/** What an auction of each format is to people, selling and buying. */
export const FORMAT_WORDS = {
  vickrey: {
    sell: "Vickrey, sealed: the winner pays the second bid, or the reserve",
    buy: "Vickrey, sealed: the winner is paid the second ask, or the ceiling",
  },
  "first-price": {
    sell: "first price, sealed: the winner pays its bid",
    buy: "first price, sealed: the winner is paid its ask",
  },
  uniform: {
    sell: "uniform price, sealed, by units: all winners pay the best bid that is not filled whole, or the reserve",
    buy: "uniform price, sealed, by units: all winners are paid the best ask that is not filled whole, or the ceiling",
  },
} as const;
export type FormatName = keyof typeof FORMAT_WORDS;
export const FORMAT_NAMES = Object.keys(FORMAT_WORDS) as [FormatName, ...FormatName[]];
export const formatName = z.enum(FORMAT_NAMES);
/** Whether amounts are of one unit, and a purchase locks its ceiling for each of the lot. A test holds it to the market's formats. */
export const goesByUnits = (format: FormatName): boolean => format === "uniform";
/** Whether a winner trades at its own bid, so that whoever bids its value gains nothing. A test holds it to the market's formats. */
export const tradesAtOwnBid = (format: FormatName): boolean => format === "first-price";
/** whether the creator sells the lot, or buys it */
export const direction = z.enum(["sell", "buy"]);

export const lotView = z.strictObject({
  capability: capabilityText,
  units: z.int().min(1),
  from: time.nullable(),
  to: time.nullable(),
});

export const awardView = z.strictObject({ bidder: hex32, units: count, pays: amount, receives: amount });
export type AwardView = z.output<typeof awardView>;

export const outcomeView = z.strictObject({
  auction: hex32,
  status: z.enum(["sold", "unsold", "void", "cancelled"]),
  /** who won what; none unless it is sold */
  awards: z.array(awardView),
  /** null unless it is sold */
  clearingPrice: amount.nullable(),
  /** lockups of commits that were never revealed, and a bond that was forfeited */
  burned: total,
  forfeits: z.array(z.strictObject({ agent: hex32, amount })),
  height: count,
  time,
});
export type OutcomeView = z.output<typeof outcomeView>;

export const auctionView = z.strictObject({
  id: hex32,
  creator: hex32,
  format: formatName,
  direction,
  lot: lotView,
  /** of a sale the least price, of a purchase the greatest; of one unit, where the lot goes by units */
  reserve: amount,
  /** whether the seller keeps a higher reserve hidden until the reveal */
  hiddenReserve: z.boolean(),
  /** of a purchase: by how much, in bp, an ask counts for more whose bidder has no standing; null: it weighs none */
  standingWeight: count.nullable(),
  lockups: z.array(amount).min(1).max(8),
  bond: amount,
  /** 0: nothing is delivered, and the outcome pays */
  deliverMs: count,
  settleMs: count,
  /** of a sale by units with delivery: what it is worth at most */
  value: amount.nullable(),
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

/** What an outcome follows from, to be recomputed anywhere: canonical CBOR, in base64. */
export const transcriptView = z.strictObject({
  auction: hex32,
  genesis: base64,
  entries: z.array(z.strictObject({ header: base64, ops: z.array(base64) })),
  certificate: base64,
  proofs: z.array(base64),
});
export type TranscriptView = z.output<typeof transcriptView>;

/** The longest transcript, in bytes of its JSON: a verifier holds it whole, so nobody serves or reads a longer one. */
export const MAX_TRANSCRIPT_BYTES = 128 * 1024 * 1024;

export const auctionDocument = document("Auction", auctionView);
export const auctionListDocument = listDocument("AuctionList", auctionView);
export const outcomeDocument = document("Outcome", outcomeView);
export const transcriptDocument = document("Transcript", transcriptView);

/** How long something lasts or waits. The network's parameters say how long it may: WINDOW_OUT_OF_RANGE, OPENS_TOO_LATE. */
const windowMs = z.int().min(1);
const waitMs = z.int().min(0);
/** A test holds it to the market's terms. */
export const standingWeight = z.int().min(1).max(10_000);
const anyCreation = z.strictObject({
  ...actor,
  format: formatName.default("vickrey"),
  direction: direction.default("sell"),
  lot: lotView.extend({
    capability: capabilityGiven,
    from: time.nullable().default(null),
    to: time.nullable().default(null),
  }),
  reserve: amount.default("0"),
  lockups: z
    .array(amount)
    .min(1)
    .max(8)
    .refine(
      (values) =>
        values.every((value, i) => BigInt(value) > 0n && (i === 0 || BigInt(value) > BigInt(values[i - 1]!))),
      "lockups are positive and ascend",
    ),
  startInMs: waitMs.default(0),
  /** absent: the network's */
  commitMs: windowMs.optional(),
  revealMs: windowMs.optional(),
  hiddenReserve: amount.nullable().default(null),
  /** of a purchase of the lot as a whole, in bp: by how much an ask counts for more whose bidder has no standing (spec/auctions#score) */
  standingWeight: standingWeight.nullable().default(null),
  /** absent: nothing, or with a hidden reserve the highest lockup (spec/auctions#T5) */
  bond: amount.optional(),
  /** how long the performer has to deliver, from the outcome or from the lot's begin on; 0: the outcome pays at once */
  deliverMs: waitMs.default(0),
  /** how long the buyer may look at what was delivered; absent: the network's */
  settleMs: windowMs.optional(),
  /** of a sale by units with delivery: what it is worth at most; absent: its units at the highest lockup */
  value: amount.optional(),
});
export const createAuctionRequest = anyCreation
  .refine(({ direction, reserve }) => direction === "sell" || BigInt(reserve) > 0n, {
    path: ["reserve"],
    message: "a purchase needs a reserve: the most that is paid",
  })
  .refine(({ direction, hiddenReserve }) => direction === "sell" || hiddenReserve === null, {
    path: ["hiddenReserve"],
    message: "a purchase hides no reserve",
  })
  .refine(({ format, hiddenReserve }) => !goesByUnits(format) || hiddenReserve === null, {
    path: ["hiddenReserve"],
    message: "a lot that goes by units hides no reserve",
  })
  .refine((one) => one.standingWeight === null || (one.direction === "buy" && !goesByUnits(one.format)), {
    path: ["standingWeight"],
    message: "only a purchase of a lot as a whole weighs standing",
  })
  .refine((one) => one.settleMs === undefined || one.deliverMs > 0, {
    path: ["settleMs"],
    message: "only what is delivered is looked at",
  })
  .refine(
    (one) =>
      one.value === undefined ||
      (one.direction === "sell" && one.deliverMs > 0 && goesByUnits(one.format) && BigInt(one.value) > 0n),
    { path: ["value"], message: "only a sale by units with delivery declares a value" },
  );
export type CreateAuctionRequest = z.output<typeof createAuctionRequest>;

export const AUCTION_ROUTES = {
  auctions: read(
    "auctions",
    "/v1/auctions",
    "The auctions that the ledger holds, newest first",
    auctionListDocument,
    z.strictObject({ ...peerQuery, ...pagedById, phase: phase.optional(), creator: hex32.optional() }),
  ),
  auction: readOne("auctions", "/v1/auctions/:id", "One auction", auctionDocument),
  outcome: readOne("auctions", "/v1/auctions/:id/outcome", "What it ended with", outcomeDocument),
  transcript: {
    ...readOne(
      "auctions",
      "/v1/auctions/:id/transcript",
      "What proves its outcome to anyone",
      transcriptDocument,
    ),
    streamed: true,
  },
  createAuction: wish("auctions", "/v1/auctions", "Sell or buy by auction", createAuctionRequest),
  cancelAuction: {
    method: "DELETE",
    path: "/v1/auctions/:id",
    tag: "auctions",
    summary: "Call off an auction that has no bids",
    params: z.strictObject({ id: hex32 }),
    query: z.strictObject({ ...peerQuery, ...actor }),
    status: 202,
    answer: receiptDocument,
  },
} as const satisfies Record<string, Route>;
