// Which of a seller's auctions an auction is: found from its id, so that agents who meet anew agree on it.
import { equalBytes, type Hex, toHex } from "../../src/base/index.js";
import { type AgentId, type AuctionId, auctionIdOf, type Network } from "../../src/ledger/operation.js";

/** Nonces tried beyond the last one known: as many as a seller may leave out, and then some. */
const REACH = 100_000;

/** Remembers where each seller was, since auctions come in the order of their nonces. */
export class Ordinals {
  private readonly last = new Map<Hex, number>();

  constructor(private readonly network: Network) {}

  /** The nonce that made the auction's id (PROTOCOL §2.1); null if none within reach did. */
  of(seller: AgentId, auction: AuctionId): number | null {
    const key = toHex(seller);
    const from = this.last.get(key) ?? 0;
    for (let step = 0; step < REACH; step++) {
      // Forwards from the last one, and over the earlier ones last: notices may come again after a restart.
      const nonce = step < REACH / 2 ? from + step : from - 1 - (step - REACH / 2);
      if (nonce < 0) return null;
      if (!equalBytes(auctionIdOf(this.network, seller, nonce), auction)) continue;
      this.last.set(key, nonce);
      return nonce;
    }
    return null;
  }
}
