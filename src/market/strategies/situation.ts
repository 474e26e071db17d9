// What a bidder knows when it decides how much to bid. Strategies are advice to bidders; no rule of the ledger asks them.
import type { Direction } from "../auction/formats/format.js";

/** Amounts are micro-credits, of one unit where the lot goes by units. */
export interface Situation {
  readonly direction: Direction;
  /** positive: of a sale what the lot is worth to the bidder, of a purchase what providing it costs the bidder */
  readonly value: bigint;
  /** the worst price at which the creator trades: of a sale the least, of a purchase its ceiling */
  readonly reserve: bigint;
  /** whether the winner trades at its own bid; else another's bid is the price */
  readonly tradesAtOwnBid: boolean;
  /** how many others may bid: 0 or more */
  readonly rivals: number;
  /** what lots of the capability went for, oldest first */
  readonly prices: readonly bigint[];
  /** of a sale: more than so much the bidder cannot or may not bid */
  readonly most: bigint;
}

/** What a strategy keeps from one lot to the next. */
export interface Memory {
  /** by how many millionths a bid is divided, beyond 1 */
  readonly multiplierPpm: bigint;
  /** by all lots so far */
  readonly spent: bigint;
}

export const NO_MEMORY: Memory = { multiplierPpm: 0n, spent: 0n };

export interface Strategy {
  readonly name: string;
  /**
   * How much to bid; 0n: nothing. Of a sale never above value or `most`, of a purchase never below value; never worse than
   * the reserve. It rises with the value.
   */
  bid(situation: Situation, memory: Memory): bigint;
  /** What it keeps after a lot for which it has bid. @param paid 0n: it has not won */
  learn(memory: Memory, paid: bigint): Memory;
}

/** What most strategies keep: what was spent. */
export const onlySpent = (memory: Memory, paid: bigint): Memory => ({
  ...memory,
  spent: memory.spent + paid,
});

/** A sale as a bidder sees it. A purchase is one: of the ceiling's room above its cost, of which a bidder leaves a part. */
export type Sale = Omit<Situation, "direction">;

/**
 * A strategy from what it would bid in a sale, which may be any amount: bounds are set here, and purchases turned round
 * into sales: an ask of a with the ceiling c is a bid of c − a.
 */
export function strategyOf(
  name: string,
  wishIn: (sale: Sale, memory: Memory) => bigint,
  learn: Strategy["learn"] = onlySpent,
): Strategy {
  const inSale = (sale: Sale, memory: Memory): bigint => {
    const { value, reserve, most } = sale;
    const wish = least(greatest(wishIn(sale, memory), reserve, 1n), value, most);
    return wish >= reserve ? wish : 0n;
  };
  return {
    name,
    bid({ direction, ...seen }, memory) {
      if (direction === "sell") return inSale(seen, memory);
      const { value: cost, reserve: ceiling, prices } = seen;
      const room = ceiling - cost;
      if (room < 0n) return 0n;
      const turned = prices.filter((price) => price <= ceiling).map((price) => ceiling - price);
      const left = inSale({ ...seen, value: room, reserve: 0n, prices: turned, most: room }, memory);
      return ceiling - left;
    },
    learn,
  };
}

export const least = (first: bigint, ...rest: readonly bigint[]): bigint =>
  rest.reduce((a, b) => (b < a ? b : a), first);
export const greatest = (first: bigint, ...rest: readonly bigint[]): bigint =>
  rest.reduce((a, b) => (b > a ? b : a), first);
