// What an auction's creation sets aside until its rows are forgotten, computed again in the dullest way (ADR 0028).
import type { Params } from "../../src/ledger/params.js";
import type { AuctionTerms } from "../../src/market/index.js";

export type DepositRates = Pick<Params, "auctionDeposit" | "auctionDepositPerHour">;

const HOUR_MS = 3_600_000;

/** One for the first hour of both windows, and one part for each hour begun after it. */
export function depositFor(
  { commitMs, revealMs }: Pick<AuctionTerms, "commitMs" | "revealMs">,
  { auctionDeposit, auctionDepositPerHour }: DepositRates,
): bigint {
  let deposit = auctionDeposit;
  for (let ms = HOUR_MS; ms < commitMs + revealMs; ms += HOUR_MS) deposit += auctionDepositPerHour;
  return deposit;
}
