// The deposit of an auction: what is held in everyone's state for a time is paid for that time (ADR 0028).
import type { Params } from "../../ledger/index.js";
import type { AuctionTerms } from "./terms.js";

const HOUR_MS = 60 * 60 * 1000;

/**
 * What its creation locks until its rows are forgotten: `auctionDeposit`, and `auctionDepositPerHour` for each further
 * hour begun of the time from its creation to its opening and of its two windows.
 */
export function depositOf(
  { openMs, commitMs, revealMs }: Pick<AuctionTerms, "openMs" | "commitMs" | "revealMs">,
  createdMs: number,
  { auctionDeposit, auctionDepositPerHour }: Pick<Params, "auctionDeposit" | "auctionDepositPerHour">,
): bigint {
  const waitMs = Math.max(0, openMs - createdMs);
  const hours = Math.max(1, Math.ceil((waitMs + commitMs + revealMs) / HOUR_MS));
  return auctionDeposit + auctionDepositPerHour * BigInt(hours - 1);
}
