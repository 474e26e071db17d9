// The pools of a key: each class of models has limits of its own, and a line before them.
import type { ExchangeMessage, OutputCount, PoolRules } from "../../src/quota/index.js";
import type { Recalled } from "./books/recall.js";
import type { GatewayClock } from "./clock.js";
import { Line, type LineRules } from "./line.js";
import type { LineEvent } from "./line-ask.js";
import type { Flow, SharedOut } from "./line-part.js";
import { classOf } from "./model-class.js";

export interface PoolsRules {
  /** they hold for each class of models, or for all together */
  readonly pool: PoolRules;
  /** the upstream limits all models together */
  readonly isShared: boolean;
}

/** Tells another gateway something of a pool. */
export type TellOfPool = (gateway: string, pool: string, message: ExchangeMessage) => void;

interface Sharing extends SharedOut {
  readonly tell: TellOfPool;
}

/** Classes that have a pool of their own; those beyond stay together. */
const MOST_POOLS = 64;

/** A name is only a name until the upstream has answered for it: names that clients make up share one pool. */
const UNTRIED = "untried";
const ALL = "all";
/** Of requests that name no model. */
const OTHER = "other";

export class Pools {
  private readonly lines = new Map<string, Line>();
  private readonly untried: Line;
  private isStopped = false;
  /** null: the gateway has the key alone */
  private parts: number | null = null;
  private sharing: Sharing | null = null;

  constructor(
    private readonly rules: PoolsRules,
    private readonly clock: GatewayClock,
    private readonly told: (pool: string, event: LineEvent) => void,
  ) {
    const { pool, isShared } = rules;
    this.untried = this.line(isShared ? ALL : UNTRIED, { pool, isOne: isShared });
  }

  /** The line before a model's limits, in which whatever asks for it waits or runs. @param model null: none is named */
  lineFor(model: string | null): Line {
    return this.lines.get(nameOf(model)) ?? this.untried;
  }

  /**
   * The upstream has answered for a model: it has a pool of its own from now on, and what waits or runs already is there.
   * @param output how such an upstream counts it, where no limit is configured
   */
  answered(model: string | null, output: OutputCount): void {
    const name = nameOf(model);
    if (this.rules.isShared || this.lines.has(name) || this.lines.size >= MOST_POOLS - 1) return;
    this.openAs(name, output);
  }

  /**
   * What was used before a start still counts: to be called before anything else, with what was used first before the others.
   * Of limits that answers tell, the next answer tells that too.
   * @param sinceMs how long before now all is told
   */
  recall(past: readonly Recalled[], sinceMs: number): void {
    const { limits, output } = this.rules.pool;
    if (limits.length === 0) return;
    const known = new Set<Line>();
    for (const one of past) {
      if (one.isAnswered) this.answered(one.model, output);
      const line = this.lineFor(one.model);
      if (!known.has(line)) line.recallSince(sinceMs);
      known.add(line);
      line.recall(one);
    }
  }

  /** Another part of the key from now on, of which gateways of other owners have the rest: of 1,000. */
  setParts(parts: number): void {
    this.parts = parts;
    for (const [, line] of this.all()) line.part.set(parts);
  }

  /** Gateways of other owners have the rest of it. @param tell tells one of them something of a pool */
  share(shared: SharedOut, tell: TellOfPool): void {
    this.sharing = { ...shared, tell };
    for (const [name, line] of this.all()) this.shareLine(name, line, this.sharing);
  }

  /** Another gateway says something of a pool. One that is not here yet may be lent of all the same. */
  hear(gateway: string, pool: string, message: ExchangeMessage): void {
    if (this.sharing?.others.has(gateway) !== true) return;
    const line = [...this.all()].find(([name]) => name === pool)?.[1] ?? this.open(pool);
    line?.part.hear(gateway, message);
  }

  /** What has flowed off since it was asked last, parts times ms: of the pool in which it was most. */
  flowed(): Flow {
    let most: Flow = { used: 0, lent: 0 };
    for (const [, line] of this.all()) {
      const flow = line.part.flowedSince();
      if (flow.used + flow.lent > most.used + most.lent) most = flow;
    }
    return most;
  }

  /** How many wait, and how many run, in all pools. */
  get counts(): { readonly waiting: number; readonly running: number } {
    const sum = { waiting: 0, running: 0 };
    for (const [, { counts }] of this.all()) {
      sum.waiting += counts.waiting;
      sum.running += counts.running;
    }
    return sum;
  }

  /** Every pool by the name of its class. */
  *all(): IterableIterator<readonly [string, Line]> {
    yield [this.rules.isShared ? ALL : UNTRIED, this.untried];
    yield* this.lines;
  }

  /** Nobody waits any more, in pools that come later neither; what runs goes on. */
  stop(): void {
    this.isStopped = true;
    for (const [, line] of this.all()) line.stop();
  }

  close(): void {
    for (const [, line] of this.all()) line.close();
  }

  /** null: there are as many as may be */
  private open(name: string): Line | null {
    if (this.rules.isShared || this.lines.size >= MOST_POOLS - 1) return null;
    return this.openAs(name, this.rules.pool.output);
  }

  /** @param output how its upstream counts it, where no limit is configured */
  private openAs(name: string, output: OutputCount): Line {
    const { pool } = this.rules;
    const isConfigured = pool.limits.length > 0;
    const line = this.line(name, { pool: isConfigured ? pool : { ...pool, output }, isOne: true });
    this.lines.set(name, line);
    if (this.isStopped) line.stop();
    this.untried.sendOn(({ model }) => nameOf(model) === name, line);
    return line;
  }

  private shareLine(name: string, line: Line, { tell, ...shared }: Sharing): void {
    line.part.share(shared, (gateway, message) => tell(gateway, name, message));
  }

  private line(name: string, rules: LineRules): Line {
    const line = new Line(rules, this.clock, (event) => this.told(name, event));
    if (this.parts !== null) line.part.set(this.parts);
    if (this.sharing !== null) this.shareLine(name, line, this.sharing);
    return line;
  }
}

/** One that is called as the pool of all that are not answered yet is of those that name none: of each name there is one pool. */
function nameOf(model: string | null): string {
  const name = model === null ? OTHER : classOf(model);
  return name === UNTRIED ? OTHER : name;
}
