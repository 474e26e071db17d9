// Rows: what a quorum of four processes makes final, against a skeleton that only sends, signs and writes the same.
//
// The skeleton is four processes too, with the daemons' store, guard file, encrypted streams and batch rule. It is a
// lower bound: an operation goes to each other member once, and not by gossip; clients speak to it over bare sockets,
// and not over HTTP; it decodes, executes and remembers nothing, and makes no entry while nothing waits.
import { byTurns, medianPair } from "../pairs.js";
import { withPhases } from "../phase.js";
import { SEATS } from "../quorum/authors.js";
import { LANES_PER_MEMBER } from "../quorum/daemons.js";
import type { Pace } from "../quorum/load.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

export const QUORUM_RATE: RowPlan = {
  name: "quorum-rate",
  unit: "operations final per s at saturation: 4 members, a process each, synced",
  limit: "skeleton: the same messages, signatures and synced batches; no HTTP, gossip or ledger",
  target: { of: "ratio", bound: "at least", amount: 0.6 },
};
export const QUORUM_LATENCY: RowPlan = {
  name: "quorum-latency",
  unit: "ms from submission until final, p50 of one client: 4 members, a process each, synced",
  limit: "skeleton: the same messages, signatures and synced batches; no HTTP, gossip or ledger",
  target: { of: "ratio", bound: "at most", amount: 1.5 },
};

export const QUORUM_CPU: RowPlan = {
  name: "quorum-cpu",
  unit: "CPU-µs of each member per operation final, saturated by calls of 32: 4 members, a process each, synced",
  limit: "one native verification of a signature",
  target: { of: "ratio", bound: "at most", amount: 3 },
};
export const QUORUM_OVERLOAD: RowPlan = {
  name: "quorum-overload",
  unit: "operations final per s of twice as many offered as saturate: 4 members, a process each, synced",
  limit: "the same network saturated",
  target: { of: "ratio", bound: "at least", amount: 0.7 },
};

const LOAD = { window: 600, warmUpMs: 2000, ms: 5000 } as const;
/** Transfers of the daemons' clients that lie signed when a turn begins: more than they make final in it. */
const SIGNED_AHEAD = 20_000;
const OPERATIONS = 60;
const TURNS = 3;
const LANES = SEATS * LANES_PER_MEMBER;

/** What a saturated network has taken and not made final yet. */
const SATURATED = { perSecond: null, window: 1200, warmUpMs: 4000, ms: 8000, signAhead: 40_000 } as const;

/** The cost of an operation, and what overload leaves of the pace: without a skeleton, since neither is of its kind. */
export async function quorumLoadRows(): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const phase = start("quorum-daemons");
    const admission = start("admission");
    const found: { peak: Pace; twice: Pace; verifyMs: number }[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      const verifyMs = await admission.do("verify", null);
      const peak = await phase.do("offer", SATURATED);
      const twice = await phase.do("offer", {
        ...SATURATED,
        perSecond: 2 * peak.perSecond,
        window: Number.MAX_SAFE_INTEGER,
      });
      found.push({ peak, twice, verifyMs });
    }
    const cpu = medianPair(
      found.map(({ peak, verifyMs }) => ({ ours: (peak.cpuMs * 1000) / SEATS, limit: verifyMs * 1000 })),
    );
    const pace = medianPair(
      found.map(({ peak, twice }) => ({ ours: twice.perSecond, limit: peak.perSecond })),
    );
    return [rowOf(QUORUM_CPU, cpu.ours, cpu.limit), rowOf(QUORUM_OVERLOAD, pace.ours, pace.limit)];
  });
}

type Start = Parameters<Parameters<typeof withPhases>[0]>[0];

/** Who puts operations in order, as a measurement asks it. */
interface Side {
  /** operations per second */
  rate(): Promise<number>;
  /** milliseconds */
  p50(): Promise<number>;
}

export async function quorumRows(): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const ours = daemons(start);
    const limit = await skeleton(start);
    const beside = await etcd(start);
    const rates = medianPair(await byTurns(TURNS, ours.rate, limit.rate));
    const times = medianPair(await byTurns(TURNS, ours.p50, limit.p50));
    const besides = beside === null ? null : { rate: await beside.rate(), p50: await beside.p50() };
    return [
      rowOf(besideEtcd(QUORUM_RATE, besides?.rate ?? null, "per s"), rates.ours, rates.limit),
      rowOf(besideEtcd(QUORUM_LATENCY, besides?.p50 ?? null, "ms"), times.ours, times.limit),
    ];
  });
}

/** etcd bears crashes, not lies: it is no limit, but what people know. */
const besideEtcd = (plan: RowPlan, value: number | null, unit: string): RowPlan => ({
  ...plan,
  limit: `${plan.limit}; ${value === null ? "etcd is not installed here" : `a 3-node etcd: ${value.toPrecision(4)} ${unit}`}`,
});

function daemons(start: Start): Side {
  const phase = start("quorum-daemons");
  return {
    rate: () => phase.do("saturate", { ...LOAD, signAhead: SIGNED_AHEAD }),
    p50: async () => median(await phase.do("latencies", OPERATIONS)),
  };
}

async function skeleton(start: Start): Promise<Side> {
  const members = Array.from({ length: SEATS }, () => start("quorum-skeleton-member"));
  const places = await Promise.all(members.map((one, seat) => one.do("listen", { seat, seats: SEATS })));
  for (const [seat, member] of members.entries()) {
    const others = places.filter((_, other) => other !== seat);
    await member.do(
      "link",
      others.map(({ address }) => address),
    );
  }
  const phase = start("quorum-skeleton");
  await phase.do("connect", { places, lanes: LANES });
  return {
    rate: () => phase.do("saturate", LOAD),
    p50: async () => median(await phase.do("latencies", OPERATIONS)),
  };
}

async function etcd(start: Start): Promise<Side | null> {
  const phase = start("etcd");
  if (!(await phase.do("start", LANES))) return null;
  return {
    rate: () => phase.do("saturate", LOAD),
    p50: async () => median(await phase.do("latencies", OPERATIONS)),
  };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
