// Row: what a bid costs each peer that gossip brings it to, against gossip alone.
import { byTurns, medianPair } from "../pairs.js";
import { withPhases } from "../phase.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

export const GOSSIP_BID: RowPlan = {
  name: "gossip-bid",
  unit: "CPU-µs per delivered bid",
  limit: "gossipsub StrictNoSign with the same links, degree, rate and lengths",
  target: { of: "ratio", bound: "at most", amount: 1.5 },
};

const WARM_UP = 200;
const MESSAGES = 600;
const TURNS = 5;

/** Two processes that work by turns: while one is loaded, the other only keeps its mesh. */
export async function gossipRows(): Promise<readonly BenchRow[]> {
  const { ours, limit } = await withPhases(async (start) => {
    const [bids, raw] = [start("gossip-ours"), start("gossip-raw")];
    const bytes = await bids.do("bidBytes", null);
    await bids.do("run", { messages: WARM_UP });
    await raw.do("run", { messages: WARM_UP, bytes });
    const messages = MESSAGES / TURNS;
    return medianPair(
      await byTurns(
        TURNS,
        () => bids.do("run", { messages }),
        () => raw.do("run", { messages, bytes }),
      ),
    );
  });
  return [rowOf(GOSSIP_BID, ours, limit)];
}
