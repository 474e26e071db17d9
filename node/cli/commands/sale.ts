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

export const priceOf = (sale: Sale | null): string =>
  sale?.clearingPrice == null ? "–" : creditsOf(sale.clearingPrice);

/** Labelled lines: the winner, or each with what it won, and the price. */
export function saleRows(sale: Sale | null): (readonly [string, string | null])[] {
  if (sale === null || sale.clearingPrice === null) return [];
  const { awards } = sale;
  return [
    ...awards.map((one) => ["Winner", awards.length === 1 ? one.bidder : shareOf(one)] as const),
    ["Price", `${priceOf(sale)} credits${awards.length === 1 ? "" : " a unit"}`],
  ];
}

function shareOf({ bidder, units, pays, receives }: AwardView): string {
  const money = receives === "0" ? `pays ${creditsOf(pays)}` : `receives ${creditsOf(receives)}`;
  return `${bidder}  ${units} units, ${money} credits`;
}
