// Bids: a stranger's, whose sealed amount has no place to stand in before its reveal, and one's own.
import { z } from "zod";
import { listDocument } from "./document.js";
import { actor, wish } from "./receipt.js";
import { pagedById, peerQuery, type Route, read, readOne } from "./route.js";
import { amount, capabilityText, count, hex32, time } from "./scalar.js";

const bidFields = {
  auction: hex32,
  bidder: hex32,
  lockup: amount,
  commitment: hex32,
  committedHeight: count,
  /** the bidder's standing then, in bp; null: the auction weighs none */
  standing: count.nullable(),
};

export const bidView = z.discriminatedUnion("state", [
  z.strictObject({ ...bidFields, state: z.literal("sealed"), amount: z.null() }),
  z.strictObject({
    ...bidFields,
    state: z.literal("revealed"),
    amount,
    /** of a lot in units: how many; null: the lot as a whole */
    units: count.nullable(),
    won: z.boolean().nullable(),
  }),
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
  units: count.nullable(),
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

const bidListDocument = listDocument("BidList", bidView);
const ownBidListDocument = listDocument("OwnBidList", ownBidView);

export const placeBidRequest = z.strictObject({
  ...actor,
  auction: hex32,
  /** of one unit, where the lot goes in units */
  amount,
  /** of a lot in units: how many; absent or null: the lot as a whole */
  units: z.int().min(1).nullable().default(null),
  /** one of the auction's; absent or null: the least that covers the bid */
  lockup: amount.nullable().default(null),
  /** how long the commit waits, so that its time tells nothing; absent: random in what is left of the window */
  delayMs: z.int().min(0).optional(),
});
export type PlaceBidRequest = z.output<typeof placeBidRequest>;

export const BID_ROUTES = {
  bids: readOne(
    "auctions",
    "/v1/auctions/:id/bids",
    "Its bids, in the order of their commits",
    bidListDocument,
  ),
  ownBids: read(
    "auctions",
    "/v1/bids",
    "The bids of this daemon's own agents, with their amounts",
    ownBidListDocument,
    z.strictObject({ ...peerQuery, ...pagedById }),
  ),
  placeBid: wish("auctions", "/v1/bids", "Place a sealed bid, or replace one's earlier bid", placeBidRequest),
} as const satisfies Record<string, Route>;
