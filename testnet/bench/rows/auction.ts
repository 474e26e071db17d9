// Rows: one auction among many peers, against a skeleton that only sends, signs and writes the same.
import { IDLE_MS } from "../market.js";
import { medianPair, type Pair } from "../pairs.js";
import { withPhases } from "../phase.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";
import { contentOf, type Trace } from "../trace.js";

const AT_MOST_TWICE = { of: "ratio", bound: "at most", amount: 2 } as const;

export const AUCTION_CPU: RowPlan = {
  name: "auction-cpu",
  unit: "CPU-ms per auction: 16 peers, 7 seats, 10 bids, one process",
  limit: "skeleton at the same pace",
  target: AT_MOST_TWICE,
};
export const AUCTION_WALL: RowPlan = {
  name: "auction-wall",
  unit: "ms per auction without the window of its bids: 16 peers, 7 seats, 10 bids, one process",
  limit: "skeleton, everything as soon as what it waits for is there",
  target: AT_MOST_TWICE,
};

const SIZE = { peers: 16, quorum: 7 } as const;
const COMMIT_MS = 2000;
const WARM_UPS = 2;
const TURNS = 3;

export async function auctionRows(): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const [market, skeleton] = [start("auction"), start("skeleton")];
    await market.do("found", { ...SIZE, idleMs: IDLE_MS, commitMs: COMMIT_MS, warmUps: WARM_UPS });
    const trace = await market.do("record", null);
    await skeleton.do("build", trace);
    await skeleton.do("play", { paced: true });
    const cpu: Pair[] = [];
    const wall: Pair[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      const ours = await market.do("sell", null);
      const paced = await skeleton.do("play", { paced: true });
      const hurried = await skeleton.do("play", { paced: false });
      cpu.push({ ours: ours.cpuMs, limit: paced.cpuMs });
      wall.push({ ours: ours.wallMs - trace.commitMs, limit: hurried.wallMs });
    }
    const [cpuPair, wallPair] = [medianPair(cpu), medianPair(wall)];
    return [
      rowOf(withContent(AUCTION_CPU, trace), cpuPair.ours, cpuPair.limit),
      rowOf(withContent(AUCTION_WALL, trace), wallPair.ours, wallPair.limit),
    ];
  });
}

/** A skeleton's limit says what it does: just what the recorded run did. */
export const withContent = (plan: RowPlan, trace: Trace): RowPlan => ({
  ...plan,
  limit: `${plan.limit}: ${contentOf(trace)}`,
});
