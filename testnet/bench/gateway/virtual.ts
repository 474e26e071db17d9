// The experiment in virtual time: every policy before the same limiter, with the same agents, exact to the millisecond.
import { setMaxListeners } from "node:events";
import { USUAL } from "../../../node/cli/commands/gateway-flags.js";
import type { Limit } from "../../../src/quota/index.js";
import { Random } from "../../lab/simulate/world/random.js";
import { MINUTE_MS } from "../../upstream/amounts.js";
import { Limiter } from "../../upstream/limiter.js";
import { type CallFigures, figuresOf, type LoadRules } from "../../upstream/load.js";
import type { CallRecord } from "./call-record.js";
import { type Stage, work } from "./client.js";
import type { Member } from "./crowd.js";
import type { Door } from "./door.js";
import { direct } from "./doors/direct.js";
import { divided } from "./doors/divided.js";
import { partsOf } from "./doors/parts.js";
import { fair, fifo } from "./doors/queue.js";
import { rejecting } from "./doors/rejecting.js";
import { retrying } from "./doors/retrying.js";
import { type Counting, ModelUpstream, type Pace } from "./model-upstream.js";
import { type Outcome, outcomeOf } from "./outcome.js";
import { VirtualClock } from "./virtual-clock.js";

export const POLICIES = [
  "no gateway",
  "5 retries (as Portkey)",
  "reject above share",
  "limit ÷ agents",
  "FIFO queue",
  "mabeam",
] as const;
export type Policy = (typeof POLICIES)[number];

export interface Experiment {
  readonly crowd: readonly Member[];
  readonly counting: Counting;
  readonly seed: number;
  /** what is asked for, over what the limit lets in */
  readonly overload: number;
  /** by how much fewer all tokens are than recorded, limits included: 0 < scale ≤ 1 */
  readonly scale: number;
  /** measured after it */
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

/** What a call allows to be written. */
const MOST_WRITTEN = 8_192;
const PACE: Pace = { firstByteMs: 1_000, tokensPerSecond: 60 };
/** An answer takes as long as a recorded one, however few its tokens are. */
export const paceOf = (scale: number): Pace => ({ ...PACE, tokensPerSecond: PACE.tokensPerSecond * scale });
/** Requests are limited too, but less than tokens. */
const ROOM_OF_REQUESTS = 1.4;

export const loadOf = ({ seed, scale }: Experiment): LoadRules => ({ seed, scale, maxTokens: MOST_WRITTEN });

/** The limits that a crowd would pass by so much if nothing held it up: what it asks for is measured. */
export async function limitsFor(experiment: Experiment): Promise<readonly Limit[]> {
  const { counting, measuredMs, overload, crowd } = experiment;
  const records = await recordsOf(experiment, (_, upstream) => direct(upstream), null);
  const { warmUpMs } = experiment;
  const taken = records.filter(({ takenMs }) => takenMs !== null && takenMs >= warmUpMs);
  const demand = (of: (record: CallRecord) => number): number =>
    (taken.reduce((sum, one) => sum + of(one), 0) * MINUTE_MS) / measuredMs / overload;
  const limit = (dimension: Limit["dimension"], amount: number): Limit => ({
    dimension,
    limit: Math.max(1, Math.round(amount)),
    windowMs: MINUTE_MS,
  });
  const requests = limit("requests", demand(() => 1) * ROOM_OF_REQUESTS);
  if (crowd.length === 0) return [requests];
  return counting === "together"
    ? [
        requests,
        limit(
          "tokens",
          demand(({ counted }) => counted.tokens),
        ),
      ]
    : [
        requests,
        limit(
          "inputTokens",
          demand(({ counted }) => counted.inputTokens),
        ),
        limit("outputTokens", demand(({ counted }) => counted.outputTokens) * ROOM_OF_REQUESTS),
      ];
}

export async function outcomeIn(
  experiment: Experiment,
  policy: Policy,
  limits: readonly Limit[],
): Promise<Outcome> {
  const { warmUpMs, measuredMs, crowd } = experiment;
  const records = await recordsOf(
    experiment,
    (clock, upstream) => doorOf(policy, experiment, limits, clock, upstream),
    limits,
  );
  return outcomeOf(crowd, limits, records, { fromMs: warmUpMs, toMs: warmUpMs + measuredMs });
}

function doorOf(
  policy: Policy,
  { counting, crowd }: Experiment,
  limits: readonly Limit[],
  clock: VirtualClock,
  upstream: ModelUpstream,
): Door {
  const output = counting === "together" ? "asked" : "written";
  const rules = { ...USUAL, limits, output } as const;
  switch (policy) {
    case "no gateway":
      return direct(upstream);
    case "5 retries (as Portkey)":
      return retrying(clock, upstream);
    case "reject above share":
      return rejecting(partsOf(crowd, limits, clock), output, upstream);
    case "limit ÷ agents":
      return divided(partsOf(crowd, limits, clock), output, clock, upstream);
    case "FIFO queue":
      return fifo(rules, clock, upstream);
    case "mabeam":
      return fair(rules, clock, upstream);
  }
}

async function recordsOf(
  experiment: Experiment,
  doorWith: (clock: VirtualClock, upstream: ModelUpstream) => Door,
  limits: readonly Limit[] | null,
): Promise<readonly CallRecord[]> {
  const { crowd, counting, seed, scale, warmUpMs, measuredMs } = experiment;
  const clock = new VirtualClock();
  const rules = { burstMs: null, countsFailed: false, acceleration: null, hidden: null };
  const limiter =
    limits === null
      ? null
      : new Limiter(
          { ...rules, limits: limits.map((one) => ({ ...one, ends: "refill" as const })) },
          seed,
          0,
        );
  const upstream = new ModelUpstream(clock, limiter, counting, paceOf(scale));
  const untilMs = warmUpMs + measuredMs;
  const records: CallRecord[] = [];
  const random = new Random(seed, "experiment");
  const door = doorWith(clock, upstream);
  const over = new AbortController().signal;
  setMaxListeners(0, over);
  const stage: Stage<CallFigures> = {
    ...{ clock, door, records, random, over, untilMs },
    runOf: (conversation, run) => figuresOf(conversation, run, loadOf(experiment)),
    hasSaid: (whose, call) => upstream.remember(whose, call),
  };
  const lost: unknown[] = [];
  for (const [at, member] of crowd.entries())
    for (let lane = 0; lane < member.lanes; lane++)
      work(stage, member, at, lane).catch((error: unknown) => lost.push(error));
  await clock.run(untilMs);
  if (lost.length > 0) throw lost[0];
  return records;
}
