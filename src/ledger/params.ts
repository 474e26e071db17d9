// A network's parameters: fixed by genesis, the same at every peer, with the relations that must hold between them.
import { amount, oneOf, struct, type TypeOf, uint } from "../base/index.js";
import { BASIS_POINTS, CRITICAL_OPS, MAX_LOCKS, REVEAL_SHARE_DIVISOR } from "./limits.js";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const positive = uint(365 * DAY_MS, 1);

export const params = struct({
  /** Δ: the delay that the network is expected to keep */
  deltaMs: [0, positive],
  /** how long an idle leader waits at least before it proposes an empty entry */
  idleMs: [1, positive],
  /** how long operations may wait for company */
  batchMs: [2, positive],
  /** how far honest clocks may be apart */
  precisionMs: [3, positive],
  /** how late an honest proposal may arrive */
  messageDelayMs: [4, positive],
  /** refuse to run with fewer than four seats, which tolerate no Byzantine one (spec/log#M4) */
  requireByzantine: [5, oneOf(["no", "yes"])],
  /** the least fee of an operation; fees burn */
  minFee: [6, amount],
  /** how far ahead `validUntilMs` may lie (spec/money#F5) */
  maxValidityMs: [7, positive],
  /** how far ahead an auction may be announced */
  maxScheduleMs: [8, positive],
  /** the shortest window for bids */
  minCommitMs: [9, positive],
  /** the window for bids where none is asked for; twice it is the longest of short windows */
  defaultCommitMs: [10, positive],
  /** the longest window for bids */
  maxCommitMs: [11, positive],
  /** the shortest window for reveals */
  minRevealMs: [12, positive],
  /** the window for reveals where none is asked for; twice it is the longest of short windows */
  defaultRevealMs: [13, positive],
  /** the longest window for reveals */
  maxRevealMs: [14, positive],
  /** reveals still to come of auctions whose windows begin in the same slot: at most so many */
  revealCapacity: [15, uint(1_000_000, 1)],
  /** the length of such a slot (spec/auctions#reveal-room) */
  revealSlotMs: [16, positive],
  /** how long a lot lasts at least beyond the earliest close of its auction */
  lotSlackMs: [17, positive],
  /** how long the rows of an ended auction stay in the state */
  retainMs: [18, positive],
  /** the least bond of a seat (spec/money#S1) */
  minSeatBond: [19, amount],
  /** how long a convicted agent stays out of the seats' selection */
  jailMs: [20, positive],
  /** what an auction locks until its rows are forgotten, for the first hour of its wait and windows */
  auctionDeposit: [21, amount],
  /** what it locks for each further hour begun of its wait and windows */
  auctionDepositPerHour: [22, amount],
  /** how long withdrawn stake can still be slashed before it is free (spec/money#S8) */
  unbondMs: [23, positive],
  /** within how long of a fault its evidence finds all the stake that answered for it */
  evidenceMs: [24, positive],
  /** how long a period is, by which everything economic is counted (spec/time#O8) */
  periodMs: [25, positive],
  /** from this price on a deed counts whole for its agent's standing */
  ratingCap: [26, amount],
  /** the least stake of an account that takes a lien for a trade */
  minStake: [27, amount],
  /** the lien behind a trade, by its value: 10,000 is as much; 0: no trade needs stake, among owners who trust each other */
  lienBp: [28, uint(10 * BASIS_POINTS)],
  /** what burns of what a performer is due */
  tradeFeeBp: [29, uint(BASIS_POINTS)],
  /** the shortest time for a delivery */
  minDeliverMs: [30, positive],
  /** the time for a delivery where a demo or a person names none */
  defaultDeliverMs: [31, positive],
  /** the longest time for a delivery */
  maxDeliverMs: [32, positive],
  /** the shortest time in which a buyer may look at what was delivered */
  minSettleMs: [33, positive],
  /** the time for that where none is asked for */
  defaultSettleMs: [34, positive],
  /** the longest time for that */
  maxSettleMs: [35, positive],
  /** how long seats may judge a dispute */
  verdictMs: [36, positive],
  /** the buyer's share of the price where the seats do not decide */
  disputeSplitBp: [37, uint(BASIS_POINTS)],
  /** the least bond of a dispute */
  leastDisputeBond: [38, amount],
  /** the bond of a dispute, by the trade's price */
  disputeBondBp: [39, uint(BASIS_POINTS)],
  /** what opening a budget burns: its row may stay for a year, its child's account for good */
  budgetBurn: [40, amount],
});
export type Params = TypeOf<typeof params>;

/** One machine, one clock (spec/parameters). */
export const LOCAL_TESTNET_PARAMS: Params = {
  deltaMs: 400,
  idleMs: 200,
  batchMs: 20,
  precisionMs: 100,
  messageDelayMs: 2000,
  requireByzantine: "no",
  minFee: 1000n,
  maxValidityMs: 60 * 60 * 1000,
  maxScheduleMs: DAY_MS,
  minCommitMs: 500,
  defaultCommitMs: 1000,
  maxCommitMs: DAY_MS,
  minRevealMs: 1200,
  defaultRevealMs: 1200,
  maxRevealMs: DAY_MS,
  revealCapacity: 8000,
  revealSlotMs: 30_000,
  lotSlackMs: 5000,
  retainMs: 10 * 60 * 1000,
  minSeatBond: 100_000_000n,
  jailMs: 10 * 60 * 1000,
  auctionDeposit: 100_000n,
  auctionDepositPerHour: 100_000n,
  unbondMs: 15 * 60 * 1000,
  evidenceMs: 10 * 60 * 1000,
  periodMs: 60 * 1000,
  ratingCap: 10_000_000n,
  minStake: 100_000_000n,
  lienBp: 15_000,
  tradeFeeBp: 50,
  minDeliverMs: 1500,
  defaultDeliverMs: 10_000,
  maxDeliverMs: DAY_MS,
  minSettleMs: 1500,
  defaultSettleMs: 5000,
  maxSettleMs: DAY_MS,
  verdictMs: 10_000,
  disputeSplitBp: 5000,
  leastDisputeBond: 1_000_000n,
  disputeBondBp: 500,
  budgetBurn: 100_000n,
};

/** Many machines over the internet: slower, and patient with the absent. */
export const PUBLIC_PARAMS: Params = {
  ...LOCAL_TESTNET_PARAMS,
  deltaMs: 1000,
  idleMs: 1000,
  precisionMs: 500,
  requireByzantine: "yes",
  maxScheduleMs: 30 * DAY_MS,
  minCommitMs: 10_000,
  defaultCommitMs: 60_000,
  maxCommitMs: 30 * DAY_MS,
  minRevealMs: 10_000,
  defaultRevealMs: 30_000,
  maxRevealMs: 7 * DAY_MS,
  lotSlackMs: 60_000,
  retainMs: DAY_MS,
  jailMs: 7 * DAY_MS,
  unbondMs: 8 * DAY_MS,
  evidenceMs: 7 * DAY_MS,
  periodMs: 60 * 60 * 1000,
  minDeliverMs: 10_000,
  defaultDeliverMs: HOUR_MS,
  maxDeliverMs: 30 * DAY_MS,
  minSettleMs: 10_000,
  defaultSettleMs: HOUR_MS,
  maxSettleMs: 7 * DAY_MS,
  verdictMs: DAY_MS,
};

interface Relation {
  readonly says: string;
  readonly holds: (p: Params) => boolean;
}

/** The shortest window in which an honest reveal is in time however clocks and links behave (spec/parameters#relations). */
export const safeRevealMs = (p: Pick<Params, "deltaMs" | "precisionMs">): number =>
  2 * p.deltaMs + 3 * p.precisionMs;

/** What must hold between the parameters of every network; a genesis that breaks one starts none. */
export const RELATIONS: readonly Relation[] = [
  {
    says: "minRevealMs must be at least 2·deltaMs + 3·precisionMs",
    holds: (p) => p.minRevealMs >= safeRevealMs(p),
  },
  {
    says: "minRevealMs ≤ defaultRevealMs ≤ maxRevealMs must hold",
    holds: (p) => p.minRevealMs <= p.defaultRevealMs && p.defaultRevealMs <= p.maxRevealMs,
  },
  {
    says: "minCommitMs ≤ defaultCommitMs ≤ maxCommitMs must hold",
    holds: (p) => p.minCommitMs <= p.defaultCommitMs && p.defaultCommitMs <= p.maxCommitMs,
  },
  {
    says: `revealCapacity must be at least ${REVEAL_SHARE_DIVISOR}·${MAX_LOCKS}: a bidder's locks are within its share`,
    holds: (p) => p.revealCapacity >= REVEAL_SHARE_DIVISOR * MAX_LOCKS,
  },
  {
    says: `revealCapacity must fit the critical lanes of a slot: ${CRITICAL_OPS} for each whole 2·deltaMs of revealSlotMs`,
    holds: (p) => p.revealCapacity <= CRITICAL_OPS * Math.floor(p.revealSlotMs / (2 * p.deltaMs)),
  },
  { says: "batchMs must not exceed idleMs", holds: (p) => p.batchMs <= p.idleMs },
  { says: "precisionMs must not exceed deltaMs", holds: (p) => p.precisionMs <= p.deltaMs },
  {
    says: "evidenceMs must be less than unbondMs: who withdraws is still reached by evidence",
    holds: (p) => p.evidenceMs < p.unbondMs,
  },
  {
    says: "periodMs must exceed precisionMs + messageDelayMs: no leader moves an entry by a period",
    holds: (p) => p.periodMs > p.precisionMs + p.messageDelayMs,
  },
  { says: "ratingCap must not be 0", holds: (p) => p.ratingCap > 0n },
  {
    says: "minDeliverMs ≤ defaultDeliverMs ≤ maxDeliverMs must hold",
    holds: (p) => p.minDeliverMs <= p.defaultDeliverMs && p.defaultDeliverMs <= p.maxDeliverMs,
  },
  {
    says: "minSettleMs ≤ defaultSettleMs ≤ maxSettleMs must hold",
    holds: (p) => p.minSettleMs <= p.defaultSettleMs && p.defaultSettleMs <= p.maxSettleMs,
  },
  {
    says: "minDeliverMs, minSettleMs and verdictMs must be at least 2·deltaMs + 3·precisionMs: who acts at once is in time",
    holds: (p) => Math.min(p.minDeliverMs, p.minSettleMs, p.verdictMs) >= safeRevealMs(p),
  },
  {
    says: "leastDisputeBond must be at least minFee: to be found wrong costs more than to say so",
    holds: (p) => p.leastDisputeBond >= p.minFee,
  },
  { says: "auctionDeposit must be at least minFee", holds: (p) => p.auctionDeposit >= p.minFee },
  {
    says: "maxValidityMs must cover an operation's way: at least 10·deltaMs",
    holds: (p) => p.maxValidityMs >= 10 * p.deltaMs,
  },
];

/** What is wrong with the parameters, or null. */
export const brokenRelation = (p: Params): string | null =>
  RELATIONS.find((relation) => !relation.holds(p))?.says ?? null;

/** A gap between entries beyond this is an outage, and does not eat a phase (spec/time#O1). */
export const outageMs = (p: Params): number => Math.max(10 * p.idleMs, 20 * p.deltaMs);
