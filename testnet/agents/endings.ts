// Endings: which auctions are over, by the notices of one peer, for whoever waits for one.
import { type Hex, toHex } from "../../src/base/index.js";
import type { AuctionId } from "../../src/market/index.js";
import type { Notice } from "../../src/peer/ready.js";
import type { MarketAccess } from "./market-access.js";

export class Endings {
  private readonly waiting = new Map<Hex, (ended: boolean) => void>();

  /** Listens for as long as the process of `access` lives. */
  constructor(access: Pick<MarketAccess, "subscribe">) {
    access.subscribe((notice) => this.hear(notice));
  }

  /**
   * Whether the auction ends within `patienceMs` of real time. One caller waits for one auction, from when its creation
   * was answered: no auction is over before that.
   */
  of(auction: AuctionId, patienceMs: number): Promise<boolean> {
    const key = toHex(auction);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.tell(key, false), patienceMs).unref();
      this.waiting.set(key, (ended) => {
        clearTimeout(timer);
        resolve(ended);
      });
    });
  }

  private hear(notice: Notice): void {
    const isEnd =
      notice.kind === "auctionSettled" || (notice.kind === "auctionPhase" && notice.phase === "cancelled");
    if (isEnd) this.tell(toHex(notice.auction), true);
  }

  private tell(key: Hex, ended: boolean): void {
    const resolve = this.waiting.get(key);
    this.waiting.delete(key);
    resolve?.(ended);
  }
}
