// What an entry charged, of seats and of those who were to deliver: each penalty with where it was taken from.
import type { ChargedConviction } from "./justice/slashing.js";
import type { Taking } from "./justice/take.js";
import type { Fact } from "./subjects.js";
import type { EndedTrade, TradeEnd } from "./trade/trade.js";

/** A penalty, by what was broken: `seat`, the log's rules; `trade`, a promise to deliver. */
export type Charged =
  | ({ readonly kind: "seat" } & ChargedConviction)
  | { readonly kind: "trade"; readonly trade: EndedTrade; readonly taking: Taking };

/** What an operation has convicted. */
export function chargedBy(fact: Fact): readonly Charged[] {
  if (fact.kind !== "slashed") return [];
  const { slash, base, penaltyBp, severity, repeat, taking } = fact;
  return [{ kind: "seat", slash, base, penaltyBp, severity, repeat, taking }];
}

/** What the end of a trade was punished with: one penalty at most. */
export const chargedFor = ({ trade, taking }: TradeEnd): readonly Charged[] =>
  taking === null ? [] : [{ kind: "trade", trade, taking }];
