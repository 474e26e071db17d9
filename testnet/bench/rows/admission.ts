// Row: admitting a bid, against the verification of its signature alone.
import { byTurns, medianPair } from "../pairs.js";
import { withPhases } from "../phase.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

export const ADMIT_BID: RowPlan = {
  name: "admit-bid",
  unit: "bids admitted per CPU-second of one core",
  limit: "native verifications of the same signatures, with cached keys",
  target: { of: "ratio", bound: "at least", amount: 0.8 },
};

const TURNS = 9;

export async function admissionRows(): Promise<readonly BenchRow[]> {
  const { ours, limit } = await withPhases(async (start) => {
    const phase = start("admission");
    return medianPair(
      await byTurns(
        TURNS,
        () => phase.do("admit", null),
        () => phase.do("verify", null),
      ),
    );
  });
  return [rowOf(ADMIT_BID, 1000 / ours, 1000 / limit)];
}
