// The flooder of openings: more bids are opened at once than a shelf holds, beside an auction whose window is short.
import { DEFAULT_FORMAT } from "../../../src/market/index.js";
import { astrayHosts } from "./clock-faults.js";
import type { Scenario } from "./scenario.js";
import { type AuctionPlan, type BidPlan, LOCKUP } from "./workload.js";

export const CALM_FLOOD = {
  /** how many openings of others a host's shelf holds, so that a few fill it */
  shelf: 3,
  /** virtual ms from healing until everything has settled */
  lastsMs: 45_000,
};
/** How long the flooder's windows are. */
const LONG_MS = 12_000;

/** As long as the least that the network's timing allows, and a second. */
const phaseMsOf = ({ timing }: Scenario): number => 2 * timing.deltaMs + 3 * timing.precisionMs + 1_000;

/** Whose clock is right: an auction opens and closes by its seller's idea of the time. */
function sellersOf({ peers, faults, timing }: Scenario): readonly number[] {
  const astray = astrayHosts(faults.clockSteps, timing.precisionMs);
  return Array.from({ length: peers }, (_, host) => host).filter((host) => !astray.has(host));
}

/**
 * The nth auction, in which all but its seller bid; no two amounts are the same, or the first that is opened would tell
 * of the others.
 */
export function auction(scenario: Scenario, nth: number, wishes: Partial<AuctionPlan> = {}): AuctionPlan {
  const { peers } = scenario;
  const sellers = sellersOf(scenario);
  const creator = sellers[nth % sellers.length]!;
  const bidders = Array.from({ length: peers }, (_, host) => host).filter((host) => host !== creator);
  return {
    name: `lot-${nth}`,
    atMs: 400,
    creator,
    format: DEFAULT_FORMAT,
    direction: "sell",
    units: 1,
    startInMs: 0,
    commitMs: phaseMsOf(scenario),
    revealMs: phaseMsOf(scenario),
    lockups: [LOCKUP],
    reserve: 0n,
    hiddenReserve: null,
    standingWeight: null,
    bond: 0n,
    opensReserve: "atOnce",
    lapsesInMs: null,
    delivery: null,
    bids: bidders.map((host): BidPlan => {
      const amount = (1n << 36n) + BigInt(nth * peers + host + 1) * 1_000_000_007n;
      return { host, amount, units: null, delayMs: 0, crashForMs: null, isWithheld: false };
    }),
    ...wishes,
  };
}

/**
 * Three auctions with long windows and one with a short one, all opened together when the faults are over. Nothing burns
 * but where what had no room, or made room, is never let in again.
 * @param first amounts are those of this and the next auctions of the run
 */
export function floodAuctions(scenario: Scenario, first: number): readonly AuctionPlan[] {
  const atMs = scenario.healMs + 600;
  const flood = [0, 1, 2].map((i) =>
    auction(scenario, first + i, { name: `flood-${i}`, atMs, revealMs: LONG_MS }),
  );
  const revealMs = 2 * phaseMsOf(scenario);
  return [...flood, auction(scenario, first + 3, { name: "short", atMs, revealMs })];
}
