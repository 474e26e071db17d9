// A request that takes of the key's limits: it waits for its turn, is tried, perhaps again, and what became of it is told.
import type { Use } from "../../src/quota/index.js";
import type { SeenAgent } from "./agents.js";
import { answerFields } from "./answer-fields.js";
import { type Attempted, attempt } from "./attempt.js";
import type { Ending } from "./books/record.js";
import { type Caller, type Clues, callerOf } from "./caller.js";
import { repeatedBefore } from "./client-words.js";
import type { Failure, Wish } from "./dialect.js";
import type { Exchange } from "./exchange.js";
import { Course } from "./fallback/course.js";
import { troubleOf } from "./fallback/trouble.js";
import { agentKeyUnknown, type Fault, upstreamDown } from "./faults.js";
import { type KeyRefusal, keyWarnings } from "./key-watch.js";
import type { Line } from "./line.js";
import { ownShareFields } from "./own-share.js";
import type { Passed } from "./passed.js";
import type { Place } from "./place.js";
import { leavesCacheOut } from "./prompt.js";
import { type MayCost, RequestCost } from "./request-cost.js";
import { RequestEstimate } from "./request-estimate.js";
import { RequestWait } from "./request-wait.js";
import { type SetAside, setAside } from "./setting-aside.js";
import type { Bound } from "./spending/bounds.js";
import { nearWords, overBudget } from "./spending/words.js";
import { type Terms, termsOf } from "./terms.js";
import { trailOf } from "./trail.js";
import { faultOf, type Settled, type TurnedAway } from "./turned-away.js";
import type { Asked } from "./waiting-requests.js";

/** How often one request is sent in all, the client's own repetitions included. */
const MOST_ATTEMPTS = 3;

export class Asking {
  private readonly caller: Caller;
  private readonly agent: SeenAgent;
  private readonly course: Course;
  /** by its terms: whose share it is */
  private flow = "";
  private readonly wait: RequestWait;
  /** in attempts that are over */
  private sentForMs = 0;
  private readonly estimated: RequestEstimate;
  /** what the upstream has said of the gateway's key last; null: nothing */
  private keyRefusal: KeyRefusal | null = null;
  /** of its last answer; null: there was none */
  private status: number | null = null;
  /** limits of spending of which little is left */
  private near: readonly Bound[] = [];
  private readonly cost: RequestCost;

  /**
   * @param proven by its key or its signature
   * @param body as it came
   * @param fixed what it is taken to use; null: it is estimated
   */
  constructor(
    private readonly place: Place,
    private readonly exchange: Exchange,
    proven: Pick<Clues, "agentByKey" | "agentBySignature">,
    private wish: Wish,
    private readonly body: Uint8Array,
    private readonly fixed: Use | null,
  ) {
    if (place.upstream.refusesUsageOption) this.askAsCame();
    this.caller = callerOf({
      ...proven,
      fields: exchange.fields,
      inBody: wish.caller,
      credential: exchange.credential,
    });
    this.agent = place.agents.meet(this.caller, exchange.sinceMs);
    const isTold = fixed === null && leavesCacheOut(exchange.dialect);
    const trail = isTold ? trailOf(wish.model, this.caller.session, body) : null;
    this.estimated = new RequestEstimate(this.agent.estimator, body.length, wish, trail, fixed);
    const most = Math.max(1, MOST_ATTEMPTS - repeatedBefore(exchange.fields));
    this.course = new Course(wish.model, place.fallbacks, most);
    this.wait = new RequestWait(place, exchange, this.course, this);
    const isKnown = fixed === null;
    this.cost = new RequestCost(place.prices, exchange.dialect.name, this.course, wish.maxOutput, isKnown);
  }

  /** As its owner is told of it while it waits. */
  get asked(): Asked {
    const { caller, flow, wish, course, exchange } = this;
    const { waitedMs } = this.wait;
    const models = { model: wish.model, instead: course.instead };
    return { id: exchange.id, caller, share: flow, ...models, sinceMs: exchange.sinceMs, waitedMs };
  }

  /** Ends with an answer, or with a client that has gone. */
  async run(): Promise<void> {
    const { place, exchange } = this;
    const first = this.termsNow();
    const kept = first === null ? null : await this.wait.forLedger(first);
    if (kept !== null) return this.turnAway(kept);
    let isUsageInDoubt = false;
    for (let turn = 1; ; turn++) {
      const id = `${exchange.id}-${turn}`;
      const terms = this.termsNow();
      if (terms === null) return this.refuse(agentKeyUnknown());
      const estimate = this.estimated.useIn(this.line, place.clock.nowMs());
      const { cost, most } = this.mayCost(estimate);
      const over = place.spending.mayWait(terms, cost, place.clock.wallMs(), most);
      if (over !== null) return this.refuse(overBudget(over));
      const outcome = await this.wait.forTurn(id, terms, estimate);
      if (outcome.kind !== "go") {
        if (this.isTurned(outcome)) continue;
        return this.turnAway(outcome);
      }
      if (!(await this.isSetAside(id, estimate))) return;
      const tried = await this.tryOnce(id, estimate);
      place.books.end({ id, end: this.endOf(tried), spent: tried.spent, atMs: place.clock.wallMs() });
      if (tried.isUsageRefused && !exchange.isGone) {
        isUsageInDoubt = true;
        this.askAsCame();
        continue;
      }
      // An error may only repeat the client's own words: that it goes without the option is the proof.
      if (isUsageInDoubt && tried.failure === null && tried.broken === null)
        place.upstream.refusesUsageOption = true;
      if (this.isOver(tried)) return this.tell(tried.spent?.used ?? null, this.endOf(tried));
    }
  }

  /** By which it stands as its owner has it by now; null: its agent was removed. */
  private termsNow(): Terms | null {
    const terms = termsOf(this.place.named, this.place.agents, this.caller);
    this.flow = terms?.flow ?? this.flow;
    return terms;
  }

  /** Without the option that was put into it. */
  private askAsCame(): void {
    this.wish = { ...this.wish, body: this.body, isUsageOurs: false };
  }

  /** Whether another model is asked, where the one at hand has no room. */
  private isTurned({ kind }: Settled): boolean {
    if (kind === "left" || !this.course.hasInstead("limit")) return false;
    this.course.turnTo("limit");
    return true;
  }

  /**
   * Sets aside what it may cost, if everybody who pays for it can: so that no limit of spending is passed, and no end of the
   * gateway makes it free. Where that cannot be, its turn is given back, and it is refused.
   */
  private async isSetAside(id: string, estimate: Use): Promise<boolean> {
    const { place, caller } = this;
    const { waitedMs } = this.wait;
    const { model } = this.course;
    const floor = this.cost.floorOf(estimate);
    const giveBack = () => this.line.settle(id, null);
    let aside: SetAside;
    try {
      aside = await setAside(place, caller, {
        id,
        model,
        estimate,
        waitedMs,
        ...this.mayCost(estimate),
        floor,
      });
    } catch (error) {
      giveBack();
      throw error;
    }
    if (aside.fault === null) {
      this.near = aside.near;
      return true;
    }
    giveBack();
    this.refuse(aside.fault);
    return false;
  }

  private async tryOnce(id: string, estimate: Use): Promise<Attempted> {
    const { place, exchange, course } = this;
    const wish = { ...this.wish, model: course.model };
    const sentMs = place.clock.nowMs();
    course.begin();
    this.agent.counts.running += 1;
    const tried = await attempt(place, exchange.response, {
      ...{ id, wish, estimate },
      floor: this.cost.floorOf(estimate),
      dialect: exchange.dialect,
      outgoing: () => exchange.outgoing(place.key, wish.body, course.instead?.model ?? null),
      mayRepeat: (failure, status) => {
        this.keyRefusal = failure.kind === "key" ? failure : null;
        if (failure.kind === "limit") this.line.refusedBy(id, failure.told ?? []);
        return course.after(troubleOf(failure, status), isPassing(failure)) !== "over";
      },
      additions: () => this.additions(sentMs),
      costBefore: exchange.takesTrailers ? this.cost.spent : null,
      costOf: (usage, model) => this.cost.of(usage, model),
      floorRose: (floor) => place.books.progress(id, floor, place.clock.wallMs()),
    }).finally(() => {
      this.agent.counts.running -= 1;
      this.sentForMs += place.clock.nowMs() - sentMs;
    });
    this.cost.spent += tried.spent?.cost ?? 0;
    this.status = tried.status;
    // A call that no dialect knows may ask for what the key was never meant for: models alone tell whether it is taken.
    if (this.fixed === null) place.keyWatch.heard(tried, course.model, sentMs);
    if (!exchange.isGone) place.outageWatch.heard(tried);
    this.estimated.learn(this.line, tried, sentMs);
    return tried;
  }

  /** Whether a request was answered, or cannot be any more; what is left to say is said. */
  private isOver({ failure, isBegun, broken, status }: Attempted): boolean {
    const { exchange, course } = this;
    if (exchange.isGone) return true;
    if (isBegun && broken !== null) exchange.response.destroy();
    if (isBegun) return true;
    const trouble = failure === null ? "outage" : troubleOf(failure, status ?? 0);
    // A file or a batch that the upstream may have made already is not made again.
    const mayBeDone = this.fixed !== null && failure === null;
    const next = mayBeDone ? "over" : course.after(trouble, failure === null || isPassing(failure));
    if (next === "instead") course.turnTo(trouble!);
    if (next === "over") exchange.refuse(upstreamDown(broken ?? "no reason given"));
    return next === "over";
  }

  private endOf({ failure, broken }: Attempted): Ending["end"] {
    if (this.exchange.isGone) return "left";
    return failure === null && broken === null ? "answered" : "failed";
  }

  private turnAway(outcome: TurnedAway): void {
    const { caller, flow, line } = this;
    const { waitedMs } = this.wait;
    const fault = faultOf(outcome, { caller, flow, line, waitedMs, wallMs: this.place.clock.wallMs() });
    if (fault !== null) this.exchange.refuse(fault, this.shareFields());
    this.tell(null, fault === null ? "left" : "refused", fault?.code ?? null);
  }

  private mayCost(estimate: Use): MayCost {
    const whole = this.estimated.wholeIn(this.line, this.place.clock.nowMs());
    return this.cost.mayBe(estimate, whole);
  }

  /** In which it waits or runs, or would. */
  private get line(): Line {
    return this.place.pools.lineFor(this.course.model);
  }

  private shareFields(): Readonly<Record<string, string>> {
    const { line, flow, exchange, place } = this;
    return ownShareFields(exchange.dialect, line.shareOf(flow), line.limits, place.clock.wallMs());
  }

  private refuse(fault: Fault): void {
    this.exchange.refuse(fault);
    this.tell(null, "refused", fault.code);
  }

  /** Fields of ours that an answer carries beside the upstream's. */
  private additions(sentMs: number): Readonly<Record<string, string>> {
    const { exchange, caller, course } = this;
    const { waitedMs } = this.wait;
    return {
      ...this.shareFields(),
      ...answerFields({
        ...{ who: caller.who, requestId: exchange.id, waitedMs, instead: course.instead },
        overheadMs: sentMs - exchange.sinceMs - waitedMs - this.sentForMs,
        warnings: [...keyWarnings(this.keyRefusal), ...this.near.map(nearWords)],
      }),
    };
  }

  private tell(used: Use | null, end: Passed["end"], code: string | null = null): void {
    const { place, exchange, caller } = this;
    const { waitedMs, story } = this.wait;
    const tookMs = place.clock.nowMs() - exchange.sinceMs;
    const { status } = this;
    const cost = this.cost.spent;
    const models = { model: this.wish.model, instead: this.course.instead };
    place.over({
      id: exchange.id,
      caller,
      ...models,
      waitedMs,
      story,
      tookMs,
      used,
      cost,
      end,
      code,
      status,
    });
  }
}

/** Whether waiting may mend it. */
const isPassing = ({ kind }: Failure): boolean => kind === "limit" || kind === "overloaded";
