// Rows: ten minutes of one key that three owners' gateways share, in virtual time; one dies in the middle.
import type { Limit } from "../../../../src/quota/index.js";
import type { Amounts } from "../../../upstream/amounts.js";
import { type Audience, type BenchRow, type RowPlan, rounded, rowOf } from "../../report.js";
import { sumOf } from "../counted-upstream.js";
import { crowdOf } from "../crowd.js";
import { groupsOf, type Owners, type Told, tell, WAYS, type Way } from "../owners.js";
import { serviceGap } from "../service-gap.js";
import { limitsFor } from "../virtual.js";

const WHERE =
  "50 agents of 3 owners, a gateway each, a hidden user of the key, one gateway killed, 10 min of virtual time";
const planOf = (
  name: string,
  what: string,
  limit: string,
  bound: "at least" | "at most",
  amount: number,
): RowPlan => ({ name, unit: `${what}: ${WHERE}`, limit, target: { of: "value", bound, amount } });

const REFUSED = planOf(
  "gateway-owners-429",
  "requests that the upstream refuses",
  "each gateway for itself",
  "at most",
  0,
);
const USED = planOf(
  "gateway-owners-used",
  "% of the limit used, of what the hidden user leaves",
  "parts without loans",
  "at least",
  95,
);
const GAP = planOf(
  "gateway-owners-gap",
  "greatest difference in service of two that wait at one gateway, over the VTC bound and one lease",
  "the bound",
  "at most",
  1,
);
const OVERSPENT = planOf(
  "gateway-owners-overspent",
  "% of the limit asked for beyond it within a window after the kill",
  "none",
  "at most",
  1,
);
const REPLACED = planOf(
  "gateway-owners-replaced",
  "s until another gateway has the parts of one that was killed",
  "a term and its grace",
  "at most",
  2,
);
export const OWNERS: readonly RowPlan[] = [REFUSED, USED, GAP, OVERSPENT, REPLACED];

const COLUMNS = [
  "upstream 429s",
  "limit used %",
  "least of its part %",
  "gap / bound and lease",
  "overspent %",
  "replaced s",
  "failed runs",
  "calls answered",
  "rounds of loans",
];

export interface Measured {
  readonly warmUpMs: number;
  readonly measuredMs: number;
  readonly seeds: readonly number[];
  readonly sizes: readonly number[];
}

/** One owner has more agents than its third of the limit serves, and one has fewer. */
const WHOLE: Measured = { warmUpMs: 120_000, measuredMs: 600_000, seeds: [1, 2, 3], sizes: [28, 18, 4] };
const HIDDEN = 0.1;
const TERM_MS = 1_800;
const MINUTE_MS = 60_000;

interface Figures {
  readonly refused: number;
  readonly used: number;
  /** of owners that always have somebody waiting: the least that one was given of its part, 0..1 */
  readonly least: number;
  readonly gap: number;
  readonly overspent: number;
  readonly replacedMs: number;
  readonly failed: number;
  readonly answered: number;
  readonly loans: number;
}

export async function ownerRows(
  audience: Pick<Audience, "table">,
  measured = WHOLE,
): Promise<readonly BenchRow[]> {
  const ways = new Map<Way, Figures>();
  for (const way of WAYS) {
    const all: Figures[] = [];
    for (const seed of measured.seeds) all.push(await figuresIn(seed, way, measured));
    ways.set(way, worstOf(all));
  }
  const seeds = measured.seeds.length;
  audience.table({
    name: "gateway-owners",
    what: `${WHERE}; ${measured.sizes.join(", ")} agents, a third of the key each, ${seeds} seeds: sums, and the worst of each`,
    columns: COLUMNS,
    ways: [...ways].map(([name, one]) => ({
      name,
      figures: [
        one.refused,
        rounded(100 * one.used),
        rounded(100 * one.least),
        rounded(one.gap),
        rounded(one.overspent),
        rounded(one.replacedMs / 1_000),
        one.failed,
        one.answered,
        one.loans,
      ],
    })),
  });
  const ours = ways.get("mabeam")!;
  return [
    rowOf(REFUSED, ours.refused, ways.get("each for itself")!.refused),
    rowOf(USED, 100 * ours.used, 100 * ways.get("parts, none lent")!.used),
    rowOf(GAP, ours.gap, 1),
    rowOf(OVERSPENT, ours.overspent, ways.get("each for itself")!.overspent),
    rowOf(REPLACED, ours.replacedMs / 1_000, TERM_MS / 1_000),
  ];
}

async function figuresIn(
  seed: number,
  way: Way,
  { warmUpMs, measuredMs, sizes }: Measured,
): Promise<Figures> {
  // Somewhere between two renewals.
  const killMs = warmUpMs + Math.floor(measuredMs / 2) + 137 * seed;
  const owners: Owners = {
    ...{ counting: "together", seed, warmUpMs, measuredMs, sizes, killed: 1, killMs, hidden: HIDDEN },
    crowd: crowdOf(sizes.reduce((a, b) => a + b)),
    overload: 3,
    scale: 1,
  };
  const limits = await limitsFor(owners);
  return figuresOf(owners, limits, await tell(owners, way, limits));
}

function figuresOf(owners: Owners, limits: readonly Limit[], told: Told): Figures {
  const { warmUpMs, measuredMs, killMs } = owners;
  const toMs = warmUpMs + measuredMs;
  const { counted, hidden, refused } = told.upstream;
  const used = limits.map(({ dimension, limit, windowMs }) => {
    const left = (limit * measuredMs) / windowMs - sumOf(hidden, dimension, warmUpMs, toMs);
    return sumOf(counted, dimension, warmUpMs, toMs) / left;
  });
  const overspent = limits.map(
    ({ dimension, limit, windowMs }) => (100 * sumOf(refused, dimension, killMs, killMs + windowMs)) / limit,
  );
  const over = told.records.filter(({ endMs }) => endMs !== null && endMs >= warmUpMs && endMs < toMs);
  return {
    refused: sumOf(refused, "requests", warmUpMs, toMs),
    used: Math.max(...used),
    least: leastOf(owners, limits, told),
    gap: gapOf(owners, limits, told),
    overspent: Math.max(...overspent),
    replacedMs: told.replacedMs - killMs,
    failed: over.filter(({ end }) => end === "failed").length,
    answered: over.filter(({ end }) => end === "answered").length,
    loans: told.loans,
  };
}

/** Until the kill, of the limit of tokens: of owners whose agents ask for more than their part. */
function leastOf(owners: Owners, limits: readonly Limit[], told: Told): number {
  const { warmUpMs, killMs, sizes, overload, crowd } = owners;
  const limit = limits.find(({ dimension }) => dimension === "tokens")!;
  const part = (limit.limit * (killMs - warmUpMs)) / limit.windowMs / sizes.length;
  const parts = groupsOf(told, owners)
    .filter((_, at) => sizes[at]! * overload * sizes.length > 1.5 * crowd.length)
    .map((group) =>
      group
        .filter(({ takenMs }) => takenMs !== null && takenMs >= warmUpMs && takenMs < killMs)
        .reduce((sum, { counted }) => sum + counted.tokens, 0),
    );
  return Math.min(...parts) / part;
}

/** Of two agents at one gateway; what one lease is of all limits is beside the bound. */
function gapOf(owners: Owners, limits: readonly Limit[], told: Told): number {
  const costOf = (amounts: Amounts): number =>
    limits.reduce((sum, { dimension, limit }) => sum + amounts[dimension] / limit, 0);
  const lease = (limits.length * TERM_MS) / MINUTE_MS / owners.sizes.length;
  const gaps = groupsOf(told, owners).map((group) => {
    const { gap, bound } = serviceGap(owners.crowd, group, costOf);
    return gap / (bound + lease);
  });
  return Math.max(...gaps);
}

const worstOf = (all: readonly Figures[]): Figures => ({
  refused: sum(all, ({ refused }) => refused),
  used: Math.min(...all.map(({ used }) => used)),
  least: Math.min(...all.map(({ least }) => least)),
  gap: Math.max(...all.map(({ gap }) => gap)),
  overspent: Math.max(...all.map(({ overspent }) => overspent)),
  replacedMs: Math.max(...all.map(({ replacedMs }) => replacedMs)),
  failed: sum(all, ({ failed }) => failed),
  answered: sum(all, ({ answered }) => answered),
  loans: sum(all, ({ loans }) => loans),
});

const sum = (all: readonly Figures[], of: (one: Figures) => number): number =>
  all.reduce((total, one) => total + of(one), 0);
