// The name by which draws about a trade go: of demo agents' trades the same in every run of a seed.
import { toHex } from "../../src/base/index.js";
import type { AgentId } from "../../src/ledger/index.js";
import type { Trade } from "../../src/market/index.js";
import { offerName } from "./nature.js";
import type { Ordinals } from "./ordinal.js";

/** Whom demo agents know, and what of a seller's is which. */
export interface Acquaintance {
  readonly ordinals: Ordinals;
  /** the place of a seller among the demo sellers; null: it is somebody else */
  sellerPlace(seller: AgentId): number | null;
}

export function tradeName(
  { auction, performer, buyer }: Pick<Trade, "auction" | "performer" | "buyer">,
  { ordinals, sellerPlace }: Acquaintance,
): string {
  const place = sellerPlace(performer);
  const nth = place === null ? null : ordinals.of(performer, auction);
  const name = place === null || nth === null ? toHex(auction) : offerName(place, nth);
  return `${name}/${toHex(buyer)}`;
}
