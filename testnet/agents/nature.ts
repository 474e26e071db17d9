// Nature: what there is to sell and what it is worth to whom, drawn from the testnet's seed and from nothing else.
import type { Lot } from "../../src/market/index.js";
import { Random } from "../lab/simulate/world/random.js";

/** A kind of scarce thing: how much of it a lot holds, and what one unit may be worth (micro-credits). */
interface Ware {
  readonly capability: string;
  readonly unitsPerStep: number;
  readonly maxSteps: number;
  readonly leastUnitValue: number;
  readonly greatestUnitValue: number;
}

const WARES: readonly Ware[] = [
  {
    capability: "gpu.a100",
    unitsPerStep: 1,
    maxSteps: 8,
    leastUnitValue: 900_000,
    greatestUnitValue: 3_100_000,
  },
  {
    capability: "openai.rpm",
    unitsPerStep: 60,
    maxSteps: 10,
    leastUnitValue: 8_000,
    greatestUnitValue: 31_000,
  },
  {
    capability: "task.render",
    unitsPerStep: 5,
    maxSteps: 6,
    leastUnitValue: 210_000,
    greatestUnitValue: 790_000,
  },
];

/** How often a bidder has a use for a lot at all. */
const INTEREST = 0.85;
/** By a seller's place, what those do that do not always deliver, and how many times of a thousand. */
const WAYS: Readonly<Record<number, readonly (readonly [way: Way, times: number])[]>> = {
  1: [
    ["forgets", 250],
    ["mistakes", 150],
  ],
  2: [
    ["givesUp", 250],
    ["skimps", 200],
  ],
};
/** How often a buyer says a word when something was delivered. */
const ACCEPTS = 0.75;
/** How often it disputes what is as it should be. */
const QUARRELS = 0.08;
/** How often a juror is away; and of the disputes that fall on a holiday, on which most are. */
const AWAY = 0.06;
const HOLIDAY = 0.1;
const AWAY_ON_HOLIDAY = 0.65;
const CREDIT = 1_000_000n;

/**
 * What a seller does about a trade: delivers, all or half of it, or what nobody bought; says so when it cannot deliver, or
 * leaves its buyer to wait.
 */
export type Way = "delivers" | "skimps" | "mistakes" | "givesUp" | "forgets";

/** What a seller brings to market: a lot, the least it is sold for, and what a bidder must lock (micro-credits). */
export interface Offer {
  readonly lot: Lot;
  readonly reserve: bigint;
  /** one rung, above every possible value: a deposit that tells nothing (spec/auctions#B5) */
  readonly lockup: bigint;
}

/** Draws are by name: who asks first, and how often, moves no other draw. */
export class Nature {
  constructor(private readonly seed: number) {}

  /** The seller's `nth` offer (from 0). A seller keeps to one ware. */
  offer(seller: number, nth: number): Offer {
    const ware = wareOf(seller);
    const draw = this.draw(`offer/${seller}/${nth}`);
    const units = ware.unitsPerStep * draw.between(1, ware.maxSteps);
    const least = BigInt(ware.leastUnitValue) * BigInt(units);
    const greatest = BigInt(ware.greatestUnitValue) * BigInt(units);
    return {
      lot: { capability: ware.capability, units, fromMs: null, toMs: null },
      reserve: (least * BigInt(draw.between(60, 130))) / 100n,
      lockup: (greatest / CREDIT + 1n) * CREDIT,
    };
  }

  /**
   * What a lot is worth to a bidder, in micro-credits; 0n: nothing, as is whatever demo agents have no use for.
   * @param auction its name: `offerName` of a demo seller's, the id of anybody else's
   */
  value(bidder: string, auction: string, { capability, units }: Pick<Lot, "capability" | "units">): bigint {
    const ware = WARES.find((one) => one.capability === capability);
    const draw = this.draw(`value/${bidder}/${auction}`);
    if (ware === undefined || !draw.chance(INTEREST)) return 0n;
    return BigInt(draw.between(ware.leastUnitValue, ware.greatestUnitValue)) * BigInt(units);
  }

  /** How far into the time for bidding a bidder waits, or for judging a juror, in parts of a thousand: so that its time tells nothing. */
  patience(agent: string, what: string): number {
    return this.draw(`patience/${agent}/${what}`).between(0, 999);
  }

  /** The first seller always delivers. @param trade its `tradeName`, here and below */
  delivery(seller: number, trade: string): Way {
    let drawn = this.draw(`delivery/${trade}`).between(0, 999);
    for (const [way, times] of WAYS[seller] ?? []) {
      if (drawn < times) return way;
      drawn -= times;
    }
    return "delivers";
  }

  /** Whether a buyer says that it takes a delivery. */
  accepts(trade: string): boolean {
    return this.draw(`acceptance/${trade}`).chance(ACCEPTS);
  }

  /** Whether it disputes a delivery against which it has nothing. */
  quarrels(trade: string): boolean {
    return this.draw(`quarrel/${trade}`).chance(QUARRELS);
  }

  /** Whether the owner of a seat is there to judge. */
  attends(juror: number, trade: string): boolean {
    const isHoliday = this.draw(`holiday/${trade}`).chance(HOLIDAY);
    return !this.draw(`away/${juror}/${trade}`).chance(isHoliday ? AWAY_ON_HOLIDAY : AWAY);
  }

  private draw(name: string): Random {
    return new Random(this.seed, name);
  }
}

/** The name of a demo seller's `nth` offer: the same whenever and wherever the seed is used. */
export const offerName = (seller: number, nth: number): string => `${seller}/${nth}`;

const wareOf = (seller: number): Ware => WARES[seller % WARES.length]!;
