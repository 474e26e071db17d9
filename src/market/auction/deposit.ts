// The deposit of an auction: what is held in everyone's state for a time is paid for that time (ADR 0028).
import type { Params } from "../../ledger/index.js";
import type { AuctionTerms } from "./terms.js";

/** The times for which an auction's rows are certain to be held. */
export type HeldTerms = Pick<
  AuctionTerms,
  "lot" | "openMs" | "commitMs" | "revealMs" | "deliverMs" | "settleMs"
>;

const HOUR_MS = 60 * 60 * 1000;

/**
 * What its creation locks until its rows are forgotten: `auctionDeposit`, and `auctionDepositPerHour` for each further
 * hour begun of the time from its creation to its opening, of its two windows, and of those of its trades: these wait for
 * a lot that can be used later only.
 */
export function depositOf(
  { lot, openMs, commitMs, revealMs, deliverMs, settleMs }: HeldTerms,
  createdMs: number,
  { auctionDeposit, auctionDepositPerHour }: Pick<Params, "auctionDeposit" | "auctionDepositPerHour">,
): bigint {
  const decidedMs = Math.max(openMs, createdMs) + commitMs + revealMs;
  const usableMs = deliverMs > 0 ? Math.max(decidedMs, lot.fromMs ?? 0) : decidedMs;
  const heldMs = usableMs + deliverMs + settleMs - createdMs;
  const hours = Math.max(1, Math.ceil(heldMs / HOUR_MS));
  return auctionDeposit + auctionDepositPerHour * BigInt(hours - 1);
}
