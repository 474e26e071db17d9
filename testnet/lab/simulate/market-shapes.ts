// Shapes of runs in which a broken rule of the market does harm: who sells what, who bids, and when the network fails.
import { quiet } from "./faults.js";
import { auction, CALM_FLOOD, floodAuctions } from "./flood.js";
import type { Scenario } from "./scenario.js";
import { type AuctionPlan, type DeliveryPlan, LOCKUP, type Workload } from "./workload.js";

const sells = (auctions: readonly AuctionPlan[]): Workload => ({ auctions, payments: [] });

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
  timing: { ...scenario.timing, deltaMs: 100, precisionMs: 50, idleMs: 400 },
  workload: sells(
    Array.from({ length: 10 }, (_, i) =>
      withheld(
        auction(scenario, i, {
          name: `lapse-${String(i).padStart(2, "0")}`,
          atMs: 400 + 50 * i,
          lapsesInMs: 60 + 140 * i,
        }),
      ),
    ),
  ),
});

const DELIVERY: DeliveryPlan = {
  deliverMs: 3_000,
  settleMs: 2_000,
  performs: "delivers",
  isAccepted: true,
  meddles: false,
  dispute: null,
};

/** One lot is delivered, or is to be. */
export const oneTrade =
  (wishes: Partial<DeliveryPlan>) =>
  (scenario: Scenario): Scenario => ({
    ...scenario,
    workload: sells([auction(scenario, 0, { delivery: { ...DELIVERY, ...wishes } })]),
  });

/** One seller gives up so many trades one after the other, beside one that still runs when the run ends. */
export const givesUpOften =
  (times: number) =>
  (scenario: Scenario): Scenario => ({
    ...scenario,
    ...{ healMs: 9_000, endMs: 14_000 },
    workload: sells([
      ...Array.from({ length: times }, (_, i) =>
        auction(scenario, i, {
          ...{ name: `failure-${i}`, atMs: 800 + 400 * i, creator: 0, ...PRICED },
          ...{ bids: lastBid(scenario, i), delivery: { ...DELIVERY, performs: "givesUp" } },
        }),
      ),
      auction(scenario, times, {
        ...{ name: "running", atMs: 400, creator: 0, ...PRICED, bids: lastBid(scenario, times) },
        delivery: { ...DELIVERY, deliverMs: 600_000, performs: "forgets" },
      }),
    ]),
  });

/** So that stake answers for all of them at once. */
const PRICED = { lockups: [(LOCKUP * 3n) / 4n], reserve: LOCKUP / 2n };

/** Of one host, and no two the same. */
const lastBid = ({ peers }: Scenario, nth: number): AuctionPlan["bids"] => [
  {
    ...{ host: peers - 1, amount: LOCKUP / 2n + BigInt(nth + 1) * 1_000_000_007n, units: null, delayMs: 0 },
    ...{ crashForMs: null, isWithheld: false },
  },
];

/** While a delivery is waited for in vain nobody hears anybody, until after its time would be over. */
export function cutOffAmidDelivery(scenario: Scenario): Scenario {
  const timing = { ...scenario.timing, deltaMs: 60, precisionMs: 30, idleMs: 200 };
  const hosts = Array.from({ length: scenario.peers }, (_, host) => host);
  const cuts = hosts.flatMap((a) => hosts.filter((b) => b !== a).map((b): [number, number] => [a, b]));
  const delivery = { ...DELIVERY, deliverMs: 5_000, performs: "forgets" } as const;
  return {
    ...scenario,
    timing,
    faults: {
      ...quiet(scenario.faults),
      clockOffsetsMs: hosts.map(() => 0),
      partitions: [{ atMs: 5_000, durationMs: 4_000, cuts }],
    },
    workload: sells([auction({ ...scenario, timing }, 0, { delivery })]),
  };
}

/** Everybody bids where there is room for two reveals. */
export const everyoneBids = (scenario: Scenario): Scenario => ({
  ...scenario,
  revealCapacity: 2,
  workload: sells([auction(scenario, 0), auction(scenario, 1, { atMs: 700 })]),
});

/** Everybody bids at once where the third place in a slot costs more than the first two. */
export const everyoneBidsAtOnce = (scenario: Scenario): Scenario => ({
  ...everyoneBids(scenario),
  revealCapacity: 4,
});

/** Nothing goes wrong but the flood, and there are no other auctions. */
export function floodOfOpenings(scenario: Scenario): Scenario {
  return {
    ...scenario,
    openings: CALM_FLOOD.shelf,
    faults: quiet(scenario.faults),
    workload: sells(floodAuctions(scenario, 0)),
    endMs: Math.max(scenario.endMs, scenario.healMs + CALM_FLOOD.lastsMs),
  };
}
