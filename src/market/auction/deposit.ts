// The deposit of an auction: what is held in everyone's state for a time is paid for that time (ADR 0028).
import type { Params } from "../../ledger/index.js";
import { type AuctionTerms, leasedLot } from "./terms.js";

/** The times for which an auction's rows are certain to be held. */
export type HeldTerms = Pick<
  AuctionTerms,
  "direction" | "lot" | "openMs" | "commitMs" | "revealMs" | "deliverMs" | "settleMs"
>;

const HOUR_MS = 60 * 60 * 1000;

/**
 * What its creation locks until its rows are forgotten: `auctionDeposit`, and `auctionDepositPerHour` for each further
 * hour begun of the time from its creation to its opening, of its two windows, and of those of its trades, which wait for
 * a lot that can be used later only, or to the end of the window that is leased.
 */
export function depositOf(
  terms: HeldTerms,
  createdMs: number,
  { auctionDeposit, auctionDepositPerHour }: Pick<Params, "auctionDeposit" | "auctionDepositPerHour">,
): bigint {
  const { lot, openMs, commitMs, revealMs, deliverMs, settleMs } = terms;
  const decidedMs = Math.max(openMs, createdMs) + commitMs + revealMs;
  const usableMs = deliverMs > 0 ? Math.max(decidedMs, lot.fromMs ?? 0) : decidedMs;
  const overMs = Math.max(usableMs + deliverMs + settleMs, leasedLot(terms)?.toMs ?? 0);
  const heldMs = overMs - createdMs;
  const hours = Math.max(1, Math.ceil(heldMs / HOUR_MS));
  return auctionDeposit + auctionDepositPerHour * BigInt(hours - 1);
}
