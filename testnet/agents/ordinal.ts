// Which of a seller's auctions an auction is: found from its id, so that agents who meet anew agree on it.
import { equalBytes, type Hex, toHex } from "../../src/base/index.js";
import type { AgentId, Network } from "../../src/ledger/index.js";
import { type AuctionId, auctionIdOf } from "../../src/market/index.js";

/** Nonces tried on each side of the last one known: more than a seller leaves out, or has at once. */
const REACH = 10_000;
/** Answers that are remembered: every bidder asks the same. */
const MAX_REMEMBERED = 1024;

/** Auctions come roughly in the order of their nonces, so the search begins where the last one ended. */
export class Ordinals {
  private readonly last = new Map<Hex, number>();
  private readonly answers = new Map<Hex, number | null>();

  constructor(private readonly network: Network) {}

  /** The nonce that made the auction's id (spec/encoding#hash-tags); null if none within reach did. */
  of(seller: AgentId, auction: AuctionId): number | null {
    const key = toHex(auction);
    const known = this.answers.get(key);
    if (known !== undefined) return known;
    const found = this.search(seller, auction);
    if (this.answers.size >= MAX_REMEMBERED) this.answers.clear();
    this.answers.set(key, found);
    return found;
  }

  private search(seller: AgentId, auction: AuctionId): number | null {
    const key = toHex(seller);
    const from = this.last.get(key) ?? 0;
    const made = (nonce: number): boolean =>
      nonce >= 0 && equalBytes(auctionIdOf(this.network, seller, nonce), auction);
    for (let step = 0; step < REACH; step++) {
      const found = [from + step, from - step].find(made);
      if (found === undefined) continue;
      this.last.set(key, found);
      return found;
    }
    return null;
  }
}
