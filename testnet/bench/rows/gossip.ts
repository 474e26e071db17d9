// Row: what a bid costs each peer that gossip brings it to, against gossip alone.
import { byTurns, medianPair } from "../pairs.js";
import { withPhases } from "../phase.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

const LIMIT = "gossipsub StrictNoSign with the same links, degree, rate and lengths, a message each";

export const GOSSIP_BID: RowPlan = {
  name: "gossip-bid",
  unit: "CPU-µs per delivered bid, 40 a second, one at a time",
  limit: LIMIT,
  target: { of: "ratio", bound: "at most", amount: 0.5 },
};
export const GOSSIP_BURST: RowPlan = {
  name: "gossip-burst",
  unit: "CPU-µs per delivered bid, 40 a second, a peer's 20 at once",
  limit: LIMIT,
  target: { of: "ratio", bound: "at most", amount: 0.5 },
};

const WARM_UP = 200;
const MESSAGES = 120;
const BURST = 20;
const TURNS = 5;

/** Two processes that work by turns: while one is loaded, the other only keeps its mesh. */
export async function gossipRows(): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const [bids, raw] = [start("gossip-ours"), start("gossip-raw")];
    const bytes = await bids.do("bidBytes", null);
    const measured = async (atOnce: number) => {
      await bids.do("run", { messages: WARM_UP, atOnce });
      await raw.do("run", { messages: WARM_UP, atOnce, bytes });
      return medianPair(
        await byTurns(
          TURNS,
          () => bids.do("run", { messages: MESSAGES, atOnce }),
          () => raw.do("run", { messages: MESSAGES, atOnce, bytes }),
        ),
      );
    };
    const single = await measured(1);
    const burst = await measured(BURST);
    return [rowOf(GOSSIP_BID, single.ours, single.limit), rowOf(GOSSIP_BURST, burst.ours, burst.limit)];
  });
}
