// Market events, one line each: for people with names and credits, for programs as the API's own events.
import pc from "picocolors";
import type { ApiEvent } from "../../node/contract/index.js";
import { creditsOf } from "../../node/contract/scalar.js";
import { tradeVerb, tradeWords } from "./trade-words.js";

/** Those that a testnet shows: what happens on the market, not in the log underneath. */
const MARKET_TYPES: ReadonlySet<ApiEvent["type"]> = new Set([
  "auction.opened",
  "auction.phase",
  "bid.committed",
  "bid.revealed",
  "auction.settled",
  "trade.began",
  "trade.delivered",
  "trade.disputed",
  "trade.judged",
  "trade.paid",
  "trade.refunded",
  "trade.split",
  "operation.refused",
  "operation.waiting",
  "slash.applied",
]);

export const isMarketEvent = ({ type }: ApiEvent): boolean => MARKET_TYPES.has(type);

const SHORT = 10;
const credits = (micro: string): string => `${creditsOf(micro)} cr`;

export interface EventStyle {
  readonly colors: boolean;
  /** the name of a demo agent; null: not one */
  nameOf(agent: string): string | null;
}

/** `13:02:11.480  3fa9c1d2e4  opened     gpu.a100 × 4 by seller-0, reserve 3.2 cr`; null: nothing to show people */
export function eventLine(event: ApiEvent, style: EventStyle): string | null {
  const paint = pc.createColors(style.colors);
  const who = (agent: string): string => style.nameOf(agent) ?? agent.slice(0, SHORT);
  const line = (id: string, verb: string, rest: string): string =>
    `${paint.dim(event.time.slice(11, 23))}  ${paint.cyan(id.slice(0, SHORT))}  ${verb.padEnd(9)}  ${rest}`;
  switch (event.type) {
    case "auction.opened": {
      const { lot, reserve, creator: seller } = event;
      return line(
        event.auction,
        "opened",
        `${lot.capability} × ${lot.units} by ${who(seller)}, reserve ${credits(reserve)}`,
      );
    }
    case "auction.phase":
      return PHASE_TEXTS[event.phase] === undefined
        ? null
        : line(event.auction, event.phase, paint.dim(PHASE_TEXTS[event.phase]!));
    case "bid.committed":
      return line(event.auction, "sealed", `by ${who(event.bidder)}, ${credits(event.lockup)} locked`);
    case "bid.revealed":
      return line(
        event.auction,
        "revealed",
        `${event.units === null ? "" : `${event.units} × `}${credits(event.amount)} by ${who(event.bidder)}`,
      );
    case "auction.settled": {
      const burned = event.burned === "0" ? "" : paint.red(`, ${credits(event.burned)} burned`);
      if (event.outcome === "unsold") return line(event.auction, "unsold", `no valid bid${burned}`);
      if (event.outcome === "void")
        return line(event.auction, "void", `the lot's window has lapsed: no trade${burned}`);
      const shares = event.awards.map(({ bidder, units, pays, receives }) => {
        const money = receives === "0" ? `pays ${credits(pays)}` : `receives ${credits(receives)}`;
        return `${who(bidder)} ${event.awards.length > 1 ? `× ${units} ` : ""}${money}`;
      });
      return line(event.auction, paint.bold("settled  "), paint.green(shares.join(", ")) + burned);
    }
    case "trade.began":
    case "trade.delivered":
    case "trade.disputed":
    case "trade.judged":
    case "trade.paid":
    case "trade.refunded":
    case "trade.split":
      return line(event.auction, tradeVerb(event, paint), tradeWords(event, { who, paint }));
    case "operation.waiting":
      return line(
        event.operation,
        "waits",
        paint.yellow(`since ${event.entries} entries; raise with --fee ${creditsOf(event.suggestedFee)}`),
      );
    case "operation.refused":
      return line(event.operation, "refused", paint.yellow(event.code));
    case "slash.applied":
      return line(
        event.agent,
        "slashed",
        paint.red(`${who(event.agent)} loses ${credits(event.amount)} (${event.offence})`),
      );
    default:
      return null;
  }
}

/** Phases that no other line tells of. */
const PHASE_TEXTS: Readonly<Record<string, string>> = {
  reveal: "bidding has closed; bids are opened",
  cancelled: "by its seller",
};
