// Rows: ten minutes of one key shared by fifteen and by fifty agents, in virtual time, under every policy.
import { type Audience, type BenchRow, type BenchTable, type RowPlan, rounded, rowOf } from "../../report.js";
import { crowdOf } from "../crowd.js";
import type { Counting } from "../model-upstream.js";
import { type Outcome, worstOf } from "../outcome.js";
import { type Experiment, limitsFor, outcomeIn, POLICIES, type Policy } from "../virtual.js";

const WHERE = "15 and 50 agents, an exact limiter, 3 × its limit asked for, 10 min of virtual time";
const planOf = (
  name: string,
  what: string,
  limit: string,
  bound: "at least" | "at most",
  amount: number,
): RowPlan => ({
  name,
  unit: `${what}: ${WHERE}`,
  limit,
  target: { of: "value", bound, amount },
});

const REFUSED = planOf("gateway-429", "requests that the upstream refuses", "no gateway", "at most", 0);
const USED = planOf("gateway-used", "% of the limit used", "all of it", "at least", 97);
const FAILED = planOf("gateway-failed", "runs that fail", "no gateway", "at most", 0);
const GAP: RowPlan = {
  ...planOf(
    "gateway-gap",
    "greatest difference in service of two that wait, over the VTC bound",
    "the bound",
    "at most",
    1,
  ),
};
const WAIT = planOf("gateway-wait", "s that an interactive call waits, p99", "FIFO queue", "at most", 2);
export const SHARES: readonly RowPlan[] = [REFUSED, USED, FAILED, GAP, WAIT];

/** An experiment is made with each; sums are of all, the rest is the worst. */
const SEEDS = [1, 2, 3];
const CROWDS = [15, 50];
const COUNTINGS: Readonly<Record<Counting, string>> = {
  together: "prompt and max_tokens counted (OpenAI)",
  apart: "uncached input and output counted apart (Anthropic)",
};
export const SHARE_COLUMNS = [
  "upstream 429s",
  "429s to clients",
  "failed runs",
  "completed runs",
  "calls answered",
  "limit used %",
  "gap / bound",
  "gap as counted / bound",
  "interactive p99 s",
];

export interface Measured {
  readonly warmUpMs: number;
  readonly measuredMs: number;
  readonly seeds: readonly number[];
  readonly crowds: readonly number[];
}

const WHOLE: Measured = { warmUpMs: 120_000, measuredMs: 600_000, seeds: SEEDS, crowds: CROWDS };

/** Targets are those of the counting that the load was recorded under; the other's figures are in its table. */
export async function shareRows(
  audience: Pick<Audience, "table">,
  measured = WHOLE,
): Promise<readonly BenchRow[]> {
  const judged: Record<Policy, Outcome[]> = {
    "no gateway": [],
    "5 retries (as Portkey)": [],
    "reject above share": [],
    "limit ÷ agents": [],
    "FIFO queue": [],
    mabeam: [],
  };
  for (const counting of ["together", "apart"] as const) {
    for (const agents of measured.crowds) {
      const outcomes = await outcomesOf(agents, counting, measured);
      audience.table(tableOf(agents, counting, measured, outcomes));
      if (counting === "together") for (const [policy, outcome] of outcomes) judged[policy].push(outcome);
    }
  }
  const worst = (policy: Policy): Outcome => worstOf(judged[policy]);
  const [ours, none, fifo] = [worst("mabeam"), worst("no gateway"), worst("FIFO queue")];
  const seconds = (ms: number | null): number => (ms === null ? Number.POSITIVE_INFINITY : ms / 1_000);
  return [
    rowOf(REFUSED, ours.refusedUpstream, none.refusedUpstream),
    rowOf(USED, 100 * ours.used, 100),
    rowOf(FAILED, ours.failedRuns, none.failedRuns),
    rowOf(GAP, ours.gap, 1),
    rowOf(WAIT, seconds(ours.interactiveMs), seconds(fifo.interactiveMs)),
  ];
}

async function outcomesOf(
  agents: number,
  counting: Counting,
  { seeds, warmUpMs, measuredMs }: Measured,
): Promise<ReadonlyMap<Policy, Outcome>> {
  const bySeed = new Map<Policy, Outcome[]>(POLICIES.map((policy) => [policy, []]));
  for (const seed of seeds) {
    const experiment: Experiment = {
      ...{ counting, seed, warmUpMs, measuredMs },
      crowd: crowdOf(agents),
      overload: 3,
      scale: 1,
    };
    const limits = await limitsFor(experiment);
    for (const policy of POLICIES) bySeed.get(policy)!.push(await outcomeIn(experiment, policy, limits));
  }
  return new Map([...bySeed].map(([policy, outcomes]) => [policy, worstOf(outcomes)]));
}

function tableOf(
  agents: number,
  counting: Counting,
  { seeds, measuredMs }: Measured,
  outcomes: ReadonlyMap<Policy, Outcome>,
): BenchTable {
  const minutes = measuredMs / 60_000;
  return {
    name: `gateway-shares-${counting}-${agents}`,
    what: `${agents} agents, ${minutes} min of virtual time, ${COUNTINGS[counting]}, ${seeds.length} seeds: sums, and the worst of each`,
    columns: SHARE_COLUMNS,
    ways: [...outcomes].map(([name, outcome]) => ({ name, figures: figuresOf(outcome) })),
  };
}

export const figuresOf = (one: Outcome): readonly (number | null)[] => [
  one.refusedUpstream,
  one.refusedToClients,
  one.failedRuns,
  one.endedRuns,
  one.answered,
  rounded(100 * one.used),
  rounded(one.gap),
  rounded(one.gapAsCounted),
  one.interactiveMs === null ? null : rounded(one.interactiveMs / 1_000),
];
