// `auction prices`: what auctions have found, from history.
import { type FormatName, goesByUnits, type PriceView } from "../../contract/index.js";
import type { Session } from "../session.js";
import { clock, creditsOf, short, table } from "../show.js";
import { moreOf, sinceOf } from "./history-page.js";

interface PricesOptions {
  readonly limit: number;
  readonly cursor?: string;
}

export async function prices(
  session: Session,
  { limit, cursor }: PricesOptions,
  capability?: string,
): Promise<void> {
  const query = { capability, limit, cursor };
  const page = await session.client.ask("prices", { query }, "could not list prices");
  session.show(page, () => {
    table(
      session.terminal,
      ["TIME", "WHAT", "PRICE", "BY", "FORMAT", "BIDS", "AUCTION"],
      page.items.map((one) => [
        clock(one.time),
        `${one.direction === "buy" ? "bought " : ""}${one.units} × ${one.capability}`,
        creditsOf(one.price),
        unitOf(one),
        one.format,
        String(one.bids),
        short(one.auction),
      ]),
      `No auction${capability === undefined ? "" : ` of ${capability}`} has found a price${sinceOf(page)}.`,
    );
    moreOf(session, page);
  });
}

/** What has the price: one unit, or the lot as a whole. */
const unitOf = ({ format }: PriceView): string => (goesByUnits(format as FormatName) ? "unit" : "lot");
