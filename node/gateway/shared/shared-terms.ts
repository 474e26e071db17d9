// How a gateway shares its key with gateways of other owners: what it buys, what it sells, and who stands in for it.
import type { AgentId } from "../../../src/ledger/index.js";
import type { Shared, WindowSale } from "../../../src/market/index.js";

/** What it bids for of each window. */
export interface Buying {
  /** of 1,000; > 0 */
  readonly parts: number;
  /** the most it pays for one of them, micro-credits; > 0 */
  readonly price: bigint;
}

/** How the owner of the key sells it. */
export interface Selling extends WindowSale {
  /** parts that are not offered: with what nobody buys they are the seller's own */
  readonly kept: number;
  /** the least price of a part, micro-credits */
  readonly reserve: bigint;
  /** how long bids are taken and revealed, ms */
  readonly commitMs: number;
  readonly revealMs: number;
}

export interface SharedTerms {
  readonly shared: Shared;
  /** null: it takes what it is lent, and what it has as the seller */
  readonly buying: Buying | null;
  /** null: another sells */
  readonly selling: Selling | null;
  /** who may take its leases over, ascending */
  readonly deputies: readonly AgentId[];
  /** for how long it says each time that it holds them, ms */
  readonly termMs: number;
}
