// How an auction's outcome reads: who won, and for how much.
import type { AwardView } from "../../contract/index.js";
import { creditsOf, short } from "../show.js";

interface Sale {
  readonly awards: readonly AwardView[];
  readonly clearingPrice: string | null;
}

/** One winner by its name, several by their number. */
export const winners = ([first, ...others]: readonly AwardView[]): string =>
  others.length === 0 ? short(first?.bidder ?? null) : `${others.length + 1} winners`;

/** @param each whether the price is of one unit; where the format is not known: as the sale tells */
export const priceOf = (sale: Sale | null, each = sale !== null && goesInUnits(sale)): string =>
  sale?.clearingPrice == null ? "–" : `${creditsOf(sale.clearingPrice)}${each ? " a unit" : ""}`;

/** Whether the price is of one unit, as far as the sale tells: one winner of the whole lot trades at it as it stands. */
const goesInUnits = ({ awards, clearingPrice }: Sale): boolean =>
  awards.length > 1 ||
  awards.some(({ pays, receives }) => pays !== clearingPrice && receives !== clearingPrice);

/** What was bid: of a lot in units also for how many. */
export const bidOf = ({
  amount,
  units,
}: {
  readonly amount: string;
  readonly units: number | null;
}): string => (units === null ? creditsOf(amount) : `${units} × ${creditsOf(amount)}`);

/** Labelled lines: the winner, or each with what it won, and the price. */
export function saleRows(
  sale: Sale | null,
  each = sale !== null && goesInUnits(sale),
): (readonly [string, string | null])[] {
  if (sale === null || sale.clearingPrice === null) return [];
  return [
    ...sale.awards.map((one) => ["Winner", each ? shareOf(one) : one.bidder] as const),
    ["Price", `${creditsOf(sale.clearingPrice)} credits${each ? " a unit" : ""}`],
  ];
}

function shareOf({ bidder, units, pays, receives }: AwardView): string {
  const money = receives === "0" ? `pays ${creditsOf(pays)}` : `receives ${creditsOf(receives)}`;
  return `${bidder}  ${units} ${units === 1 ? "unit" : "units"}, ${money} credits`;
}
