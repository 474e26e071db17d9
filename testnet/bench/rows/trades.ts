// Rows: what the end of an auction, and that of trades whose time is over, cost an entry.
import { medianOf } from "../median.js";
import { type PhaseProcess, withPhases } from "../phase.js";
import type { Ending } from "../phases/execution.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

const BIDS = 1000;
const TURNS = 11;
const WARM_UPS = 4;

const settling = (name: string, what: string): RowPlan => ({
  name,
  unit: `CPU-µs per bid: an entry settles an auction of ${BIDS} revealed bids, ${what}`,
  limit: "the rows of that entry: encoded, and the root made anew",
  target: { of: "value", bound: "at most", amount: 3 },
});

export const SETTLE_WHOLE = settling("settle-whole", "one wins and pays");
export const SETTLE_UNITS = settling("settle-units", "every second wins a unit and begins a trade");

/** The phase runs the auctions in turn, each in a new ledger; the median counts. */
export async function settleRows(): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const phase = start("execution");
    const rowFor = async (plan: RowPlan, ending: Ending): Promise<BenchRow> => {
      const costs = [];
      for (let turn = 0; turn < WARM_UPS + TURNS; turn++)
        costs.push(await phase.do("settle", { ending, bids: BIDS }));
      const measured = costs.slice(WARM_UPS);
      const executed = medianOf(measured.map(({ executedMs }) => executedMs));
      const written = medianOf(measured.map(({ writtenMs }) => writtenMs));
      return rowOf(plan, (executed * 1000) / BIDS, (written * 1000) / BIDS);
    };
    return [await rowFor(SETTLE_WHOLE, "whole"), await rowFor(SETTLE_UNITS, "units")];
  });
}

const TRADES = 10_000;
const ENDS = 128;
const ENTRIES = Math.ceil(TRADES / ENDS);

const overdue = (name: string, which: string): RowPlan => ({
  name,
  unit: `CPU-ms of an entry that ends ${ENDS} of ${TRADES} trades due at once, rows written: ${which}`,
  limit: `an entry of ${ENDS} transfers, rows written: ${which}`,
  target: { of: "value", bound: "at most", amount: 20 },
});

export const OVERDUE_ENTRY = overdue("overdue-entry", `the median of ${ENTRIES}`);
export const OVERDUE_WORST = overdue("overdue-worst", `the dearest of ${ENTRIES}`);

export async function overdueRows(): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const phase = start("execution");
    await endTrades(phase, TRADES / 5);
    const ours = await endTrades(phase, TRADES);
    const limit = await phase.do("transfers", { entries: ENTRIES, each: ENDS });
    return [
      rowOf(OVERDUE_ENTRY, medianOf(ours), medianOf(limit)),
      rowOf(OVERDUE_WORST, Math.max(...ours), Math.max(...limit)),
    ];
  });
}

async function endTrades(phase: PhaseProcess<"execution">, trades: number): Promise<readonly number[]> {
  const costs = await phase.do("overdue", trades);
  const most = Math.ceil(trades / ENDS);
  if (costs.length !== most)
    throw new Error(`${trades} trades ended in ${costs.length} entries, not ${most}`);
  return costs;
}
