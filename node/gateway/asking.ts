// A request that takes of the key's limits: it waits for its turn, is tried, perhaps again, and what became of it is told.
import type { Outline, Use } from "../../src/quota/index.js";
import type { SeenAgent } from "./agents.js";
import { type Attempted, attempt } from "./attempt.js";
import { BooksError } from "./books/error.js";
import type { Ending } from "./books/record.js";
import { type Caller, callerOf } from "./caller.js";
import { patienceMs, repeatedBefore } from "./client-words.js";
import type { Wish } from "./dialect.js";
import type { Exchange } from "./exchange.js";
import {
  agentKeyUnknown,
  booksUnwritable,
  type Fault,
  keyExhausted,
  mayNotWait,
  upstreamDown,
  waitedTooLong,
} from "./faults.js";
import type { Outcome } from "./line.js";
import type { Passed } from "./passed.js";
import type { Place } from "./place.js";
import { costOf, estimateCost, inputAlone, type Price } from "./prices/rates.js";
import type { Bound } from "./spending/bounds.js";
import { nearWords, overBudget } from "./spending/words.js";
import { type Terms, termsOf } from "./terms.js";

/** How often one request is sent in all, the client's own repetitions included. */
const MOST_ATTEMPTS = 3;

type Settled = Exclude<Outcome, { kind: "sentOn" }>;

export class Asking {
  private readonly caller: Caller;
  private readonly agent: SeenAgent;
  private waitedMs = 0;
  /** limits of spending of which little is left */
  private near: readonly Bound[] = [];
  /** micro-credits, of all attempts */
  private cost = 0;

  /**
   * @param agentByKey the named agent whose key it shows; null: none
   * @param body as it came
   * @param fixed what it is taken to use; null: it is estimated
   */
  constructor(
    private readonly place: Place,
    private readonly exchange: Exchange,
    agentByKey: string | null,
    private wish: Wish,
    private readonly body: Uint8Array,
    private readonly fixed: Use | null,
  ) {
    if (place.upstream.refusesUsageOption) this.askAsCame();
    this.caller = callerOf({
      agentByKey,
      agentBySignature: null,
      fields: exchange.fields,
      inBody: wish.caller,
      credential: exchange.credential,
    });
    this.agent = place.agents.meet(this.caller, exchange.sinceMs);
  }

  /** Ends with an answer, or with a client that has gone. */
  async run(): Promise<void> {
    const { place, exchange } = this;
    const attempts = Math.max(1, MOST_ATTEMPTS - repeatedBefore(exchange.fields));
    for (let turn = 1; ; turn++) {
      const id = `${exchange.id}-${turn}`;
      const terms = termsOf(place.named, place.agents, this.caller);
      if (terms === null) return this.refuse(agentKeyUnknown());
      const estimate = this.fixed ?? this.agent.estimator.estimate(this.outline);
      const over = place.spending.mayWait(terms, this.costOf(estimate), place.clock.wallMs());
      if (over !== null) return this.refuse(overBudget(over));
      const outcome = await this.waitFor(id, terms, estimate);
      if (outcome.kind !== "go") return this.turnAway(outcome);
      if (!(await this.isSetAside(id, estimate))) return;
      const mayRepeat = turn < attempts;
      const tried = await this.tryOnce(id, estimate, mayRepeat);
      place.books.end({ id, end: this.endOf(tried), spent: tried.spent, atMs: place.clock.wallMs() });
      if (tried.isUsageRefused && !exchange.isGone) {
        place.upstream.refusesUsageOption = true;
        this.askAsCame();
        continue;
      }
      if (this.isOver(tried, mayRepeat)) return this.tell(tried.spent?.used ?? null, this.endOf(tried));
    }
  }

  private get outline(): Outline {
    const { maxOutput, model } = this.wish;
    const { isMostCounted } = this.place.pools.lineFor(model);
    return { bytes: this.body.length, maxOutput, isMostCounted };
  }

  /** Without the option that was put into it. */
  private askAsCame(): void {
    this.wish = { ...this.wish, body: this.body, isUsageOurs: false };
  }

  /** Waits in the line before the model's limits, wherever that is by the time. */
  private async waitFor(id: string, terms: Terms, estimate: Use): Promise<Settled> {
    const { place, exchange } = this;
    const { flow, weight, band } = terms;
    const { model } = this.wish;
    const untilMs = exchange.sinceMs + patienceMs(exchange.fields);
    for (;;) {
      const ask = { id, flow, model, weight, band, estimate, untilMs };
      const outcome = await place.pools.lineFor(model).wait(ask, exchange.gone);
      this.waitedMs += outcome.waitedMs;
      if (outcome.kind !== "sentOn") return outcome;
    }
  }

  /**
   * Sets aside what it may cost, if everybody who pays for it can: so that no limit of spending is passed, and no end of the
   * gateway makes it free. Where that cannot be, its turn is given back, and it is refused.
   */
  private async isSetAside(id: string, estimate: Use): Promise<boolean> {
    const giveBack = () => this.place.pools.lineFor(this.wish.model).settle(id, null);
    let fault: Fault | null;
    try {
      fault = await this.setAside(id, estimate);
    } catch (error) {
      giveBack();
      throw error;
    }
    if (fault === null) return true;
    giveBack();
    this.refuse(fault);
    return false;
  }

  /** Between the judgement and the books nobody else is judged. @returns why it may not be sent */
  private async setAside(id: string, estimate: Use): Promise<Fault | null> {
    const { place, wish, waitedMs } = this;
    // As they are by now: what its owner said of it while it waited holds.
    const terms = termsOf(place.named, place.agents, this.caller);
    if (terms === null) return agentKeyUnknown();
    const cost = this.costOf(estimate);
    const atMs = place.clock.wallMs();
    const { over, near } = place.spending.maySpend(terms, cost, atMs);
    if (over !== null) return overBudget(over);
    this.near = near;
    const { flow, weight, band, payers } = terms;
    const floor = inputAlone(estimate, this.priceOf(null));
    try {
      await place.books.begin({
        ...{ id, payers, flow, weight, band, model: wish.model, estimate, waitedMs },
        ...{ cost, floor, atMs },
      });
      return null;
    } catch (error) {
      if (error instanceof BooksError) return booksUnwritable();
      throw error;
    }
  }

  /** What it may cost at most, in micro-credits, before anything is known of its answer. */
  private costOf(estimate: Use): number {
    return estimateCost(estimate, this.priceOf(null));
  }

  private async tryOnce(id: string, estimate: Use, mayRepeat: boolean): Promise<Attempted> {
    const { place, exchange, wish } = this;
    const tried = await attempt(place, exchange.response, {
      ...{ id, wish, estimate, mayRepeat },
      dialect: exchange.dialect,
      outgoing: exchange.outgoing(place.key, wish.body),
      additions: this.additions(),
      isCostTold: exchange.takesTrailers,
      costOf: (usage, model) => costOf(usage, this.priceOf(model)),
      floorRose: (floor) => place.books.progress(id, floor, place.clock.wallMs()),
    });
    const { failure, broken, spent } = tried;
    this.cost += spent?.cost ?? 0;
    if (this.fixed === null && failure === null && broken === null && spent !== null)
      this.agent.estimator.learn(this.outline, spent.used);
    return tried;
  }

  /** Whether a request was answered, or cannot be any more; what is left to say is said. */
  private isOver({ failure, isBegun, broken }: Attempted, mayRepeat: boolean): boolean {
    const { exchange } = this;
    if (exchange.isGone) return true;
    if (isBegun && broken !== null) exchange.response.destroy();
    if (isBegun || (failure !== null && !mayRepeat)) return true;
    // A file or a batch that the upstream may have made already is not made again.
    const mayBeDone = this.fixed !== null && failure === null;
    if (mayRepeat && !mayBeDone) return false;
    exchange.refuse(upstreamDown(broken ?? "no reason given"));
    return true;
  }

  private endOf({ failure, broken }: Attempted): Ending["end"] {
    if (this.exchange.isGone) return "left";
    return failure === null && broken === null ? "answered" : "failed";
  }

  /** @param answered the model that did, by its own word; null: it says none */
  private priceOf(answered: string | null): Price {
    return this.place.prices.priceOf([answered, this.wish.model], this.exchange.dialect.name);
  }

  private turnAway(outcome: Exclude<Settled, { kind: "go" }>): void {
    if (outcome.kind === "refused") this.exchange.refuse(mayNotWait(outcome.fault));
    else if (outcome.kind === "parked") this.exchange.refuse(keyExhausted(outcome.why));
    else if (outcome.kind === "late") this.exchange.refuse(waitedTooLong(this.waitedMs));
    this.tell(null, outcome.kind === "left" ? "left" : "refused");
  }

  private refuse(fault: Fault): void {
    this.exchange.refuse(fault);
    this.tell(null, "refused");
  }

  /** Fields of ours that an answer carries beside the upstream's. */
  private additions(): Readonly<Record<string, string>> {
    const { exchange, waitedMs, place, near } = this;
    return {
      ...(near.length === 0 ? {} : { "x-mabeam-warning": near.map(nearWords).join("; ") }),
      "x-mabeam-agent": this.caller.who,
      "x-mabeam-request": exchange.id,
      "x-mabeam-queued-ms": String(waitedMs),
      "x-mabeam-overhead-ms": String(place.clock.nowMs() - exchange.sinceMs - waitedMs),
    };
  }

  private tell(used: Use | null, end: Passed["end"]): void {
    const { place, exchange, caller, waitedMs } = this;
    const tookMs = place.clock.nowMs() - exchange.sinceMs;
    const { model } = this.wish;
    place.over({ id: exchange.id, caller, model, waitedMs, tookMs, used, cost: this.cost, end });
  }
}
