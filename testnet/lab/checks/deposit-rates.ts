// What is held for an auction's rows, by the time for which they are certain to be kept (ADR 0028).
import type { Params } from "../../../src/ledger/params.js";
import type { AuctionTerms } from "../../../src/market/index.js";

export type DepositRates = Pick<Params, "auctionDeposit" | "auctionDepositPerHour">;

type Lasting = Pick<AuctionTerms, "lot" | "openMs" | "commitMs" | "revealMs" | "deliverMs" | "settleMs">;

const HOUR_MS = 3_600_000;

/** One for the first hour of the wait, of both windows and of the times of its trades, and one part for each hour begun after it. */
export function depositFor(
  { lot, openMs, commitMs, revealMs, deliverMs, settleMs }: Lasting,
  createdMs: number,
  { auctionDeposit, auctionDepositPerHour }: DepositRates,
): bigint {
  let deposit = auctionDeposit;
  let endMs = Math.max(openMs, createdMs) + commitMs + revealMs;
  if (deliverMs > 0 && lot.fromMs !== null && lot.fromMs > endMs) endMs = lot.fromMs;
  endMs += deliverMs + settleMs;
  for (let ms = createdMs + HOUR_MS; ms < endMs; ms += HOUR_MS) deposit += auctionDepositPerHour;
  return deposit;
}
