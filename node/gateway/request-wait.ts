// How one request waits: for the ledger to begin, then in the line before its model's limits, as long as its client does.
import type { Use } from "../../src/quota/index.js";
import { patienceMs } from "./client-words.js";
import type { Exchange } from "./exchange.js";
import type { Course } from "./fallback/course.js";
import { untilBegun } from "./ledger-wait.js";
import type { LineAsk } from "./line-ask.js";
import type { Place } from "./place.js";
import type { Terms } from "./terms.js";
import type { Settled, TurnedAway } from "./turned-away.js";
import { WaitStory } from "./wait-story.js";

export class RequestWait {
  /** in all */
  waitedMs = 0;
  readonly story = new WaitStory();

  /** @param by as its owner is told of it meanwhile */
  constructor(
    private readonly place: Place,
    private readonly exchange: Exchange,
    private readonly course: Course,
    private readonly by: LineAsk["by"],
  ) {}

  /** Who has a budget of a ledger that does not run yet waits until it can be judged. @returns why it does not go on; null: it does */
  async forLedger(terms: Terms): Promise<TurnedAway | null> {
    const { place, exchange, story } = this;
    const ledger = place.spending.beginsFor(terms);
    if (ledger === null) return null;
    const sinceMs = place.clock.nowMs();
    const untilMs = exchange.sinceMs + patienceMs(exchange.fields);
    const waiting = { asked: this.by.asked, sinceMs, untilMs };
    place.atLedger.add(waiting);
    const mostMs = untilMs - sinceMs;
    const end = await untilBegun(ledger, exchange.gone, place.stopping, mostMs, place.clock);
    place.atLedger.delete(waiting);
    const waitedMs = place.clock.nowMs() - sinceMs;
    this.waitedMs += waitedMs;
    story.atLedger(waitedMs);
    return end === "begun" ? null : { kind: end, waitedMs };
  }

  /** In the line before the model's limits, wherever that is by the time. */
  async forTurn(id: string, { flow, weight, band }: Terms, estimate: Use): Promise<Settled> {
    const { place, exchange, story, by } = this;
    const { model } = this.course;
    const untilMs = this.untilMs();
    for (;;) {
      const ask = { id, flow, model, weight, band, estimate, untilMs, story, by };
      const outcome = await place.pools.lineFor(model).wait(ask, exchange.gone);
      this.waitedMs += outcome.waitedMs;
      if (outcome.kind !== "sentOn") return outcome;
    }
  }

  /** Until when it waits. Where another model may be asked for want of room, half of the time is kept for that one. */
  private untilMs(): number {
    const { exchange, place } = this;
    const lastMs = exchange.sinceMs + patienceMs(exchange.fields);
    if (!this.course.hasInstead("limit")) return lastMs;
    const nowMs = place.clock.nowMs();
    return nowMs + Math.max(0, Math.floor((lastMs - nowMs) / 2));
  }
}
