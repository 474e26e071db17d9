// From what a lot is worth to a bid: bounds by budget, funds and lockups, and the strategy's word. Pure.
import type { Memory, Strategy } from "../../../src/market/strategies/index.js";
import { tradesAtOwnBid } from "../../contract/auction.js";
import type { Lot, Market } from "./definition.js";
import type { Valued } from "./worth.js";

export interface Decided {
  /** of one unit where the lot goes by units */
  readonly amount: bigint;
  readonly units: number | null;
}

/** A bid, or in words why there is none. @throws whatever the strategy throws */
export function decide(
  lot: Lot,
  { value, units }: Valued,
  market: Market,
  perAuction: bigint,
  strategy: Strategy,
  memory: Memory,
): Decided | string {
  const count = BigInt(units ?? 1);
  const isSale = lot.direction === "sell";
  const payable = lot.lockups.filter((lockup) => lockup <= market.lockable).at(-1);
  if (isSale && payable === undefined)
    return `a bid locks ${lot.lockups[0]} at least, and ${market.lockable} can be locked`;
  const most = payable === undefined || payable > perAuction ? perAuction : payable;
  const each = isSale ? value / count : (value + count - 1n) / count;
  if (each === 0n) return "it is worth less than a micro-credit a unit";
  const amount: unknown = strategy.bid(
    {
      direction: lot.direction,
      value: each,
      reserve: lot.reserve,
      tradesAtOwnBid: tradesAtOwnBid(lot.format),
      rivals: market.rivals,
      prices: market.prices,
      most: most / count,
    },
    memory,
  );
  if (typeof amount !== "bigint")
    return `the strategy ${strategy.name} answered ${String(amount)}, and a bid is a bigint`;
  if (amount === 0n)
    return isSale
      ? `${each} is below the reserve of ${lot.reserve}, or cannot be paid`
      : `${each} is above the ceiling of ${lot.reserve}`;
  const isBeyond = isSale ? amount < 0n || amount * count > most : amount < each;
  if (isBeyond)
    return `the strategy ${strategy.name} bids ${amount}, which is beyond ${isSale ? "what may be spent" : "the cost"}`;
  return { amount, units };
}
