// What a caller may ask to be done. Strict: a field that nobody knows is refused, not ignored.
import { z } from "zod";
import { lotView } from "./auction.js";
import { document } from "./document.js";
import { amount, base64, capabilityGiven, hex32, time } from "./scalar.js";

/** How long something lasts or waits. The network's parameters say how long it may: WINDOW_OUT_OF_RANGE, OPENS_TOO_LATE. */
const windowMs = z.int().min(1);
const waitMs = z.int().min(0);
/** The agent that acts; absent: the daemon's own. */
const agent = hex32.optional();
/** What the operation pays, burned; absent: what the peer estimates. */
const fee = amount.optional();

export const createAuctionRequest = z.strictObject({
  agent,
  fee,
  format: z.literal("vickrey").default("vickrey"),
  direction: z.literal("sell").default("sell"),
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
  /** absent: nothing, or with a hidden reserve the highest lockup (spec/auctions#T5) */
  sellerBond: amount.optional(),
});
export type CreateAuctionRequest = z.output<typeof createAuctionRequest>;

export const placeBidRequest = z.strictObject({
  agent,
  fee,
  auction: hex32,
  amount,
  /** one of the auction's; absent or null: the least that covers the bid */
  lockup: amount.nullable().default(null),
  /** how long the commit waits, so that its time tells nothing; absent: random in what is left of the window */
  delayMs: waitMs.optional(),
});
export type PlaceBidRequest = z.output<typeof placeBidRequest>;

export const transferRequest = z.strictObject({ agent, fee, to: hex32, amount });
export type TransferRequest = z.output<typeof transferRequest>;

/** An own operation that waits, and what it shall pay; absent: enough to stand before the others of its class. */
export const raiseRequest = z.strictObject({ operation: hex32, fee });

export const faucetRequest = z.strictObject({ to: hex32.optional(), amount: amount.optional() });

/** The operator's word that a seat in amnesia signs again. */
export const overrideAmnesiaRequest = z.strictObject({
  acceptRisk: z
    .literal(true)
    .describe("what this seat signed and has forgotten may be contradicted, which costs its bond"),
  force: z
    .boolean()
    .optional()
    .describe("also where the other members could still tell what this seat has signed"),
});

/** An operation signed elsewhere: canonical CBOR in base64. */
export const envelopeRequest = z.strictObject({ operation: base64.min(4).max(90_000) });

/** What was set going. Finality comes later, as an event. */
export const receipt = z.strictObject({
  action: z.enum([
    "createAuction",
    "cancelAuction",
    "placeBid",
    "transfer",
    "raiseFee",
    "faucet",
    "submit",
    "overrideAmnesia",
  ]),
  operation: hex32
    .nullable()
    .describe("null: the operation is made later, when its time has come; follow a bid by its commitment"),
  auction: hex32.nullable(),
  agent: hex32.nullable(),
  /** what the operation pays; null: it is made later, or is not this peer's to pay */
  fee: amount.nullable(),
  commitment: hex32.nullable().describe("of a bid: what `bid.committed` and the list of bids show for it"),
  /** when the commit of a bid is published, on the peer's clock */
  publishesAt: time.nullable(),
  /** the commitment of the bid that this one replaces; null: it is the first of its agent in the auction */
  replaces: hex32.nullable(),
  /** what its owner should know */
  warnings: z.array(z.string()),
});
export type Receipt = z.output<typeof receipt>;
export const receiptDocument = document("Receipt", receipt);
