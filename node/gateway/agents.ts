// The agents that a gateway has seen: who draws from whose share, what each asked for and was given.
import { Conversations, Estimator } from "../../src/quota/index.js";
import type { Caller } from "./caller.js";
import type { Passed } from "./passed.js";

/** What an agent did so far. Times in whole ms, the cost in whole micro-credits. */
export interface Counts {
  asked: number;
  answered: number;
  refused: number;
  failed: number;
  left: number;
  /** of those asked that are not over: the others wait */
  running: number;
  inputTokens: number;
  outputTokens: number;
  cost: number;
  waitedMs: number;
  longestWaitMs: number;
}

/** Of one that has not asked for anything. */
export const NO_COUNTS: Readonly<Counts> = {
  ...{ asked: 0, answered: 0, refused: 0, failed: 0, left: 0, running: 0 },
  ...{ inputTokens: 0, outputTokens: 0, cost: 0, waitedMs: 0, longestWaitMs: 0 },
};

export interface SeenAgent {
  readonly caller: Caller;
  readonly estimator: Estimator;
  readonly counts: Counts;
  lastMs: number;
}

/** Agents that are remembered: the ones that were seen last. */
const MOST_AGENTS = 4_096;
/** Levels of a tree of agents. */
const MOST_LEVELS = 8;

export class Agents {
  /** the one that was seen longest ago first */
  private readonly seen = new Map<string, SeenAgent>();
  private readonly conversations = new Conversations();

  /** An agent that calls, remembered from now on. */
  meet(caller: Caller, nowMs: number): SeenAgent {
    const known = this.seen.get(caller.who);
    const one: SeenAgent = {
      caller,
      estimator: known?.estimator ?? new Estimator(this.conversations),
      counts: known?.counts ?? { ...NO_COUNTS },
      lastMs: nowMs,
    };
    this.seen.delete(caller.who);
    this.seen.set(caller.who, one);
    const [oldest] = this.seen.keys();
    if (this.seen.size > MOST_AGENTS) this.seen.delete(oldest!);
    one.counts.asked += 1;
    return one;
  }

  /** Counts what became of a request, for whoever made it. */
  count({ caller, end, used, cost, waitedMs }: Passed): void {
    const counts = this.seen.get(caller.who)?.counts;
    if (counts === undefined) return;
    counts[end] += 1;
    counts.inputTokens += used?.inputTokens ?? 0;
    counts.outputTokens += used?.outputTokens ?? 0;
    counts.cost += cost;
    counts.waitedMs += waitedMs;
    counts.longestWaitMs = Math.max(counts.longestWaitMs, waitedMs);
  }

  /** A caller and those above it as clients tell of them, itself first. */
  lineOf(caller: Caller): readonly string[] {
    const line = [caller.who];
    let above = caller.parent;
    while (above !== null && line.length <= MOST_LEVELS && !line.includes(above)) {
      line.push(above);
      above = this.seen.get(above)?.caller.parent ?? null;
    }
    return line;
  }

  /** From the one that was seen longest ago on. */
  values(): Iterable<SeenAgent> {
    return this.seen.values();
  }
}
