// Market events, one line each: for people with names and credits, for programs as the API's own events.
import pc from "picocolors";
import type { ApiEvent, PenaltyView } from "../../node/contract/index.js";
import { creditsOf } from "../../node/contract/scalar.js";

/** Those that a testnet shows: what happens on the market, not in the log underneath. */
const MARKET_TYPES: ReadonlySet<ApiEvent["type"]> = new Set([
  "auction.opened",
  "auction.phase",
  "bid.committed",
  "bid.revealed",
  "auction.settled",
  "trade.began",
  "trade.delivered",
  "trade.paid",
  "trade.refunded",
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
      return line(
        event.auction,
        "due",
        `${who(event.performer)} delivers ${event.capability} × ${event.units} to ${who(event.buyer)} by ${clock(event.deliverBy)}, ${credits(event.price)} set aside`,
      );
    case "trade.delivered":
      return line(
        event.auction,
        "delivered",
        `by ${who(event.performer)} to ${who(event.buyer)}, who has until ${clock(event.acceptBy)} to look at it`,
      );
    case "trade.paid":
      return line(
        event.auction,
        paint.bold("paid     "),
        `${paint.green(`${who(event.performer)} receives ${credits(event.received)} from ${who(event.buyer)}`)}, ${credits(event.fee)} of fee burned: ${END_TEXTS[event.cause] ?? event.cause}`,
      );
    case "trade.refunded": {
      const { penalty } = event;
      const cost = penalty === null ? "" : `; ${who(event.performer)} ${costOf(penalty)}`;
      return line(
        event.auction,
        paint.bold("refunded "),
        `${paint.yellow(`${who(event.buyer)} has its ${credits(event.returned)} back`)}: ${END_TEXTS[event.cause] ?? event.cause}${paint.red(cost)}`,
      );
    }
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

/** `13:02:11` of a time. */
const clock = (time: string): string => time.slice(11, 19);

const END_TEXTS: Readonly<Record<string, string>> = {
  accepted: "its buyer accepted",
  unopposed: "its buyer said nothing in time",
  failed: "it was given up",
  timedOut: "nothing was delivered in time",
};

const costOf = ({ result, taken, repeat }: PenaltyView): string => {
  if (result === "WARNING") return "is warned";
  if (result === "NOTHING_TO_SLASH") return "has no stake to lose";
  return `loses ${credits(taken)} of stake${repeat > 1 ? `, ${repeat} times as much as at first` : ""}`;
};

/** Phases that no other line tells of. */
const PHASE_TEXTS: Readonly<Record<string, string>> = {
  reveal: "bidding has closed; bids are opened",
  cancelled: "by its seller",
};
