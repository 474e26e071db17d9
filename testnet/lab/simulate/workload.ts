// What agents wish during a run: auctions with bids of true value, transfers and grants, some of them at bad moments.
import { type AuctionId, type Direction, FORMATS, type FormatName } from "../../../src/market/index.js";
import { chooseDispute, type DisputePlan } from "./disputes.js";
import type { Random } from "./world/random.js";

export interface BidPlan {
  readonly host: number;
  /** what the lot is worth to the agent of this host, and therefore its bid */
  readonly amount: bigint;
  /** how many units it is for; null: the lot as a whole */
  readonly units: number | null;
  readonly delayMs: number;
  /** the process dies when the commit is final, and stays down for so long; null: it lives */
  readonly crashForMs: number | null;
  /** the host never lets its reveal out */
  readonly isWithheld: boolean;
}

/** What becomes of the trades of an auction whose lot is delivered. */
export interface DeliveryPlan {
  readonly deliverMs: number;
  readonly settleMs: number;
  /**
   * What the performer does. late: it delivers when its time is over. twice: again, when it has delivered.
   * failsAfter: it gives up, and accepts in its buyer's place, when it has delivered
   */
  readonly performs: "delivers" | "forgets" | "givesUp" | "late" | "twice" | "failsAfter";
  /** whether the buyer says that it takes what was delivered */
  readonly isAccepted: boolean;
  /** the buyer delivers to itself, and accepts before anything is there */
  readonly meddles: boolean;
  /** null: the buyer disputes nothing; else it does not accept */
  readonly dispute: DisputePlan | null;
}

export interface AuctionPlan {
  /** the capability of its lot, by which everyone knows it before it has an id */
  readonly name: string;
  readonly atMs: number;
  readonly creator: number;
  readonly format: FormatName;
  readonly direction: Direction;
  /** how many units the lot has */
  readonly units: number;
  readonly startInMs: number;
  readonly commitMs: number;
  readonly revealMs: number;
  readonly lockups: readonly bigint[];
  readonly reserve: bigint;
  readonly hiddenReserve: bigint | null;
  readonly standingWeight: number | null;
  readonly bond: bigint;
  /** when the seller opens its hidden reserve: with everybody, once it has seen every bid, or not at all */
  readonly opensReserve: "atOnce" | "afterBids" | "never";
  /** how long the lot lasts beyond the earliest close; null: it does not lapse */
  readonly lapsesInMs: number | null;
  /** null: nothing is delivered, and the outcome pays */
  readonly delivery: DeliveryPlan | null;
  readonly bids: readonly BidPlan[];
}

export interface PaymentPlan {
  readonly atMs: number;
  /**
   * overdraft: several at once, each at a fee that its sender can pay alone, and not beside the others.
   * overreach: a withdrawal of more than free stake, past the sender's own peer, which would refuse
   */
  readonly kind: "transfer" | "grant" | "bond" | "unbond" | "overdraft" | "overreach";
  readonly from: number;
  /** of a payment to oneself, as stake is: the same as `from` */
  readonly to: number;
  readonly amount: bigint;
}

export interface Workload {
  readonly auctions: readonly AuctionPlan[];
  readonly payments: readonly PaymentPlan[];
}

/** A bid that an agent has asked its peer to place. */
export interface PlacedBid {
  readonly auction: AuctionId;
  readonly host: number;
  readonly amount: bigint;
  readonly isWithheld: boolean;
}

/** One deposit for all, as auctions have by default: it tells nothing but that bids are below it. */
export const LOCKUP = 1n << 40n;
/** What every agent has at the start. */
export const FUNDS = 1n << 44n;
/** And as stake that secures nothing: enough for a few sales with delivery, or asks. */
export const FREE_STAKE = 1n << 43n;
const LOWER_LOCKUP = 1n << 38n;
/** How often a buyer disputes what is delivered to it: honestly or not makes no difference to the log. */
const DISPUTED = 0.4;

interface Room {
  readonly hosts: number;
  /** hosts with a seat, which are the first */
  readonly seats: number;
  /** who may sell: an auction opens and closes by its seller's idea of the time */
  readonly sellers: readonly number[];
  readonly granter: number;
  readonly healMs: number;
  readonly endMs: number;
  /** ledger ms that a phase lasts at least */
  readonly leastPhaseMs: number;
  /** whether processes may die at bad moments */
  readonly mayCrash: boolean;
}

export function chooseWorkload(random: Random, room: Room): Workload {
  const early = random.between(1, 4);
  const late = random.between(1, 2);
  const times = [
    ...Array.from({ length: early }, () => random.between(200, room.healMs)),
    ...Array.from({ length: late }, () => random.between(room.healMs + 500, room.healMs + 2_500)),
  ];
  const traders = random.branch("traders");
  const disputes = random.branch("disputes");
  return {
    auctions: times.map((atMs, i) => {
      const plan = chooseAuction(random, room, `lot-${i}`, atMs);
      const dispute = disputes.chance(DISPUTED) ? chooseDispute(disputes, room) : null;
      return { ...plan, delivery: chooseDelivery(traders, dispute) };
    }),
    payments: [
      ...Array.from({ length: random.between(4, 16) }, () => choosePayment(random, room)),
      ...chooseStakes(random.branch("stake"), room),
    ],
  };
}

function chooseAuction(random: Random, room: Room, name: string, atMs: number): AuctionPlan {
  const isLate = atMs > room.healMs;
  const lockups = random.chance(0.3) ? [LOWER_LOCKUP, LOCKUP] : [LOCKUP];
  const reserve = random.chance(0.5) ? 0n : amountBelow(random, LOCKUP / 2n);
  const hiddenReserve = random.chance(0.25) ? reserve + amountBelow(random, LOCKUP / 4n) : null;
  const commitMs = random.between(room.leastPhaseMs, room.leastPhaseMs + 2_000);
  const creator = random.pick(room.sellers);
  const others = Array.from({ length: room.hosts }, (_, host) => host).filter((host) => host !== creator);
  // Now and then a creator tries to bid in its own auction.
  const bidders = random.shuffled(random.chance(0.1) ? [...others, creator] : others);
  const bids = bidders.slice(0, random.between(0, bidders.length)).map((host) => ({
    host,
    amount: amountBelow(random, LOCKUP),
    delayMs: random.between(0, Math.floor(commitMs * 0.6)),
    crashForMs: room.mayCrash && !isLate && random.chance(0.1) ? random.between(50, 3_000) : null,
    isWithheld: random.chance(0.08),
  }));
  const isPurchase = random.chance(0.25);
  const format = random.pick(Object.keys(FORMATS) as FormatName[]);
  const units = random.between(1, 6);
  const { isDivisible } = FORMATS[format];
  const share = isDivisible ? BigInt(units) : 1n;
  const sized = bids.map(
    (bid): BidPlan => ({
      ...bid,
      amount: bid.amount / share,
      units: isDivisible ? random.between(1, units) : null,
    }),
  );
  const tied = random.chance(0.15) ? sized.map((bid) => ({ ...bid, amount: sized[0]!.amount })) : sized;
  const hidden = isPurchase || isDivisible ? null : hiddenReserve;
  return {
    name,
    atMs,
    creator,
    format,
    units,
    direction: isPurchase ? "buy" : "sell",
    startInMs: random.chance(0.3) ? random.between(100, 800) : 0,
    commitMs,
    revealMs: random.between(room.leastPhaseMs, room.leastPhaseMs + 1_500),
    lockups,
    reserve: (isPurchase ? amountBelow(random, LOCKUP) : reserve) / share,
    hiddenReserve: hidden,
    // By a number already drawn, so that this draws none.
    standingWeight: isPurchase && !isDivisible && units > 3 ? units * 1_000 : null,
    bond: hidden === null ? 0n : lockups.at(-1)!,
    opensReserve: "atOnce",
    lapsesInMs: null,
    delivery: null,
    bids: tied,
  };
}

/** Of a lot that is delivered at all: most performers do, and some say that they cannot, or nothing. */
function chooseDelivery(random: Random, dispute: DisputePlan | null): DeliveryPlan | null {
  const isDelivered = random.chance(0.4);
  const plan = {
    deliverMs: random.between(1_500, 4_000),
    settleMs: random.between(1_500, 3_000),
    performs: random.pick(["delivers", "delivers", "delivers", "forgets", "givesUp"] as const),
    isAccepted: random.chance(0.6),
    meddles: false,
    dispute,
  };
  return isDelivered ? plan : null;
}

function choosePayment(random: Random, room: Room): PaymentPlan {
  const isGrant = random.chance(0.3);
  return {
    atMs: random.between(200, room.endMs - 3_000),
    kind: isGrant ? "grant" : "transfer",
    from: isGrant ? room.granter : random.between(0, room.hosts - 1),
    to: random.between(0, room.hosts - 1),
    amount: BigInt(random.between(1, 1_000_000_000)),
  };
}

/** Stake that comes and goes. */
const chooseStakes = (random: Random, room: Room): readonly PaymentPlan[] =>
  Array.from({ length: random.between(2, 8) }, () => {
    const host = random.between(0, room.hosts - 1);
    return {
      atMs: random.between(200, room.endMs - 3_000),
      kind: random.chance(0.4) ? "bond" : "unbond",
      from: host,
      to: host,
      amount: BigInt(random.between(1, 1_000_000_000)),
    };
  });

/** 2^32 < amount ≤ limit: wide enough that its bytes do not turn up in other places by chance. */
function amountBelow(random: Random, limit: bigint): bigint {
  const floor = 1n << 33n;
  return floor + (((BigInt(random.word()) << 16n) | BigInt(random.word() >>> 16)) % (limit - floor));
}
