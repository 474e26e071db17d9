// How a request waited: who was before it as it asked, what part of each limit was its share's, and what held it back.
import type { Dimension, FlowShare, Place, Taken, Wait } from "../../src/quota/index.js";

/** A limit as it stood when the request asked, in units of its dimension. */
export interface LimitThen {
  readonly dimension: Dimension;
  readonly limit: number;
  readonly windowMs: number;
  /** used or reserved */
  readonly taken: number;
  /** the part of whose share it is, by weight among those that were there */
  readonly share: number;
}

/** Whole ms; no entry: none. */
export interface Held {
  readonly limit: Partial<Record<Dimension, number>>;
  width: number;
  pause: number;
}

/** Of all its turns together, where it was sent more than once. */
export class WaitStory {
  /** as it asked first; null: it never waited */
  before: Place | null = null;
  limits: readonly LimitThen[] = [];
  /** while it was next */
  readonly held: Held = { limit: {}, width: 0, pause: 0 };
  /** while others were before it: what held those back */
  readonly others: Held = { limit: {}, width: 0, pause: 0 };
  /** in which nothing but the order of turns did */
  turnMs = 0;
  /** for the ledger to begin, before it asked */
  ledgerMs = 0;

  asked(before: Place | null, taken: readonly Taken[], shares: readonly FlowShare[]): void {
    if (this.before !== null) return;
    this.before = before;
    this.limits = taken.flatMap(({ limit, taken: used }) => {
      const share = shares.find(
        (one) => one.dimension === limit.dimension && one.windowMs === limit.windowMs,
      );
      return share === undefined ? [] : [{ ...limit, taken: used, share: share.limit }];
    });
  }

  /** It waits, or has waited, for the ledger to begin. */
  atLedger(ms: number): this {
    this.ledgerMs += ms;
    return this;
  }

  /** The same, and a wait that is not over. */
  and(soFar: Wait): WaitStory {
    const all = new WaitStory();
    all.before = this.before;
    all.limits = this.limits;
    all.turnMs = this.turnMs;
    all.ledgerMs = this.ledgerMs;
    add(all.held, this.held);
    add(all.others, this.others);
    all.waited(soFar);
    return all;
  }

  waited({ byCause, whileOthers }: Wait): void {
    add(this.held, byCause);
    add(this.others, whileOthers);
    const explained = whileOthers.width + whileOthers.pause + sum(Object.values(whileOthers.limit));
    this.turnMs += Math.max(0, byCause.turn - explained);
  }
}

function add(to: Held, { limit, width, pause }: Readonly<Held>): void {
  to.width += width;
  to.pause += pause;
  for (const [dimension, ms] of Object.entries(limit) as [Dimension, number][])
    to.limit[dimension] = (to.limit[dimension] ?? 0) + ms;
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
