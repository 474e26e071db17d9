// A seller: brings one offer after another to market, each when it is asked to.
import { type AuctionId, FORMATS, type FormatName } from "../../src/market/index.js";
import type { PlannedAgent } from "../plan.js";
import type { Journal } from "./journal.js";
import type { MarketAccess } from "./market-access.js";
import type { Nature } from "./nature.js";

/** How long bids and reveals are taken, a delivery may take, and a buyer may look at it: in ledger ms. */
export interface Windows {
  readonly commitMs: number;
  readonly revealMs: number;
  readonly deliverMs: number;
  readonly settleMs: number;
}

export interface SellerWorld {
  readonly access: MarketAccess;
  readonly nature: Nature;
  readonly journal: Journal;
  readonly windows: Windows;
  /** which its offers take in turn: at least one */
  readonly formats: readonly FormatName[];
  /** The seller's next bulk nonce as far as final entries tell: where its offers go on after a restart. */
  nextNonce(): number;
}

export class Seller {
  private nth: number;

  constructor(
    private readonly self: PlannedAgent,
    private readonly world: SellerWorld,
  ) {
    this.nth = world.nextNonce();
  }

  /** Opens an auction of its next offer. @returns its id, or null if the peer refused; the offer then is brought again */
  async openNext(): Promise<AuctionId | null> {
    const { access, nature, journal, windows, formats } = this.world;
    const offer = nature.offer(this.self.place, this.nth);
    const format = formats[this.nth % formats.length]!;
    this.nth++;
    const result = await access.command({
      kind: "createAuction",
      from: this.self.key.publicKey,
      format: { kind: format },
      direction: "sell",
      lot: offer.lot,
      reserve: FORMATS[format].isDivisible ? offer.reserve / BigInt(offer.lot.units) : offer.reserve,
      lockups: [offer.lockup],
      startInMs: 0,
      ...windows,
      hiddenReserve: null,
      standingWeight: null,
      value: FORMATS[format].isDivisible ? offer.lockup : null,
      bond: 0n,
    });
    if (result.ok) return result.auction;
    this.nth--;
    journal.refused(this.self.name, "auction", result.refusal);
    return null;
  }
}
