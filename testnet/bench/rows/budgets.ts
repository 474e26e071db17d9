// Rows: bids that are paid for through trees of budgets, beside bids of agents who pay for themselves.
import { MAX_BUDGET_DEPTH } from "../../../src/ledger/index.js";
import { byTurns, medianPair } from "../pairs.js";
import { withPhases } from "../phase.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

/** As deep as a tree of budgets may be. */
const DEPTH = MAX_BUDGET_DEPTH;

export const BUDGET_BID: RowPlan = {
  name: "budget-bid",
  unit: `CPU-µs to admit a bid, decoded, verified, kept and counted: ${DEPTH} budgets above its bidder`,
  limit: "the same: none",
  target: { of: "ratio", bound: "at most", amount: 1.1 },
};

const TURNS = 15;
const WARM_UPS = 4;

export async function budgetBidRows(): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const phase = start("budgeted-admission");
    const admit = (depth: number) => () => phase.do("admit", depth);
    await byTurns(WARM_UPS, admit(DEPTH), admit(0));
    const { ours, limit } = medianPair(await byTurns(TURNS, admit(DEPTH), admit(0)));
    return [rowOf(BUDGET_BID, ours * 1000, limit * 1000)];
  });
}

const BIDS = 1000;
const BID_TURNS = 7;

export const BUDGET_ENTRY: RowPlan = {
  name: "budget-entry",
  unit: `CPU-ms of an entry, rows written, of ${BIDS} bids in as many auctions: ${DEPTH} budgets above each bidder, no two of one tree`,
  limit: "the same: none",
  target: { of: "value", bound: "at most", amount: 200 },
};

export async function budgetEntryRows(): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const phase = start("execution");
    const bid = (depth: number) => () => phase.do("bid", { depth, children: BIDS });
    await byTurns(1, bid(DEPTH), bid(0));
    const { ours, limit } = medianPair(await byTurns(BID_TURNS, bid(DEPTH), bid(0)));
    return [rowOf(BUDGET_ENTRY, ours, limit)];
  });
}
