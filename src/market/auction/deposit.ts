// The deposit of an auction: what is held in everyone's state for a time is paid for that time (ADR 0028).
import type { Params } from "../../ledger/index.js";
import type { AuctionTerms } from "./terms.js";

/** The times for which an auction's rows are certain to be held. */
export type HeldTerms = Pick<AuctionTerms, "openMs" | "commitMs" | "revealMs" | "deliverMs" | "settleMs">;

const HOUR_MS = 60 * 60 * 1000;

/**
 * What its creation locks until its rows are forgotten: `auctionDeposit`, and `auctionDepositPerHour` for each further
 * hour begun of the time from its creation to its opening, of its two windows, and of those of its trades.
 */
export function depositOf(
  { openMs, commitMs, revealMs, deliverMs, settleMs }: HeldTerms,
  createdMs: number,
  { auctionDeposit, auctionDepositPerHour }: Pick<Params, "auctionDeposit" | "auctionDepositPerHour">,
): bigint {
  const waitMs = Math.max(0, openMs - createdMs);
  const hours = Math.max(1, Math.ceil((waitMs + commitMs + revealMs + deliverMs + settleMs) / HOUR_MS));
  return auctionDeposit + auctionDepositPerHour * BigInt(hours - 1);
}
