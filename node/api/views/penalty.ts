// What failing costs, as the API shows it: the numbers that it is computed from, and the same in words.
import { slashedParts } from "../../../src/ledger/index.js";
import type { Penalty, Quote } from "../../../src/market/index.js";
import { creditsOf, type PenaltyView, type QuoteView } from "../../contract/index.js";

/** Of a whole: `12.5 %`. */
export const percent = (bp: number): string => `${bp / 100} %`;

const times = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

type Numbers = Pick<Quote, "base" | "penaltyBp" | "severity" | "grace" | "violations" | "repeat" | "shareBp">;

/** Why nothing is due though something was violated. */
const forgiven = ({ violations, grace }: Numbers): string =>
  `a warning: ${times(violations, "violation")} before it within 30 periods, and with fewer than ${grace} it is forgiven`;

/** How the sum comes about. */
function reckoning({ base, penaltyBp, severity, repeat, shareBp }: Numbers): string {
  const parts = [
    `${percent(penaltyBp)} of ${creditsOf(base)} under lien`,
    ...(severity === 1 ? [] : [`times ${severity} for its kind`]),
    ...(repeat === 1 ? [] : [`times ${repeat} for what was slashed before`]),
    ...(shareBp === 10_000 ? [] : [`of which ${percent(shareBp)} was found wrong`]),
  ];
  return parts.join(", ");
}

/** What a sum was computed from, as the API shows it. */
export const reckoningView = (one: Numbers) => ({
  base: one.base.toString(),
  penaltyBp: one.penaltyBp,
  severity: one.severity,
  grace: one.grace,
  violations: one.violations,
  repeat: one.repeat,
  shareBp: one.shareBp,
});

const numbersOf = (one: Numbers & Pick<Quote, "due"> & { readonly condition: PenaltyView["condition"] }) => ({
  condition: one.condition,
  ...reckoningView(one),
  due: one.due.toString(),
});

/** A penalty that was charged. */
export function penaltyView(penalty: Penalty): PenaltyView {
  const { insured, burned } = slashedParts(penalty.taken);
  return {
    ...numbersOf(penalty),
    taken: penalty.taken.toString(),
    burned: burned.toString(),
    insurance: insured.toString(),
    result: resultOf(penalty),
    says: saysOfPenalty(penalty),
  };
}

/** What was charged of a trade, or of a seat. */
export type ChargedNumbers = Numbers & Pick<Penalty, "isWarning" | "due" | "taken">;

export function resultOf({ isWarning, taken }: Pick<Penalty, "isWarning" | "taken">): PenaltyView["result"] {
  if (isWarning === "yes") return "WARNING";
  return taken > 0n ? "SLASHED" : "NOTHING_TO_SLASH";
}

export function saysOfPenalty(penalty: ChargedNumbers): string {
  const { due, taken } = penalty;
  if (penalty.isWarning === "yes") return forgiven(penalty);
  if (due === 0n) return "nothing to slash: no stake answers for it";
  const debt = due > taken ? `; ${creditsOf(due - taken)} more is slash debt` : "";
  return `${creditsOf(taken)} slashed: ${reckoning(penalty)}${debt}`;
}

/** What a violation would cost. @param condition the trade's, as the quote names it */
export const quoteView = (quote: Quote, condition: PenaltyView["condition"]): QuoteView => ({
  ...numbersOf({ ...quote, condition }),
  isWarning: quote.isWarning,
  says: saysOfQuote(quote),
});

function saysOfQuote(quote: Quote): string {
  if (quote.isWarning) return forgiven(quote);
  if (quote.due === 0n) return "nothing: no stake answers for it";
  return `${creditsOf(quote.due)}: ${reckoning(quote)}`;
}
