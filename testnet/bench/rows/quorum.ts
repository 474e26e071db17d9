// Rows: what a quorum of four processes makes final, against a skeleton that only sends, signs and writes the same.
import { byTurns, medianPair, type Pair } from "../pairs.js";
import { withPhases } from "../phase.js";
import { SEATS } from "../quorum/authors.js";
import { LANES_PER_MEMBER } from "../quorum/daemons.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

export const QUORUM_RATE: RowPlan = {
  name: "quorum-rate",
  unit: "operations final per s at saturation: 4 members, a process each, synced",
  limit: "skeleton: the same messages, signatures and synced batches",
  target: { of: "ratio", bound: "at least", amount: 0.6 },
};
export const QUORUM_LATENCY: RowPlan = {
  name: "quorum-latency",
  unit: "ms from submission until final, p50 of one client: 4 members, a process each, synced",
  limit: "skeleton: the same messages, signatures and synced batches",
  target: { of: "ratio", bound: "at most", amount: 1.5 },
};

const LOAD = { window: 1500, warmUpMs: 2000, ms: 5000, signAhead: 20_000 } as const;
const OPERATIONS = 60;
const TURNS = 3;

/** What both sides are asked. */
interface Side {
  rate(): Promise<number>;
  p50(): Promise<number>;
}

export async function quorumRows(): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const ours = start("quorum-daemons");
    const skeleton = start("quorum-skeleton");
    const members = Array.from({ length: SEATS }, () => start("quorum-skeleton-member"));
    const places = await Promise.all(members.map((one, seat) => one.do("listen", { seat, seats: SEATS })));
    for (const [seat, member] of members.entries()) {
      await member.do(
        "link",
        places.filter((_, other) => other !== seat).map(({ address }) => address),
      );
    }
    await skeleton.do("connect", { places, lanes: SEATS * LANES_PER_MEMBER });
    const sides: readonly [Side, Side] = [
      {
        rate: async () => (await ours.do("saturate", LOAD)).perSecond,
        p50: async () => median(await ours.do("latencies", OPERATIONS)),
      },
      {
        rate: async () => (await skeleton.do("saturate", LOAD)).perSecond,
        p50: async () => median(await skeleton.do("latencies", OPERATIONS)),
      },
    ];
    const rates = await byTurns(TURNS, sides[0].rate, sides[1].rate);
    const times = await byTurns(TURNS, sides[0].p50, sides[1].p50);
    return [rowFrom(QUORUM_RATE, rates), rowFrom(QUORUM_LATENCY, times)];
  });
}

function rowFrom(plan: RowPlan, pairs: readonly Pair[]): BenchRow {
  const { ours, limit } = medianPair(pairs);
  return rowOf(plan, ours, limit);
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
