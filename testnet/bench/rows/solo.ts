// Row: a whole auction at a quorum of one, by the bid.
import { BIDS, IDLE_MS } from "../market.js";
import { medianPair, type Pair } from "../pairs.js";
import { withPhases } from "../phase.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";
import { withContent } from "./auction.js";

export const SOLO_BID: RowPlan = {
  name: "solo-bid",
  unit: "CPU-ms per bid of a whole auction: 1 peer, 1 seat, 10 bids",
  limit: "skeleton",
  target: { of: "value", bound: "at most", amount: 4 },
};

const COMMIT_MS = 500;
/** One auction is little work, and a compiler learns slowly from it. */
const WARM_UPS = 6;
const TURNS = 7;

export async function soloRows(): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const [market, skeleton] = [start("auction"), start("skeleton")];
    await market.do("found", {
      peers: 1,
      quorum: 1,
      idleMs: IDLE_MS,
      commitMs: COMMIT_MS,
      warmUps: WARM_UPS,
    });
    const trace = await market.do("record", null);
    await skeleton.do("build", trace);
    await skeleton.do("play", { paced: false });
    const pairs: Pair[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      const ours = await market.do("sell", null);
      const limit = await skeleton.do("play", { paced: false });
      pairs.push({ ours: ours.cpuMs, limit: limit.cpuMs });
    }
    const { ours, limit } = medianPair(pairs);
    return [rowOf(withContent(SOLO_BID, trace), ours / BIDS, limit / BIDS)];
  });
}
