// Trades: what an award obliges its parties to, how far they have come, how one ended, and what failing costs.
import { z } from "zod";
import { document, listDocument } from "./document.js";
import { actor, wish } from "./receipt.js";
import { pagedById, peerQuery, type Route, read, readOne } from "./route.js";
import { amount, capabilityText, count, hex32, hexPrefix, time } from "./scalar.js";

/** What people are told of a trade: it waits for somebody, or its price has gone to one side or to both. */
export const tradeState = z.enum(["due", "delivered", "disputed", "paid", "refunded", "split"]);
export type TradeStateName = z.output<typeof tradeState>;

/** Whether nothing follows any more. */
export const isTradeOver = (state: TradeStateName): boolean =>
  state === "paid" || state === "refunded" || state === "split";

/** Why a trade ended (spec/trades#ending). */
export const tradeCause = z.enum([
  "accepted",
  "unopposed",
  "failed",
  "timedOut",
  "upheld",
  "rejected",
  "hung",
]);

/** In basis points of a whole. */
const bp = z.int().min(0).max(10_000);

/** How a trade fails, from the mildest to the worst (spec/standing#penalties). */
export const violation = z.enum(["failure", "timeout", "misdelivery"]);

/** What a penalty is computed from: ⌊⌊base · penaltyBp⌋ · severity · repeat · share⌋, nothing where it is forgiven. */
export const reckoningNumbers = {
  /** the trade's part of the performer's lien; of a seat, what was left of its bond */
  base: amount,
  penaltyBp: bp,
  severity: count,
  /** with fewer recent violations than so many it is a warning */
  grace: count,
  /** recent violations before it */
  violations: count,
  /** 1 and the recent slashes before it, at most 5 */
  repeat: count,
  /** what of the delivery was found wrong */
  shareBp: bp,
};
const penaltyNumbers = { condition: violation, ...reckoningNumbers, due: amount };

/** Forgiven; taken; or nothing was due, since nothing answered for it. */
export const penaltyResult = z.enum(["WARNING", "SLASHED", "NOTHING_TO_SLASH"]);

export const penaltyView = z.strictObject({
  ...penaltyNumbers,
  taken: amount,
  /** of what was taken: burned, and to the insurance pool */
  burned: amount,
  insurance: amount,
  result: penaltyResult,
  /** all of it in words */
  says: z.string(),
});
export type PenaltyView = z.output<typeof penaltyView>;

/** What of a delivery is wrong, in basis points of it. */
export const shareOfWrong = z.int().min(1).max(10_000);

const voteView = z.strictObject({
  seat: count,
  /** what of the delivery it finds wrong; null: nothing */
  share: shareOfWrong.nullable(),
});

const disputeView = z.strictObject({
  /** hash of what the buyer has against the delivery */
  evidence: hex32,
  bond: amount,
  /** whose the bond is by the verdict; null: they still judge */
  bondTo: z.enum(["buyer", "performer"]).nullable(),
  /** the seats that may vote: all but the parties' own */
  jurors: z.array(count),
  /** so many of them decide by agreeing, `Q` */
  quorum: count,
  /** in the order in which the log took them */
  votes: z.array(voteView),
});

/** In basis points of the price. */
export const shareReturned = bp.nullable();

const endView = z.strictObject({
  cause: tradeCause,
  height: count,
  time,
  /** of what the performer is due: what burns as the fee */
  feeBp: bp,
  /** what of the price returned by a dispute: the median of the votes that upheld it, 0 if rejected, the fixed part if hung; null: no dispute */
  shareBp: shareReturned,
  /** the price is the sum of the three: to the performer, burned, back to the buyer */
  received: amount,
  fee: amount,
  returned: amount,
  /** null: nothing was violated */
  penalty: penaltyView.nullable(),
  says: z.string(),
});

export const tradeView = z.strictObject({
  id: hex32,
  auction: hex32,
  performer: hex32,
  buyer: hex32,
  capability: capabilityText,
  units: z.int().min(1),
  price: amount,
  /** the part of the performer's stake that answers for it, as the outcome set it */
  lien: amount,
  /** height of the outcome: of two holders of one thing the greater is the later */
  fence: count,
  state: tradeState,
  /** until when somebody is waited for; outages move it. null: it has ended */
  deadline: time.nullable(),
  /** how long the buyer may look at what was delivered */
  settleMs: count,
  /** hash of what was delivered; null: nothing was */
  delivered: hex32.nullable(),
  /** null: nobody disputed what was delivered */
  dispute: disputeView.nullable(),
  end: endView.nullable(),
});
export type TradeView = z.output<typeof tradeView>;

export const quoteView = z.strictObject({
  ...penaltyNumbers,
  isWarning: z.boolean(),
  says: z.string(),
});
export type QuoteView = z.output<typeof quoteView>;

/** What failing would cost the performer of a trade in the next entry, the price aside, which returns. */
export const penaltyQuotes = z.strictObject({
  trade: hex32,
  performer: hex32,
  price: amount,
  lien: amount,
  /** recent violations of the performer, and the slashes among them that took something */
  violations: count,
  slashes: count,
  /** giving up, silence, and being proven wrong throughout */
  quotes: z.array(quoteView).length(3),
});

export const tradeDocument = document("Trade", tradeView);
const tradeListDocument = listDocument("TradeList", tradeView);
const quotesDocument = document("PenaltyQuotes", penaltyQuotes);

export const deliveryRequest = z.strictObject({
  ...actor,
  /** of what is delivered, as both sides can compute it */
  hash: hex32,
});
export const disputeRequest = z.strictObject({
  ...actor,
  /** hash of what the buyer has against the delivery */
  evidence: hex32,
  /** absent: the least that will do */
  bond: amount.optional(),
});
export const verdictRequest = z.strictObject({
  ...actor,
  /** null: nothing is wrong, and the dispute is rejected */
  share: shareOfWrong.nullable(),
});
const bareRequest = z.strictObject({ ...actor });
/** A wish about one trade, which its whole id names. */
const wishFor = <B extends z.ZodType>(what: string, summary: string, body: B) =>
  ({
    ...wish("trades", `/v1/trades/:id/${what}`, summary, body),
    params: z.strictObject({ id: hex32 }),
  }) as const;

export const TRADE_ROUTES = {
  trades: read(
    "trades",
    "/v1/trades",
    "The trades that the ledger holds, newest first",
    tradeListDocument,
    z.strictObject({
      ...peerQuery,
      ...pagedById,
      agent: hexPrefix.optional().describe("one of the parties"),
      role: z
        .enum(["performer", "buyer"])
        .optional()
        .describe("which of them `agent` is, by itself the daemon's own agent"),
      state: tradeState.optional(),
      auction: hex32.optional(),
    }),
  ),
  trade: readOne("trades", "/v1/trades/:id", "One trade, and what its end follows from", tradeDocument),
  penaltyQuotes: readOne(
    "trades",
    "/v1/trades/:id/penalties",
    "What failing would cost its performer now",
    quotesDocument,
  ),
  deliver: wishFor("deliveries", "Say that it is delivered", deliveryRequest),
  accept: wishFor("acceptances", "Take what was delivered: its performer is paid", bareRequest),
  fail: wishFor("failures", "Give it up: the price returns, and it is the cheapest way to fail", bareRequest),
  dispute: wishFor("disputes", "Have the seats judge what was delivered", disputeRequest),
  judge: wishFor("verdicts", "Judge a dispute for a seat", verdictRequest),
} as const satisfies Record<string, Route>;
