// The pools of a key: each class of models has limits of its own, and a line before them.
import type { PoolRules } from "../../src/quota/index.js";
import type { Recalled } from "./books/recall.js";
import type { GatewayClock } from "./clock.js";
import { Line, type LineAsk, type LineEvent } from "./line.js";
import { classOf } from "./model-class.js";

export interface PoolsRules {
  /** they hold for each class of models, or for all together */
  readonly pool: PoolRules;
  /** the upstream limits all models together */
  readonly isShared: boolean;
}

/** Classes that have a pool of their own; those beyond stay together. */
const MOST_POOLS = 64;

/** A name is only a name until the upstream has answered for it: names that clients make up share one pool. */
const UNTRIED = "untried";
const ALL = "all";

export class Pools {
  private readonly lines = new Map<string, Line>();
  private readonly untried: Line;

  constructor(
    private readonly rules: PoolsRules,
    private readonly clock: GatewayClock,
    private readonly told: (pool: string, event: LineEvent) => void,
  ) {
    // What a model's name is refused for says nothing of others.
    this.untried = this.line(rules.isShared ? ALL : UNTRIED, rules.isShared);
  }

  /** The line before a model's limits. @param model null: the request names none */
  lineFor(model: string | null): Line {
    return this.lines.get(nameOf(model)) ?? this.untried;
  }

  /** The upstream has answered for a model: it has a pool of its own from now on. Who waits for it already goes there. */
  answered(model: string | null): void {
    const name = nameOf(model);
    if (this.rules.isShared || this.lines.has(name) || this.lines.size >= MOST_POOLS - 1) return;
    const line = this.line(name, true);
    this.lines.set(name, line);
    const isOfIt = ({ model: other }: LineAsk) => nameOf(other) === name;
    for (const ask of this.untried.running) if (isOfIt(ask)) line.recall(ask);
    this.untried.sendOn(isOfIt);
  }

  /** What was used before a start still counts: to be called before anything else, with what was used first before the others. */
  recall(past: readonly Recalled[]): void {
    for (const one of past) {
      if (one.isAnswered) this.answered(one.model);
      this.lineFor(one.model).remember(one);
    }
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

  private line(name: string, mayPark: boolean): Line {
    return new Line(this.rules.pool, this.clock, mayPark, (event) => this.told(name, event));
  }

  close(): void {
    for (const [, line] of this.all()) line.close();
  }
}

const nameOf = (model: string | null): string => (model === null ? "" : classOf(model));
