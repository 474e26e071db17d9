// What an auction's creation sets aside until its rows are forgotten, computed again in the dullest way (ADR 0028).
import type { Params } from "../../src/ledger/params.js";
import type { AuctionTerms } from "../../src/market/index.js";

export type DepositRates = Pick<Params, "auctionDeposit" | "auctionDepositPerHour">;

const HOUR_MS = 3_600_000;

/** One for the first hour of the wait and both windows, and one part for each hour begun after it. */
export function depositFor(
  { openMs, commitMs, revealMs }: Pick<AuctionTerms, "openMs" | "commitMs" | "revealMs">,
  createdMs: number,
  { auctionDeposit, auctionDepositPerHour }: DepositRates,
): bigint {
  let deposit = auctionDeposit;
  const endMs = Math.max(openMs, createdMs) + commitMs + revealMs;
  for (let ms = createdMs + HOUR_MS; ms < endMs; ms += HOUR_MS) deposit += auctionDepositPerHour;
  return deposit;
}
