// Row: from the start of a testnet to its first settled auction.
import { performance } from "node:perf_hooks";
import { LOCAL_TESTNET_PARAMS } from "../../../src/ledger/index.js";
import { withPhases } from "../phase.js";
import { Program } from "../program.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

export const FIRST_AUCTION: RowPlan = {
  name: "first-auction",
  unit: "s from the start of a testnet to its first settled auction",
  limit: "the start of a process with one bare libp2p host, and the window of one auction's bids",
  target: { of: "value", bound: "at most", amount: 10 },
};

export async function firstAuctionRows(): Promise<readonly BenchRow[]> {
  const startedAtMs = performance.now();
  await withPhases((start) => start("bare-hosts").do("start", null));
  const processMs = performance.now() - startedAtMs;
  const { defaultCommitMs } = LOCAL_TESTNET_PARAMS;
  const limitMs = processMs + defaultCommitMs;
  return [rowOf(FIRST_AUCTION, (await firstSettledMs()) / 1000, limitMs / 1000)];
}

async function firstSettledMs(): Promise<number> {
  const startedAtMs = performance.now();
  const testnet = await Program.start(["testnet", "up"]);
  try {
    await testnet.line(/ settled +/);
    return performance.now() - startedAtMs;
  } finally {
    await testnet.stop();
  }
}
