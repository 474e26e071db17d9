// Which windows a seller offers next: one after the other, without a gap, some ahead of their time.
import { equalBytes } from "../../base/index.js";
import type { Ledger } from "../../ledger/index.js";
import { AUCTIONS } from "../auction/auctions.js";
import { leasedLot } from "../auction/terms.js";
import type { Shared } from "./using.js";

/** How windows are sold, in ms. */
export interface WindowSale {
  /** how long one is; each ends at a multiple of it since 1970 */
  readonly windowMs: number;
  /** how many are offered ahead of the one that runs, at least one */
  readonly ahead: number;
  /** how long before its begin one is offered, at least: for bids, reveals and their way into the log */
  readonly leadMs: number;
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The next window to be offered; null: enough are. The first begins as soon as it can be sold, so it may be shorter or longer than
 * the others, by half at most.
 */
export function nextWindow(
  ledger: Ledger,
  shared: Shared,
  { windowMs, ahead, leadMs }: WindowSale,
  nowMs: number,
): Window | null {
  const endMs = offeredToMs(ledger, shared);
  if (endMs > nowMs + leadMs + ahead * windowMs) return null;
  const soonMs = Math.ceil((nowMs + leadMs) / 1000) * 1000;
  const fromMs = Math.max(endMs, soonMs);
  const boundaryMs = (Math.floor(fromMs / windowMs) + 1) * windowMs;
  return { fromMs, toMs: 2 * (boundaryMs - fromMs) < windowMs ? boundaryMs + windowMs : boundaryMs };
}

/** Up to when windows have been offered, sold or not. */
function offeredToMs(ledger: Ledger, { seller, capability }: Shared): number {
  let endMs = 0;
  for (const { creator, terms, phase } of ledger.table(AUCTIONS).values()) {
    const lot = leasedLot(terms);
    if (lot === null || lot.capability !== capability || phase.kind === "void") continue;
    if (equalBytes(creator, seller)) endMs = Math.max(endMs, lot.toMs);
  }
  return endMs;
}
