// A trade: what one award obliges its performer and its buyer to, and how far they have come (spec/trades).
import {
  amount,
  type Hash,
  hash,
  oneOf,
  optional,
  struct,
  type TypeOf,
  uint,
  union,
  unreachable,
} from "../../base/index.js";
import { taggedHash } from "../../crypto/index.js";
import { type AgentId, agentId, BASIS_POINTS, type Clock } from "../../ledger/index.js";
import type { AuctionId } from "../auction/id.js";
import { capability } from "../auction/terms.js";
import type { Taking } from "../justice/take.js";
import { penalty } from "../justice/violation.js";
import { dispute } from "./dispute.js";

export type TradeId = Hash;

/** The id of the trade between two agents that an auction's outcome began (spec/encoding#hash-tags). */
export const tradeIdOf = (auction: AuctionId, performer: AgentId, buyer: AgentId): TradeId =>
  taggedHash("trade", auction, performer, buyer);

/**
 * How a trade ended. `accepted`: the buyer took what was delivered. `unopposed`: it said nothing in time. `failed`: the
 * performer gave up. `timedOut`: it delivered nothing in time. Of a dispute: a quorum `upheld` it, or `rejected` it, or it
 * `hung`, for neither came about in time.
 */
const END_CAUSES = ["accepted", "unopposed", "failed", "timedOut", "upheld", "rejected", "hung"] as const;
export type EndCause = (typeof END_CAUSES)[number];

/** How a trade ends, as far as its money and stake go by it. */
export type Ending =
  | { readonly cause: Exclude<EndCause, "upheld"> }
  /** @property shareBp what of the delivery was found wrong, 1 to 10,000 bp */
  | { readonly cause: "upheld"; readonly shareBp: number };

/** What became of the price: each part is in micro-credits, and they sum to it. */
const money = {
  /** by the performer */
  received: amount,
  /** burned */
  fee: amount,
  /** to where the price was locked from */
  returned: amount,
} as const;

/** Times are ledger times, as far as outages were known when they were written. */
export const tradeState = union({
  /** the performer delivers, or gives up */
  due: [0, struct({ deliverByMs: [0, uint()] })],
  /** the buyer accepts, disputes, or says nothing */
  delivered: [1, struct({ hash: [0, hash], deliveredMs: [1, uint()], acceptByMs: [2, uint()] })],
  /** seats judge what was delivered */
  disputed: [2, struct({ hash: [0, hash], verdictByMs: [1, uint()], dispute: [2, dispute] })],
  ended: [
    3,
    struct({
      cause: [0, oneOf(END_CAUSES)],
      endedAt: [1, uint()],
      endedMs: [2, uint()],
      /** what was delivered; null: nothing was */
      hash: [3, optional(hash)],
      received: [4, money.received],
      fee: [5, money.fee],
      returned: [6, money.returned],
      /** what its performer paid for ending so; null: it delivered */
      penalty: [7, optional(penalty)],
      /** what the seats judged; null: nothing was disputed */
      dispute: [8, optional(dispute)],
    }),
  ],
});
export type TradeState = TypeOf<typeof tradeState>;
export type StateKind = TradeState["kind"];
export type EndedState = Extract<TradeState, { readonly kind: "ended" }>;

/** A trade's row, under its id. */
export const tradeRow = struct({
  auction: [0, hash],
  performer: [1, agentId],
  buyer: [2, agentId],
  capability: [3, capability],
  units: [4, uint(undefined, 1)],
  price: [5, amount],
  /** its part of the performer's lien under the auction's id */
  lien: [6, amount],
  /** height of the entry of its outcome: of two holders of one thing the greater is the later (spec/trades#fence) */
  fence: [7, uint()],
  settleMs: [8, uint()],
  /** the outages before the running deadline was written; those since then move it */
  outagesMs: [9, uint()],
  state: [10, tradeState],
});
export type TradeRow = TypeOf<typeof tradeRow>;

export interface Trade extends TradeRow {
  readonly id: TradeId;
}

/** An ended trade. */
export interface EndedTrade extends Trade {
  readonly state: EndedState;
}

/** The end of a trade. */
export interface TradeEnd {
  /** as it stands now */
  readonly trade: EndedTrade;
  /** where its penalty was taken from; null: it has none */
  readonly taking: Taking | null;
  /** whose money its parties' was: their own, or their owners' by a budget */
  readonly money: {
    readonly buyer: AgentId;
    readonly performer: AgentId;
    /** the buyer's in a dispute */
    readonly bond: AgentId;
  };
}

/** A trade that the seats judge. */
export interface DisputedTrade extends Trade {
  readonly state: Extract<TradeState, { readonly kind: "disputed" }>;
}

export const hasEnded = (trade: Trade): trade is EndedTrade => trade.state.kind === "ended";

/** The time up to which a trade waits for somebody, as it was written; null: for nobody, it has ended. */
export function writtenDeadlineMs({ state }: Pick<Trade, "state">): number | null {
  switch (state.kind) {
    case "due":
      return state.deliverByMs;
    case "delivered":
      return state.acceptByMs;
    case "disputed":
      return state.verdictByMs;
    case "ended":
      return null;
    default:
      return unreachable(state);
  }
}

/** Live time of the running deadline; null: there is none. */
export function liveDeadlineMs(trade: Pick<Trade, "state" | "outagesMs">): number | null {
  const writtenMs = writtenDeadlineMs(trade);
  return writtenMs === null ? null : writtenMs - trade.outagesMs;
}

/** Ledger time of the running deadline, as far as outages are known; null: there is none. */
export function deadlineMs(trade: Pick<Trade, "state" | "outagesMs">, clock: Clock): number | null {
  const ms = liveDeadlineMs(trade);
  return ms === null ? null : ms + clock.outagesMs;
}

/** What people are told of a trade. */
export type TradeStatus = "due" | "delivered" | "disputed" | "paid" | "refunded" | "split";

const STATUS: Readonly<Record<EndCause, TradeStatus>> = {
  accepted: "paid",
  unopposed: "paid",
  failed: "refunded",
  timedOut: "refunded",
  upheld: "refunded",
  rejected: "paid",
  hung: "split",
};

/** Where a part of the delivery was found good, a part of the price was its due. */
export function statusOf({ state }: Pick<Trade, "state">): TradeStatus {
  if (state.kind !== "ended") return state.kind;
  const { cause, penalty } = state;
  const isPart = cause === "upheld" && penalty !== null && penalty.shareBp < BASIS_POINTS;
  return isPart ? "split" : STATUS[cause];
}
