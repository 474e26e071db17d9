// When a sealed bid is published: at a random moment, because the moment itself would tell something.
import type { AuctionView } from "./shape/index.js";

/** PROTOCOL §2.4, "Timing leak": the first 80 % of the window. */
const SHARE_BP = 8000;

export interface Publication {
  /** from the opening of the window, or from now if it is open */
  readonly delayMs: number;
  readonly atMs: number;
}

/**
 * When a commit is published: after `wishedMs`, or else after a uniform part of what is left of the window, in any
 * case within the first 80 % of it. In a window that is over at once, so that the ledger itself refuses.
 * `random` is uniform in [0, 1).
 */
export function publicationOf(
  auction: AuctionView,
  nowMs: number,
  wishedMs: number | null,
  random: number,
): Publication {
  const opensMs = Math.max(Date.parse(auction.opensAt), nowMs);
  const leftMs = Math.max(0, Date.parse(auction.commitClosesAt) - opensMs);
  const latestMs = Math.floor((leftMs * SHARE_BP) / 10_000);
  const delayMs = Math.min(wishedMs ?? Math.floor(latestMs * random), latestMs);
  return { delayMs, atMs: opensMs + delayMs };
}
