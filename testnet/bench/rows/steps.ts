// Rows: a step of a peer that holds ten thousand of something, beside one that holds ten.
import { byTurns, medianPair } from "../pairs.js";
import { withPhases } from "../phase.js";
import type { Held } from "../phases/steps.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

const MANY = 10_000;
const FEW = 10;
const TURNS = 15;

const planOf = (name: string, what: string): RowPlan => ({
  name,
  unit: `CPU-µs per step of a lone peer, ${what}: ${MANY}`,
  limit: `the same: ${FEW}`,
  target: { of: "ratio", bound: "at most", amount: 1.5 },
});

export const STEP_AUCTIONS = planOf("step-auctions", "auctions that have not ended");
export const STEP_WAITING = planOf("step-waiting", "operations whose turn does not come");
export const STEP_UNPUBLISHED = planOf("step-unpublished", "own bids that are not published yet");

const PLANS: Readonly<Record<Held, RowPlan>> = {
  auctions: STEP_AUCTIONS,
  waiting: STEP_WAITING,
  unpublished: STEP_UNPUBLISHED,
};

export async function stepRows(held: Held): Promise<readonly BenchRow[]> {
  const { ours, limit } = await withPhases(async (start) => {
    const phase = start("steps");
    for (const count of [FEW, MANY]) await phase.do("grow", { held, count });
    return medianPair(
      await byTurns(
        TURNS,
        () => phase.do("step", { held, count: MANY }),
        () => phase.do("step", { held, count: FEW }),
      ),
    );
  });
  return [rowOf(PLANS[held], ours * 1000, limit * 1000)];
}
