// What happened to a trade, in words for people: who has what of its price, and why.
import type pc from "picocolors";
import type { ApiEvent, PenaltyView } from "../../node/contract/index.js";
import { creditsOf } from "../../node/contract/scalar.js";

export type TradeEvent = Extract<ApiEvent, { readonly trade: string; readonly performer: string }>;

interface TradeStyle {
  readonly paint: ReturnType<typeof pc.createColors>;
  /** an agent, as people know it */
  who(agent: string): string;
}

/** One word for what happened; where money moved it is bold. */
export function tradeVerb({ type }: TradeEvent, paint: TradeStyle["paint"]): string {
  const verb = type === "trade.began" ? "due" : type.slice("trade.".length);
  return type === "trade.paid" || type === "trade.refunded" || type === "trade.split"
    ? paint.bold(verb.padEnd(9))
    : verb;
}

export function tradeWords(event: TradeEvent, { paint, who }: TradeStyle): string {
  const [performer, buyer] = [who(event.performer), who(event.buyer)];
  switch (event.type) {
    case "trade.began":
      return `${performer} delivers ${event.capability} × ${event.units} to ${buyer} by ${clock(event.deliverBy)}, ${credits(event.price)} set aside`;
    case "trade.delivered":
      return `by ${performer} to ${buyer}, who has until ${clock(event.acceptBy)} to look at it`;
    case "trade.disputed":
      return `by ${buyer}, who stakes ${credits(event.bond)} against ${performer}; the seats judge what was delivered until ${clock(event.verdictBy)}`;
    case "trade.judged": {
      const found = event.share === null ? "nothing wrong with" : `${event.share / 100} % wrong of`;
      return `seat ${event.seat} finds ${found} what ${performer} delivered to ${buyer}`;
    }
    case "trade.paid": {
      const burned = `${credits(event.fee)} of fee burned`;
      return `${paint.green(`${performer} receives ${credits(event.received)} from ${buyer}`)}, ${burned}: ${whyOf(event)}`;
    }
    case "trade.refunded":
      return `${paint.yellow(`${buyer} has its ${credits(event.returned)} back`)}: ${whyOf(event)}${paint.red(costOf(event, performer))}`;
    case "trade.split": {
      const parts = `${performer} receives ${credits(event.received)}, ${buyer} has ${credits(event.returned)} back`;
      return `${paint.yellow(parts)}: ${whyOf(event)}${paint.red(costOf(event, performer))}`;
    }
  }
}

const credits = (micro: string): string => `${creditsOf(micro)} cr`;

/** `13:02:11` of a time. */
const clock = (time: string): string => time.slice(11, 19);

type EndOfTrade = Extract<TradeEvent, { readonly cause: string }>;

const ENDS: Readonly<Record<string, string>> = {
  accepted: "its buyer accepted",
  unopposed: "its buyer said nothing in time",
  failed: "it was given up",
  timedOut: "nothing was delivered in time",
  rejected: "the seats found nothing wrong, and the buyer's bond is the performer's too",
  hung: "the seats came to no verdict in time",
};

const whyOf = ({ cause, penalty }: EndOfTrade): string =>
  cause === "upheld" && penalty !== null
    ? `the seats found ${penalty.shareBp / 100} % of it wrong`
    : (ENDS[cause] ?? cause);

/** What the performer pays out of its stake. */
function costOf({ penalty }: EndOfTrade, performer: string): string {
  return penalty === null ? "" : `; ${performer} ${losesOf(penalty)}`;
}

function losesOf({ result, taken, repeat }: PenaltyView): string {
  if (result === "WARNING") return "is warned";
  if (result === "NOTHING_TO_SLASH") return "has no stake to lose";
  return `loses ${credits(taken)} of stake${repeat > 1 ? `, ${repeat} times as much as at first` : ""}`;
}
