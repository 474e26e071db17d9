// Shapes of runs in which a broken rule of the market does harm: who sells what, who bids, and when the network fails.
import { CALM, type Faults } from "./faults.js";
import type { Scenario } from "./scenario.js";
import { type AuctionPlan, type BidPlan, LOCKUP, type Workload } from "./workload.js";

const quiet = (faults: Faults): Faults => ({
  ...faults,
  weather: CALM,
  partitions: [],
  crashes: [],
  pauses: [],
});

const sells = (auctions: readonly AuctionPlan[]): Workload => ({ auctions, payments: [] });

/** As long as the least that the network's timing allows, and a second. */
const phaseMsOf = ({ timing }: Scenario): number => 2 * timing.deltaMs + 3 * timing.precisionMs + 1_000;

/**
 * The nth auction, in which all but its seller bid; no two amounts are the same, or the first that is opened would tell
 * of the others.
 */
function auction(scenario: Scenario, nth: number, wishes: Partial<AuctionPlan> = {}): AuctionPlan {
  const { peers } = scenario;
  const seller = nth % peers;
  const bidders = Array.from({ length: peers }, (_, host) => host).filter((host) => host !== seller);
  return {
    name: `lot-${nth}`,
    atMs: 400,
    seller,
    startInMs: 0,
    commitMs: phaseMsOf(scenario),
    revealMs: phaseMsOf(scenario),
    lockups: [LOCKUP],
    reserve: 0n,
    hiddenReserve: null,
    sellerBond: 0n,
    lapsesInMs: null,
    bids: bidders.map((host): BidPlan => {
      const amount = (1n << 36n) + BigInt(nth * peers + host + 1) * 1_000_000_007n;
      return { host, amount, delayMs: 0, crashForMs: null, isWithheld: false };
    }),
    ...wishes,
  };
}

/** The last bidder keeps its reveal to itself. */
const withheld = (plan: AuctionPlan): AuctionPlan => ({
  ...plan,
  bids: plan.bids.map((bid, i) => ({ ...bid, isWithheld: i === plan.bids.length - 1 })),
});

/** A bid that is never shown: REVEAL has to last as long as its window. */
export const oneWithholds = (scenario: Scenario): Scenario => ({
  ...scenario,
  workload: sells([withheld(auction(scenario, 0))]),
});

/** While bids are taken nobody hears anybody, for longer than the network calls an outage. */
export function cutOffAmidOpen(scenario: Scenario): Scenario {
  const timing = { ...scenario.timing, deltaMs: 60, precisionMs: 30, idleMs: 200 };
  const hosts = Array.from({ length: scenario.peers }, (_, host) => host);
  const cuts = hosts.flatMap((a) => hosts.filter((b) => b !== a).map((b): [number, number] => [a, b]));
  return {
    ...scenario,
    timing,
    faults: {
      ...quiet(scenario.faults),
      clockOffsetsMs: hosts.map(() => 0),
      partitions: [{ atMs: 2_500, durationMs: 4_000, cuts }],
    },
    workload: sells([auction({ ...scenario, timing }, 0, { commitMs: 6_000 })]),
  };
}

/** Rows of ended auctions go after three seconds. */
export const soonForgotten = (scenario: Scenario): Scenario => ({
  ...scenario,
  retainMs: 3_000,
  workload: sells([auction(scenario, 0)]),
});

/**
 * Lots that lapse one after the other about when their auctions close: of some, between the close that was due and the
 * entry that settles. One bid of each is not shown, or REVEAL would end early.
 */
export const lotsLapseAtTheClose = (scenario: Scenario): Scenario => ({
  ...scenario,
  timing: { ...scenario.timing, idleMs: 400 },
  workload: sells(
    Array.from({ length: 10 }, (_, i) =>
      withheld(
        auction(scenario, i, {
          name: `lapse-${String(i).padStart(2, "0")}`,
          atMs: 400 + 50 * i,
          lapsesInMs: 400 + 200 * i,
        }),
      ),
    ),
  ),
});

/** Everybody bids where there is room for two reveals. */
export const everyoneBids = (scenario: Scenario): Scenario => ({
  ...scenario,
  revealCapacity: 2,
  workload: sells([auction(scenario, 0), auction(scenario, 1, { atMs: 700 })]),
});

/**
 * Bids of auctions with long windows are opened all at once, with those of one whose window is short: more than a shelf
 * holds. Nothing burns but where what had no room, or made room, is never let in again.
 */
export function floodOfOpenings(scenario: Scenario): Scenario {
  const { healMs } = scenario;
  const atMs = healMs + 600;
  const flood = [0, 1, 2].map((i) => auction(scenario, i, { name: `flood-${i}`, atMs, revealMs: 12_000 }));
  const short = auction(scenario, 3, { name: "short", atMs, revealMs: 2 * phaseMsOf(scenario) });
  return {
    ...scenario,
    openings: 3,
    faults: quiet(scenario.faults),
    workload: sells([...flood, short]),
    endMs: Math.max(scenario.endMs, healMs + 45_000),
  };
}
