// Owners of gateways that share a key, over real peers in virtual time: each keeps its leases as a gateway does, before pools that only count.
import { LeaseKeeper, type SharedPools } from "../../../../node/gateway/shared/lease-keeper.js";
import type { PeerSide } from "../../../../node/gateway/shared/peer-side.js";
import type { SharedTerms } from "../../../../node/gateway/shared/shared-terms.js";
import { WindowMarket } from "../../../../node/gateway/shared/window-market.js";
import { type RefusedWish, Wishes } from "../../../../node/gateway/shared/wishes.js";
import type { Params } from "../../../../src/ledger/index.js";
import { AUCTIONS, type Lease, leasesOf, type Shared, soldWindows } from "../../../../src/market/index.js";
import { Cluster, type Host, idOf } from "../../../peer/cluster.js";

export const SHARED: Shared = { seller: idOf("sue"), capability: "key.team" };
export const WINDOW_MS = 20_000;
export const TERM_MS = 2_000;
const LOOK_MS = 50;

export const SELLS: SharedTerms = {
  shared: SHARED,
  buying: null,
  selling: {
    ...{ windowMs: WINDOW_MS, ahead: 1, leadMs: 4_000, kept: 100, reserve: 10n },
    ...{ commitMs: 1_000, revealMs: 1_200 },
  },
  deputies: [],
  termMs: TERM_MS,
};
export const buys = (parts: number, more: Partial<SharedTerms> = {}): SharedTerms => ({
  ...SELLS,
  selling: null,
  buying: { parts, price: 50n },
  ...more,
});

/** Pools whose whole part is used all the time. */
class BusyPools implements SharedPools {
  parts = 0;
  private sinceMs: number;

  constructor(private readonly nowMs: () => number) {
    this.sinceMs = nowMs();
  }

  setParts(parts: number): void {
    this.parts = parts;
  }

  flowed() {
    const sinceMs = this.sinceMs;
    this.sinceMs = this.nowMs();
    return { used: this.parts * (this.sinceMs - sinceMs), lent: 0 };
  }
}

export class Owner {
  readonly pools: BusyPools;
  readonly keeper: LeaseKeeper;
  readonly refused: RefusedWish[] = [];
  isClockRight = true;
  isRunning = true;
  /** owners that serve again, whose leases it has taken over */
  isBack = false;
  private readonly market: WindowMarket;

  constructor(
    private readonly cluster: Cluster,
    private readonly host: Host,
    readonly name: string,
    terms: SharedTerms,
  ) {
    const side = this.side();
    this.pools = new BusyPools(() => side.nowMs());
    const fail = (error: unknown) => {
      throw error;
    };
    const wishes = new Wishes(side, (one) => this.refused.push(one), fail);
    this.keeper = new LeaseKeeper(terms, side, this.pools, wishes, () => this.isBack);
    this.market = new WindowMarket(terms, side, wishes);
  }

  private side(): PeerSide {
    const { cluster, host, name } = this;
    const isClockRight = () => this.isClockRight;
    return {
      get state() {
        return host.live;
      },
      agent: idOf(name),
      get isClockRight() {
        return isClockRight();
      },
      nowMs: () => cluster.nowMs + host.skewMs,
      command: async (command) => cluster.command(host, command),
    };
  }

  look(): void {
    if (!this.isRunning) return;
    this.keeper.look();
    this.market.look();
  }
}

export class Owners {
  readonly cluster: Cluster;
  readonly all: readonly Owner[];

  constructor(terms: Readonly<Record<string, SharedTerms>>, params: Partial<Params> = {}) {
    const names = Object.keys(terms);
    this.cluster = new Cluster({
      agents: [0, 1, 2, 3].map((i) => (names[i] === undefined ? [] : [names[i]])),
      params: { precisionMs: 50, retainMs: 60_000, ...params },
    });
    this.all = names.map((name) => new Owner(this.cluster, this.cluster.homeOf(name), name, terms[name]!));
  }

  of(name: string): Owner {
    return this.all.find((one) => one.name === name)!;
  }

  /** Lets time pass, in which each looks often. @returns whether it came to what was waited for */
  async pass(ms: number, done: () => boolean = () => false): Promise<boolean> {
    for (let passed = 0; passed < ms; passed += LOOK_MS) {
      if (done()) return true;
      this.cluster.run(LOOK_MS);
      for (const one of this.all) one.look();
      await Promise.resolve();
    }
    return done();
  }

  /** By the first peer. */
  leases(): readonly Lease[] {
    const { ledger } = this.cluster.host(0).live;
    const ids = soldWindows(ledger, SHARED, 0).map(({ auction }) => auction);
    return ids.flatMap((id) => leasesOf(ledger, id));
  }

  get windows(): number {
    return this.cluster.host(0).live.ledger.table(AUCTIONS).size;
  }

  parts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.all.map(({ name, pools }) => [name, pools.parts]));
  }
}
