// The experiment with several owners in virtual time: a gateway each on one key, somebody else on it too, and one that dies.
import { setMaxListeners } from "node:events";
import { USUAL } from "../../../node/cli/commands/gateway-flags.js";
import { type ExchangeMessage, type Limit, type PoolRules, WHOLE_PARTS } from "../../../src/quota/index.js";
import { Random } from "../../lab/simulate/world/random.js";
import type { HiddenRule } from "../../upstream/hidden-user.js";
import { type CallFigures, figuresOf } from "../../upstream/load.js";
import { type CallRecord, NOTHING } from "./call-record.js";
import { type Stage, work } from "./client.js";
import { CountedUpstream } from "./counted-upstream.js";
import type { Door, Reply } from "./door.js";
import { type Carry, OwnedLine } from "./doors/owned-line.js";
import { queueBefore } from "./doors/queue.js";
import { ModelUpstream } from "./model-upstream.js";
import { type Experiment, loadOf, paceOf } from "./virtual.js";
import { VirtualClock } from "./virtual-clock.js";

/** How gateways on one key know of one another. */
export const WAYS = ["each for itself", "parts, none lent", "mabeam"] as const;
export type Way = (typeof WAYS)[number];

export interface Owners extends Experiment {
  /** how many of the crowd each owner's gateway has, in their order */
  readonly sizes: readonly number[];
  /** of every limit, what the hidden user asks for, 0..1 */
  readonly hidden: number;
  /** a gateway, by its place, dies then, and the one after it has its lease, and its agents */
  readonly killed: number;
  readonly killMs: number;
}

/** A holder renews its lease so often, for so long; a deputy takes one that is over after a grace. */
const RENEW_MS = 500;
const TERM_MS = 1_500;
const GRACE_MS = 300;
/** A client whose connection broke asks elsewhere. */
const MOVES_MS = 500;
const MESSAGE_MS = [2, 6] as const;
/** The hidden user's requests are as large as half of them all. */
const HIDDEN_TOKENS = 20_000;

/** A call at one gateway: one whose gateway dies is made at another too. */
interface Visit {
  readonly gateway: number;
  readonly sinceMs: number;
  record: CallRecord;
}

/** What happened. */
export interface Told {
  readonly records: readonly CallRecord[];
  readonly visits: readonly Visit[];
  readonly upstream: CountedUpstream;
  readonly replacedMs: number;
  readonly loans: number;
}

/** The lease of a gateway that dies is over: renewed each half second, for a term, and taken over after the grace. */
export const replacedAt = (killMs: number): number =>
  Math.floor(killMs / RENEW_MS) * RENEW_MS + TERM_MS + GRACE_MS;

/** Whose gateway a member's is, at first. */
export function gatewayOf(sizes: readonly number[], at: number): number {
  let before = 0;
  return sizes.findIndex((size) => {
    before += size;
    return at < before;
  });
}

export const successorOf = ({ sizes, killed }: Pick<Owners, "sizes" | "killed">): number =>
  (killed + 1) % sizes.length;

export async function tell(owners: Owners, way: Way, limits: readonly Limit[]): Promise<Told> {
  const { crowd, counting, seed, scale, warmUpMs, measuredMs, killMs, killed, sizes } = owners;
  const clock = new VirtualClock();
  const rules = { burstMs: null, countsFailed: false, acceleration: null, hidden: null };
  const whole = limits.map((one) => ({ ...one, ends: "refill" as const }));
  const counted = new CountedUpstream({ ...rules, limits: whole }, hiddenOf(owners, limits), seed, clock);
  const upstream = new ModelUpstream(clock, counted, counting, paceOf(scale));
  const lines = linesOf(owners, way, limits, clock);
  const deaths = sizes.map(() => new AbortController());
  for (const { signal } of deaths) setMaxListeners(0, signal);
  const doors = lines.map((line, at) =>
    mortal(
      queueBefore(clock, upstream, line, line.rules, (one) => one),
      deaths[at]!.signal,
    ),
  );
  const successor = successorOf(owners);
  const places = new Map(crowd.map(({ name }, at) => [name, gatewayOf(sizes, at)]));
  const visits: Visit[] = [];
  const door: Door = {
    async knock(one) {
      const { record } = one;
      for (let turn = 0; ; turn++) {
        const at = places.get(one.member.name)!;
        const visit = { gateway: at, sinceMs: turn === 0 ? record.readyMs : clock.nowMs(), record };
        if (turn > 0 || one.repeated === 0) visits.push(visit);
        const reply = await doors[at]!.knock({ ...one, id: `${one.id}/${turn}` });
        if (reply !== "broken") return reply;
        // What it was given there is gone, and was given all the same.
        visit.record = { ...record, endMs: clock.nowMs() };
        Object.assign(record, { takenMs: null, counted: NOTHING });
        places.set(one.member.name, successor);
        await clock.sleep(MOVES_MS);
      }
    },
  };
  const replacedMs = replacedAt(killMs);
  clock.at(killMs, () => {
    lines[killed]!.die();
    deaths[killed]!.abort();
  });
  clock.at(replacedMs, () => replace(owners, lines, way));
  const untilMs = warmUpMs + measuredMs;
  const records: CallRecord[] = [];
  const over = new AbortController().signal;
  setMaxListeners(0, over);
  const stage: Stage<CallFigures> = {
    ...{ clock, door, records, random: new Random(seed, "experiment"), over, untilMs },
    runOf: (conversation, run) => figuresOf(conversation, run, loadOf(owners)),
    hasSaid: (whose, call) => upstream.remember(whose, call),
  };
  const lost: unknown[] = [];
  for (const [at, member] of crowd.entries())
    for (let lane = 0; lane < member.lanes; lane++)
      work(stage, member, at, lane).catch((error: unknown) => lost.push(error));
  await clock.run(untilMs);
  if (lost.length > 0) throw lost[0];
  const loans = lines.reduce((sum, line) => sum + line.loans, 0);
  return { records, visits, upstream: counted, replacedMs, loans };
}

/** As a rule of requests, of tokens as many as agents' own half-way through a run. */
function hiddenOf({ hidden, scale }: Owners, limits: readonly Limit[]): HiddenRule {
  const tokens = limits.find(({ dimension }) => dimension === "tokens" || dimension === "inputTokens");
  const inputTokens = Math.max(1, Math.round(HIDDEN_TOKENS * scale));
  const requestsPerMinute = ((tokens?.limit ?? inputTokens) * hidden) / inputTokens;
  return { requestsPerMinute, inputTokens, outputTokens: 0 };
}

class Gateway extends OwnedLine {
  constructor(
    name: string,
    readonly rules: PoolRules,
    clock: VirtualClock,
    carry: Carry | null,
  ) {
    super(name, rules, clock, carry);
  }
}

function linesOf(
  { counting, sizes, seed }: Owners,
  way: Way,
  limits: readonly Limit[],
  clock: VirtualClock,
): readonly Gateway[] {
  const random = new Random(seed, "messages");
  const output = counting === "together" ? "asked" : "written";
  const names = sizes.map((_, at) => nameOf(at));
  const lines: readonly Gateway[] = names.map((name) => {
    const carry = (to: string, message: ExchangeMessage): void => {
      const line = lines[names.indexOf(to)]!;
      clock.at(clock.nowMs() + random.between(...MESSAGE_MS), () => line.receive(name, message));
    };
    const rules = { ...USUAL, limits, output, parts: way === "each for itself" ? WHOLE_PARTS : 0 } as const;
    return new Gateway(name, rules, clock, way === "mabeam" ? carry : null);
  });
  if (way === "each for itself") return lines;
  const each = Math.floor(WHOLE_PARTS / sizes.length);
  holdAll(
    lines,
    sizes.map((_, at) => (at === 0 ? WHOLE_PARTS - each * (sizes.length - 1) : each)),
  );
  return lines;
}

function replace(owners: Owners, lines: readonly Gateway[], way: Way): void {
  if (way === "each for itself") return;
  const { killed } = owners;
  const gained = lines[killed]!.parts;
  const successor = successorOf(owners);
  const parts = lines.map((line, at) => line.parts + (at === successor ? gained : 0));
  holdAll(
    lines,
    parts.map((one, at) => (at === killed ? 0 : one)),
  );
}

function holdAll(lines: readonly Gateway[], parts: readonly number[]): void {
  for (const [at, line] of lines.entries()) {
    const others = parts.flatMap((one, other) =>
      other === at || one === 0 ? [] : [[nameOf(other), one] as const],
    );
    line.hold(parts[at]!, new Map(others));
  }
}

const nameOf = (at: number): string => `gateway-${at}`;

/** A door whose gateway may die: whoever waits at it then, or is being answered, hears nothing more. */
function mortal(
  door: Door,
  death: AbortSignal,
): { knock(one: Parameters<Door["knock"]>[0]): Promise<Reply | "broken"> } {
  const died = new Promise<"broken">((resolve) => {
    death.addEventListener("abort", () => resolve("broken"), { once: true });
  });
  return { knock: (one) => (death.aborted ? died : Promise.race([door.knock(one), died])) };
}

/** What was asked for and given at each gateway: those who move come to another. */
export const groupsOf = ({ visits }: Told, { sizes }: Owners): readonly (readonly CallRecord[])[] =>
  sizes.map((_, at) =>
    visits
      .filter(({ gateway }) => gateway === at)
      .map(({ sinceMs, record }) => ({ ...record, readyMs: sinceMs })),
  );
