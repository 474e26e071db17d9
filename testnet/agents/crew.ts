// The crew: all demo agents of a network, each at the peer that holds its key.
import { toHex } from "../../src/base/index.js";
import type { Network } from "../../src/ledger/index.js";
import type { FormatName } from "../../src/market/index.js";
import type { PlannedAgent, TestnetPlan } from "../plan.js";
import type { Stall } from "./auctioneer.js";
import { Bidder } from "./bidder.js";
import { Endings } from "./endings.js";
import type { Journal } from "./journal.js";
import { Juror } from "./juror.js";
import type { MarketAccess } from "./market-access.js";
import { Nature } from "./nature.js";
import { OpenTrades } from "./open-trades.js";
import { Ordinals } from "./ordinal.js";
import { Owner, ownershipsAmong } from "./owner.js";
import { Performer } from "./performer.js";
import { Seller, type Windows } from "./seller.js";
import { STRATEGIES } from "./strategy.js";
import { Taker } from "./taker.js";
import { Treasurer } from "./treasurer.js";

export interface CrewWorld {
  readonly plan: TestnetPlan;
  readonly network: Network;
  readonly windows: Windows;
  /** how long seats may judge a dispute, in ms */
  readonly verdictMs: number;
  readonly journal: Journal;
  /** formats that a seller's offers take in turn */
  readonly formats: readonly FormatName[];
  /** The peer at a place of the plan; null: another process has it, and puts its agents to work. */
  accessOf(peer: number): MarketAccess | null;
  /** The next bulk nonce of an agent, by final entries. */
  nextNonceOf(agent: PlannedAgent): number;
}

export interface Crew {
  readonly stalls: readonly Stall[];
  /** Resolves when the sellers' trades have ended, or with `stop`. */
  tradesOver(): Promise<void>;
  /** Agents hear of nothing more; auctions that run go on without them. */
  stop(): void;
}

/** An auction is given its windows, and this much besides, before it is called late. */
const PATIENCE_MS = 60_000;

/**
 * Puts the demo agents of these peers to work: bidders listen, the treasurer looks on, sellers deliver and wait to be
 * called, owners of seats judge, and one bidder lets others spend of its funds.
 */
export function startCrew(world: CrewWorld): Crew {
  const { plan, journal } = world;
  const sellers = plan.agentPlans.filter(({ role }) => role === "seller");
  const bidders = plan.agentPlans.filter(({ role }) => role === "bidder");
  const jurors = plan.agentPlans.filter(({ role }) => role === "juror");
  const buyers = new Set(bidders.map(({ key }) => toHex(key.publicKey)));
  const places = new Map(sellers.map(({ key, place }) => [toHex(key.publicKey), place]));
  const shared = {
    nature: new Nature(plan.seed),
    ordinals: new Ordinals(world.network),
    strategy: STRATEGIES.equilibrium,
    rivals: bidders.length - 1,
    journal,
    sellerPlace: (seller: Uint8Array) => places.get(toHex(seller)) ?? null,
  };
  const stops = bidders.flatMap((self) => {
    const access = world.accessOf(self.peer);
    if (access === null) return [];
    return [new Bidder(self, { ...shared, access }).start(), new Taker(self, { ...shared, access }).start()];
  });
  const homes = new Set(sellers.flatMap(({ peer }) => world.accessOf(peer) ?? []));
  const open = [...homes].map((access) => new OpenTrades(access));
  for (const self of sellers) {
    const access = world.accessOf(self.peer);
    if (access !== null) stops.push(new Performer(self, { ...shared, access }).start());
  }
  for (const self of jurors) {
    const access = world.accessOf(self.peer);
    const isBidder = (agent: Uint8Array): boolean => buyers.has(toHex(agent));
    const { verdictMs } = world;
    if (access !== null) stops.push(new Juror(self, { ...shared, access, verdictMs, isBidder }).start());
  }
  for (const ownership of ownershipsAmong(bidders)) {
    const [access, childs] = [ownership.owner, ownership.child].map(({ peer }) => world.accessOf(peer));
    // Two processes exchange a child's word by people's hands.
    if (access != null && childs != null)
      stops.push(new Owner(ownership, { access, childs, journal }).start());
  }
  const first = world.accessOf(0);
  if (first !== null) {
    stops.push(new Treasurer(first, plan.faucet.publicKey, [...sellers, ...bidders], journal).start());
  }
  return {
    stalls: sellers.flatMap((self) => {
      const access = world.accessOf(self.peer);
      return access === null ? [] : [stallOf(self, access, world, shared.nature)];
    }),
    async tradesOver() {
      const { deliverMs, settleMs } = world.windows;
      const patienceMs = deliverMs + settleMs + world.verdictMs + PATIENCE_MS;
      await Promise.all(open.map((trades) => trades.over(patienceMs)));
    },
    stop() {
      for (const stop of stops) stop();
      for (const trades of open) trades.stop();
    },
  };
}

function stallOf(self: PlannedAgent, access: MarketAccess, world: CrewWorld, nature: Nature): Stall {
  const { windows, journal, formats } = world;
  const seller = new Seller(self, {
    access,
    nature,
    journal,
    windows,
    formats,
    nextNonce: () => world.nextNonceOf(self),
  });
  const endings = new Endings(access);
  const patienceMs = windows.commitMs + windows.revealMs + PATIENCE_MS;
  return {
    openNext: () => seller.openNext(),
    ended: (auction) => endings.of(auction, patienceMs),
  };
}
