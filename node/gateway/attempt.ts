// One attempt to have a request answered: sent under the key, read while it passes back, and settled however it ends.
import type { ServerResponse } from "node:http";
import { NO_USE, type Use } from "../../src/quota/index.js";
import { messageOf } from "../accident.js";
import { type Answered, passBack } from "./answering.js";
import type { Spent } from "./books/record.js";
import type { GatewayClock } from "./clock.js";
import type { AnswerReader, Dialect, Failure, Usage, Wish } from "./dialect.js";
import type { PlanWatch } from "./plan-watch.js";
import type { Pools } from "./pools.js";
import { creditWords } from "./prices/credit-words.js";
import { type Prompt, promptOf } from "./prompt.js";
import { RisingFloor } from "./rising-floor.js";
import { mayHaveArrived } from "./sent-fault.js";
import type { Outgoing, Upstream } from "./upstream.js";
import { usageBy } from "./usage.js";

export interface Attempt {
  /** under which the line knows it */
  readonly id: string;
  readonly dialect: Dialect;
  readonly wish: Wish;
  /** made when it is sent: what throws here ends the attempt like any other fault, with nothing left reserved */
  readonly outgoing: () => Outgoing;
  readonly estimate: Use;
  /** what it used if its client leaves, or the connection breaks, before anything comes back: nobody can tell that the upstream did nothing */
  readonly floor: Spent;
  /** Whether a failure is kept from the client, if it has not received anything: another attempt follows. */
  mayRepeat(failure: Failure, status: number): boolean;
  /** fields of ours, added to the answer's */
  readonly additions: () => Readonly<Record<string, string>>;
  /** what attempts before it cost, to be told with its own cost behind the answer; null: the client takes no such field */
  readonly costBefore: number | null;
  /** @param model that answered, as the answer names it @returns micro-credits */
  costOf(usage: Usage, model: string | null): number;
  /** told while it is answered: so much is used for certain, whatever comes */
  floorRose(floor: Spent): void;
}

/** How an attempt ended. */
export interface Attempted extends Answered {
  /** what the upstream counts, and what that costs; null: it was not reached */
  readonly spent: Spent | null;
  /** what it says of its prompt; null: it tells no usage */
  readonly prompt: Prompt | null;
  /** that answered, as the answer names it; null: it names none */
  readonly model: string | null;
  /** of the answer; null: there was none */
  readonly status: number | null;
  /** why nobody answered, or the answer broke off; null: it was whole */
  readonly broken: string | null;
  /** the upstream refused what was put into the request here: without it, it may be made again */
  readonly isUsageRefused: boolean;
}

/** What attempts share. */
export interface Ground {
  readonly upstream: Upstream;
  readonly pools: Pools;
  readonly clock: GatewayClock;
  readonly plan: PlanWatch;
}

export async function attempt(ground: Ground, response: ServerResponse, one: Attempt): Promise<Attempted> {
  const { dialect, wish, id } = one;
  // By the time it may be another one.
  const line = () => ground.pools.lineFor(wish.model);
  let reader: AnswerReader | null = null;
  let status: number | null = null;
  let answered: Answered = { failure: null, isBegun: false };
  let broken: string | null = null;
  let isUsageRefused = false;
  let mayBeDone = false;
  try {
    const outgoing = one.outgoing();
    mayBeDone = true;
    const incoming = await ground.upstream.send(outgoing);
    status = incoming.status;
    if (status >= 200 && status < 300) ground.pools.answered(wish.model, dialect.outputCount);
    line().see(id, dialect.seenOf(incoming.fields, ground.clock.wallMs()));
    ground.plan.see(dialect.planOf(incoming.fields));
    const passing = dialect.reader(wish.isUsageOurs, incoming.fields, ground.clock.wallMs());
    reader = passing;
    const floor = new RisingFloor(ground.clock.nowMs());
    const mayRepeat = (failure: Failure, text: string) => {
      isUsageRefused = wish.isUsageOurs && refusesUsage(incoming.status, text);
      return isUsageRefused || one.mayRepeat(failure, incoming.status);
    };
    const fields = one.additions;
    const { costBefore } = one;
    const cost = () => (costBefore ?? 0) + spentOn(one, incoming.status, passing).cost;
    const trailer =
      costBefore === null ? null : { name: "x-mabeam-charged", value: () => creditWords(cost()) };
    answered = await passBack({
      ...{ dialect, incoming, reader: passing, response, fields, mayRepeat, trailer },
      isShortened: wish.isUsageOurs,
      clock: ground.clock,
      begun: () => line().answered(id),
      heard() {
        if (!floor.hasRisen(passing, ground.clock.nowMs())) return;
        const soFar = spentOn(one, incoming.status, passing);
        one.floorRose(soFar);
        line().heard(id, soFar.used);
      },
    });
  } catch (error) {
    broken = messageOf(error);
    mayBeDone &&= mayHaveArrived(error);
    answered = { failure: null, isBegun: response.headersSent };
  }
  const { failure } = answered;
  if (failure?.kind === "limit") {
    const isCounted = dialect.countsRefused && failure.dimension !== "tokens";
    line().refused(id, failure.retryMs, isCounted);
  }
  if (failure?.kind === "overloaded") line().refused(id, failure.retryMs, false);
  if (failure?.kind === "exhausted") line().exhausted(failure);
  const unheard = mayBeDone ? one.floor : null;
  const spent = status === null ? unheard : spentOn(one, status, reader);
  line().settle(id, spent?.used ?? null);
  const usage = (reader as AnswerReader | null)?.usage ?? null;
  const prompt = usage === null ? null : promptOf(dialect, usage);
  return { ...answered, status, spent, prompt, model: reader?.model ?? null, broken, isUsageRefused };
}

/** What it used so far, and what that costs. */
function spentOn(one: Attempt, status: number, reader: AnswerReader | null): Spent {
  const { wish, estimate } = one;
  const unseen = wish.isDeferred === true ? (wish.maxOutput ?? estimate.outputTokens) : 0;
  const usage = usageBy(estimate, status, reader, unseen);
  if (usage === null) return { used: NO_USE, cost: 0 };
  return { used: one.dialect.countedOf(usage), cost: one.costOf(usage, reader?.model ?? null) };
}

/** An upstream that speaks alike may not know an option that is asked for here; the client's own it may refuse. */
const refusesUsage = (status: number, text: string): boolean =>
  (status === 400 || status === 422) && /stream_options|include_usage/.test(text);
