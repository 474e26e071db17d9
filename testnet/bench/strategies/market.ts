// A market in which strategies meet: lots one after the other, decided by the ledger's own formats. Everything follows from a seed.
import { toHex } from "../../../src/base/index.js";
import { FORMATS, type FormatName } from "../../../src/market/index.js";
import { type Memory, NO_MEMORY, type Strategy } from "../../../src/market/strategies/index.js";
import { Random } from "../../lab/simulate/world/random.js";

export interface MarketPlan {
  readonly format: FormatName;
  readonly direction: "sell" | "buy";
  /** private: what a lot is worth is each bidder's own; common: it is the same for all, and each has an estimate of it */
  readonly values: "private" | "common";
  /** one for each bidder */
  readonly strategies: readonly Strategy[];
  readonly lots: number;
  /** micro-credits that each bidder may spend in all; null: no limit */
  readonly budget: bigint | null;
  readonly seed: number;
}

/** What became of one bidder. Amounts are micro-credits. */
export interface Standing {
  readonly strategy: string;
  profit: bigint;
  spent: bigint;
  won: number;
}

export interface MarketOutcome {
  readonly bidders: readonly Standing[];
  /** what winners found it worth, over the most that anybody present would have, 0 to 1 */
  readonly efficiency: number;
  /** what the creators of the lots were paid, or paid */
  readonly paid: bigint;
}

const CREDIT = 1_000_000;
/** Of values, and the ceiling of purchases. */
export const GREATEST_VALUE = 1000;
/** Estimates of a common value are off by up to so much. */
const ERROR = 0.2;
/** Bidders that come to a lot. */
export const PRESENT = 5;
const UNITS = 10;
/** Of a lot in units, as many as a bidder has a use for. */
const WANTED = 4;
/** Clearing prices that bidders remember. */
const REMEMBERED = 64;
const PARTS = 1_000_000n;

interface Seat {
  readonly standing: Standing;
  readonly strategy: Strategy;
  readonly id: Uint8Array;
  memory: Memory;
}

export function runMarket(plan: MarketPlan): MarketOutcome {
  const random = new Random(plan.seed, "strategies");
  const seats = plan.strategies.map((strategy, at): Seat => {
    const standing = { strategy: strategy.name, profit: 0n, spent: 0n, won: 0 };
    return { standing, strategy, id: new Uint8Array(32).fill(at + 1), memory: NO_MEMORY };
  });
  let prices: bigint[] = [];
  let gained = 0n;
  let best = 0n;
  let paid = 0n;
  for (let nth = 0; nth < plan.lots; nth++) {
    const lot = decided(plan, random, seats, prices);
    gained += lot.gained;
    best += lot.best;
    paid += lot.paid;
    if (lot.price !== null) prices = [...prices, lot.price].slice(-REMEMBERED);
  }
  const efficiency = best === 0n ? 1 : Number((gained * PARTS) / best) / Number(PARTS);
  return { bidders: seats.map(({ standing }) => standing), efficiency, paid };
}

/** One lot, from who comes to what it leaves everyone. */
function decided(plan: MarketPlan, random: Random, seats: readonly Seat[], prices: readonly bigint[]) {
  const format = FORMATS[plan.format];
  const ceiling = BigInt(GREATEST_VALUE * CREDIT);
  const isSale = plan.direction === "sell";
  const common = drawn(random);
  const coming = random.shuffled(seats).slice(0, PRESENT);
  const units = format.isDivisible ? UNITS : 1;
  const worth = new Map<Seat, bigint>();
  const bids = coming.flatMap((seat) => {
    const own = plan.values === "private" ? drawn(random) : off(random, common);
    worth.set(seat, plan.values === "private" ? own : common);
    const left = plan.budget === null ? null : plan.budget - seat.standing.spent;
    const amount = seat.strategy.bid(
      {
        direction: plan.direction,
        value: own,
        reserve: isSale ? 0n : ceiling,
        tradesAtOwnBid: format.tradesAtOwnBid,
        rivals: PRESENT - 1,
        prices,
        most: left === null ? ceiling : left > 0n ? left / BigInt(format.isDivisible ? WANTED : 1) : 0n,
      },
      seat.memory,
    );
    if (amount === 0n) return [];
    const wanted = format.isDivisible ? WANTED : null;
    return [{ bidder: seat.id, amount, units: wanted, salt: random.bytes(32), standing: 5000 }];
  });
  const offer = {
    auction: random.bytes(32),
    direction: plan.direction,
    units,
    reserve: isSale ? 0n : ceiling,
    standingWeight: 0,
  };
  const { awards, clearingPrice } = format.outcome(offer, bids);
  const awardOf = new Map(awards.map((one) => [toHex(one.bidder), one]));
  const surplus = (seat: Seat): bigint => (isSale ? worth.get(seat)! : ceiling - worth.get(seat)!);
  let gained = 0n;
  let paid = 0n;
  for (const seat of coming) {
    const award = awardOf.get(toHex(seat.id));
    if (award !== undefined) {
      const value = worth.get(seat)! * BigInt(award.units);
      seat.standing.profit += isSale ? value - award.pays : award.receives - value;
      seat.standing.spent += award.pays;
      seat.standing.won++;
      gained += surplus(seat) * BigInt(award.units);
      paid += award.pays + award.receives;
    }
    seat.memory = seat.strategy.learn(seat.memory, award?.pays ?? 0n);
  }
  return { gained, paid, best: mostOf(coming.map(surplus), units, format.isDivisible), price: clearingPrice };
}

const drawn = (random: Random): bigint => BigInt(random.between(1, GREATEST_VALUE * CREDIT));

/** An estimate of a value, evenly off to both sides. */
function off(random: Random, value: bigint): bigint {
  const share = BigInt(random.between(-ERROR * CREDIT, ERROR * CREDIT));
  const estimate = value + (value * share) / BigInt(CREDIT);
  return estimate > 0n ? estimate : 1n;
}

/** The most that those present could have had of a lot. */
function mostOf(each: readonly bigint[], units: number, isDivisible: boolean): bigint {
  let left = units;
  let sum = 0n;
  for (const one of [...each].sort((a, b) => (a > b ? -1 : 1))) {
    const some = Math.min(left, isDivisible ? WANTED : units);
    sum += one * BigInt(some);
    left -= some;
  }
  return sum;
}
