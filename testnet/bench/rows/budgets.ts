// Rows: bids that are paid for through trees of budgets, beside bids of agents who pay for themselves.
import { byTurns, medianPair } from "../pairs.js";
import { withPhases } from "../phase.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

const admitting = (depth: number): RowPlan => ({
  name: `budget-bid-${depth}`,
  unit: `CPU-µs to admit a bid, decoded, verified, kept and counted: ${depth} budgets above its bidder`,
  limit: "the same: none",
  target: { of: "ratio", bound: "at most", amount: 1.1 },
});

export const BUDGET_BID_4 = admitting(4);
export const BUDGET_BID_8 = admitting(8);

const TURNS = 15;
const WARM_UPS = 4;

export async function budgetBidRows(): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const phase = start("budgeted-admission");
    const rowFor = async (plan: RowPlan, depth: number): Promise<BenchRow> => {
      const admit = (levels: number) => () => phase.do("admit", levels);
      await byTurns(WARM_UPS, admit(depth), admit(0));
      const { ours, limit } = medianPair(await byTurns(TURNS, admit(depth), admit(0)));
      return rowOf(plan, ours * 1000, limit * 1000);
    };
    return [await rowFor(BUDGET_BID_4, 4), await rowFor(BUDGET_BID_8, 8)];
  });
}

const BIDS = 1000;
const DEPTH = 8;
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
