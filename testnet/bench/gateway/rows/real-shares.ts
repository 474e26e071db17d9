// Rows: the same experiment with processes and sockets, by a clock that runs faster: no gateway, Portkey's, and ours.
import { USUAL } from "../../../../node/cli/commands/gateway-flags.js";
import { withPhases } from "../../phase.js";
import { type Audience, type BenchRow, type RowPlan, rowOf } from "../../report.js";
import { crowdOf } from "../crowd.js";
import { CALL_FIELD, type HttpPlace } from "../http-door.js";
import { type Outcome, worstOf } from "../outcome.js";
import { PORTKEY, Portkey } from "../portkey.js";
import { type Experiment, limitsFor } from "../virtual.js";
import { figuresOf, SHARE_COLUMNS } from "./shares.js";

const planOf = (name: string, what: string, bound: "at least" | "at most", amount: number): RowPlan => ({
  name,
  unit: `${what}: the same, over HTTP, time faster`,
  limit: "no gateway",
  target: { of: "value", bound, amount },
});
const REFUSED = planOf("gateway-real-429", "requests that the upstream refuses", "at most", 0);
const USED = planOf("gateway-real-used", "% of the limit used", "at least", 97);
const FAILED = planOf("gateway-real-failed", "runs that fail", "at most", 0);
export const REAL_SHARES: readonly RowPlan[] = [REFUSED, USED, FAILED];

export interface RealSize {
  readonly agents: number;
  readonly speed: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

/** More agents, slower: two cores have to do all of it. */
const WHOLE: readonly RealSize[] = [
  { agents: 15, speed: 20, warmUpMs: 120_000, measuredMs: 600_000 },
  { agents: 50, speed: 10, warmUpMs: 120_000, measuredMs: 600_000 },
];
/** Of all tokens as many are sent as lets one machine keep up. */
const SCALE = 0.05;

export async function realShareRows(
  audience: Pick<Audience, "table">,
  sizes: readonly RealSize[] = WHOLE,
): Promise<readonly BenchRow[]> {
  const ours: Outcome[] = [];
  const none: Outcome[] = [];
  for (const size of sizes) {
    const outcomes = await outcomesOf(size);
    const { agents, speed, measuredMs } = size;
    audience.table({
      name: `gateway-real-${agents}`,
      what: `${agents} agents, ${measuredMs / 60_000} min over HTTP, ${speed} × as fast, prompt and max_tokens counted (OpenAI)`,
      columns: SHARE_COLUMNS,
      ways: [...outcomes].map(([name, outcome]) => ({
        name,
        figures: outcome === null ? SHARE_COLUMNS.map(() => null) : figuresOf(outcome),
      })),
    });
    ours.push(outcomes.get("mabeam")!);
    none.push(outcomes.get("no gateway")!);
  }
  const [one, other] = [worstOf(ours), worstOf(none)];
  return [
    rowOf(REFUSED, one.refusedUpstream, other.refusedUpstream),
    rowOf(USED, 100 * one.used, 100 * other.used),
    rowOf(FAILED, one.failedRuns, other.failedRuns),
  ];
}

/** By way; null: it is not to be had here. */
async function outcomesOf(size: RealSize): Promise<ReadonlyMap<string, Outcome | null>> {
  const { agents, speed, warmUpMs, measuredMs } = size;
  const experiment: Experiment = {
    ...{ crowd: crowdOf(agents), counting: "together", seed: 1, overload: 3, scale: SCALE },
    ...{ warmUpMs, measuredMs },
  };
  const limits = await limitsFor(experiment);
  /** One world for each way, so that none begins with what another has used. */
  const withWorld = (placeOf: (url: string, key: string) => Promise<HttpPlace>): Promise<Outcome> =>
    withPhases(async (start) => {
      const world = start("gateway-world");
      const { url, key } = await world.do("begin", { experiment, limits, speed });
      return world.do("work", await placeOf(url, key));
    });
  const none = await withWorld(async (baseUrl) => ({ baseUrl, headers: {}, keys: {} }));
  const portkey = await Portkey.start();
  const portkeys =
    portkey &&
    (await withWorld(async (url) => ({
      baseUrl: `${portkey.url}/v1`,
      headers: portkey.headersFor(url, CALL_FIELD),
      keys: {},
    })).finally(() => portkey.stop()));
  const ours = await withPhases(async (start) => {
    const gateway = start("gateway-ours");
    return withWorld(async (upstreamUrl, key) => {
      const { url, keys } = await gateway.do("start", {
        ...{ key, speed, crowd: experiment.crowd },
        upstream: new URL(upstreamUrl).origin,
        rules: { ...USUAL, limits, output: "asked" },
      });
      return { baseUrl: `${url}/v1`, headers: {}, keys };
    });
  });
  return new Map([
    ["no gateway", none],
    [PORTKEY, portkeys],
    ["mabeam", ours],
  ]);
}
