// Random stories of a pool: arrivals, ends of every kind, refusals, limits that change, restarts; and the laws that hold in all.
import { costOf, countIn, type Weights, weightsOf } from "../../src/quota/amounts.js";
import { BANDS } from "../../src/quota/bands.js";
import {
  type Ask,
  type Band,
  type Limit,
  type Past,
  Pool,
  type PoolRules,
  type Taken,
  type Turn,
  type Use,
  type Waited,
} from "../../src/quota/index.js";
import { Random } from "../../testnet/lab/simulate/world/random.js";
import { type Arrival, DullLimit } from "./dull-limit.js";

export type Law =
  /** the upstream is never sent more than its limits hold */
  | "limit"
  /** of each limit is taken what was begun and settled: nothing twice, nothing lost */
  | "account"
  /** of flows that wait, charges by weight differ by no more than the bound */
  | "fair"
  /** each flow's requests are begun in the order in which they came */
  | "order"
  /** whoever fits, and waits for nothing else, is begun */
  | "work"
  /** of what is left to the interactive band no other takes */
  | "kept"
  /** a turn that was told for a time lets somebody go then, and not before */
  | "wake"
  /** a band that waits has its part of what is served above it, and not more */
  | "floor"
  /** the causes of a wait sum to it */
  | "wait"
  /** what is lent is borrowed, and what is granted is what was charged */
  | "evidence"
  /** who asked is begun, expired, unfit, gone or still there, once */
  | "whole"
  /** after a refusal nobody begins before its pause is over, and then one until it is answered */
  | "herd";

export class Broken extends Error {
  constructor(
    readonly law: Law,
    readonly why: string,
  ) {
    super(`${law}: ${why}`);
  }
}

const MINUTE = 60_000;
const WHOLE_BP = 10_000;
/** So long after it asked last something is left to the interactive band. */
const INTERACTIVE_MS = 600_000;

interface Request {
  readonly ask: Ask;
  readonly weights: Weights;
  readonly askedMs: number;
  /** what it will have used; null: it reaches nobody */
  readonly actual: Use | null;
  /** what it is taken to use by now */
  known: Use;
  /** what it holds of each limit */
  readonly arrivals: Map<DullLimit, Arrival[]>;
  beganMs: number;
}

/** What a story may be made of. */
export interface Traits {
  /** estimates are wrong, requests reach nobody, weights change */
  readonly isCorrected: boolean;
  /** the upstream refuses, and lets few run at once */
  readonly isRefused: boolean;
  /** limits change */
  readonly isRelimited: boolean;
  /** processes begin anew */
  readonly isRestarted: boolean;
}

export class Story {
  private readonly random: Random;
  /** the most that ask at once */
  private readonly crowd: number;
  private readonly rules: PoolRules;
  private limits: readonly Limit[];
  private pool: Pool;
  private nowMs = 0;
  /** what the pool should count, and what the upstream does */
  private ours: DullLimit[];
  private theirs: DullLimit[];
  private readonly waiting = new Map<string, Request>();
  private readonly running = new Map<string, Request>();
  private readonly flowWeights = new Map<string, number>();
  private past: (Omit<Past, "agoMs"> & { readonly atMs: number })[] = [];
  private readonly costs = new Map<string, number>();
  /** requests of a flow in a band, in the order in which they came */
  private readonly orders = new Map<string, string[]>();
  private readonly above = new Map<Band, number>();
  private readonly own = new Map<Band, number>();
  /** the same, whether a higher one waited or not */
  private readonly served = new Map<Band, number>();
  private readonly together = new Map<string, { gap: number; least: number; most: number }>();
  private mostCost = 0;
  /** when the interactive band asked last */
  private interactiveMs = Number.NEGATIVE_INFINITY;
  private mostByWeight = 0;
  private pausedUntilMs = 0;
  /** how full the limits were at some time of this process */
  private takenOnce: { readonly atMs: number; readonly taken: readonly Taken[] } | null = null;
  private isProbing = false;
  private isRelimited = false;
  private made = 0;
  private wakeAtMs: number | null = null;

  constructor(
    seed: number,
    private readonly traits: Traits,
  ) {
    const random = new Random(seed, "quota");
    this.random = random;
    this.crowd = random.pick([2, 4, 8]);
    this.limits = this.someLimits();
    const width = traits.isRefused ? random.between(1, 6) : 1_000;
    this.rules = {
      limits: this.limits,
      output: random.pick(["asked", "written"]),
      headroomBp: random.pick([0, 100, 2_500]),
      floorBp: random.pick([500, 1_000]),
      interactiveBp: random.branch("interactive").pick([0, 500, 3_000]),
      memory: { halfLifeMs: random.between(1_000, MINUTE), credit: random.pick([0, 0, 3e8]) },
      congestion: { first: random.between(1, width), most: width, pauseMs: 3_000 },
      maxWaiting: 1_000,
      maxWaitingPerFlow: 1_000,
    };
    if (!traits.isRefused)
      this.rules = { ...this.rules, congestion: { first: 1_000, most: 1_000, pauseMs: 1 } };
    this.pool = new Pool(this.rules);
    this.ours = this.limits.map((limit) => new DullLimit(limit, 0));
    this.theirs = this.limits.map((limit) => new DullLimit(limit, 0));
  }

  /** @throws Broken */
  tell(steps: number): void {
    for (let step = 0; step < steps; step++) {
      this.step();
      this.turn();
      if (this.random.chance(0.6)) this.pass();
    }
  }

  private step(): void {
    const { random, traits } = this;
    const chance = random.unit();
    if (chance < 0.5) for (let count = random.between(1, this.crowd); count > 0; count--) this.ask();
    else if (chance < 0.58) this.hear();
    else if (chance < 0.85) this.settle();
    else if (chance < 0.9) this.leave();
    else if (chance < 0.94 && traits.isRefused) this.refuse();
    else if (chance < 0.97 && traits.isRelimited) this.relimit();
    else if (chance < 0.985 && traits.isRestarted) this.restart();
  }

  private ask(): void {
    const { random, traits } = this;
    const flow = `flow-${random.between(0, 5)}`;
    if (!this.flowWeights.has(flow) || (traits.isCorrected && random.chance(0.1)))
      this.flowWeights.set(flow, random.between(1, 8));
    const estimate = { inputTokens: random.between(0, 8_000), outputTokens: random.between(0, 3_000) };
    const less = (tokens: number) => random.between(0, tokens);
    const actual = !traits.isCorrected
      ? estimate
      : random.chance(0.1)
        ? null
        : { inputTokens: less(estimate.inputTokens), outputTokens: less(estimate.outputTokens) };
    const ask: Ask = {
      ...{ id: `request-${this.made++}`, flow, estimate },
      band: random.chance(0.5) ? "normal" : random.pick(BANDS),
      weight: this.flowWeights.get(flow)!,
      untilMs: this.nowMs + random.between(1, 4 * MINUTE),
    };
    const result = this.pool.ask(ask, this.nowMs);
    if (!result.ok) {
      if (this.tooSmall(estimate) === undefined) throw new Broken("whole", "what fits is not let in");
      return;
    }
    if (ask.band === "interactive") this.interactiveMs = this.nowMs;
    const weights = weightsOf(this.limits);
    const request = {
      ...{ ask, weights, askedMs: this.nowMs, actual, beganMs: 0 },
      ...{ known: estimate, arrivals: new Map() },
    };
    this.waiting.set(ask.id, request);
    this.mostCost = Math.max(this.mostCost, costOf(weights, estimate));
    const order = this.orders.get(flow + ask.band) ?? [];
    this.orders.set(flow + ask.band, [...order, ask.id]);
  }

  /** More of what one that runs uses is known, and sometimes more than it will have used after all. */
  private hear(): void {
    if (this.running.size === 0) return;
    const request = this.random.pick([...this.running.values()]);
    const { ask, actual, known, weights } = request;
    if (actual === null) return;
    const used = {
      inputTokens: this.random.between(actual.inputTokens, ask.estimate.inputTokens),
      outputTokens: this.random.between(0, actual.outputTokens),
    };
    this.pool.heard(ask.id, used, this.nowMs);
    request.known = { ...known, inputTokens: used.inputTokens };
    const difference = costOf(weights, request.known) - costOf(weights, known);
    this.costs.set(ask.flow, (this.costs.get(ask.flow) ?? 0) + difference);
    for (const limit of this.ours) this.amend(limit, request, this.count(limit, request.known).sent);
  }

  private settle(): void {
    if (this.running.size === 0) return;
    const request = this.random.pick([...this.running.values()]);
    const { ask, actual, weights, known } = request;
    this.running.delete(ask.id);
    if (actual !== null) {
      this.pool.answered();
      this.isProbing = false;
    }
    this.pool.settle(ask.id, actual, this.nowMs);
    const counted = actual === null ? null : this.countedOf(ask, actual);
    const difference = (counted === null ? 0 : costOf(weights, counted)) - costOf(weights, known);
    this.costs.set(ask.flow, (this.costs.get(ask.flow) ?? 0) + difference);
    for (const limit of this.ours) {
      const { sent, written } = counted === null ? { sent: 0, written: 0 } : this.count(limit, counted);
      limit.held -= this.count(limit, known).written;
      this.amend(limit, request, sent);
      limit.arrive(written, this.nowMs);
    }
    for (const limit of this.theirs) {
      const { written } = actual === null ? { written: 0 } : this.count(limit, actual);
      limit.held -= written;
      limit.arrive(written, this.nowMs);
    }
    if (counted === null) return;
    const atMs = this.rules.output === "asked" ? request.beganMs : this.nowMs;
    this.past.push({ flow: ask.flow, band: ask.band, weight: ask.weight, use: counted, atMs });
  }

  private leave(): void {
    if (this.waiting.size === 0) return;
    const { ask } = this.random.pick([...this.waiting.values()]);
    if (!this.pool.leave(ask.id, this.nowMs)) throw new Broken("whole", "who waits may leave");
    this.gone(ask);
  }

  private refuse(): void {
    if (this.running.size === 0) return;
    const { ask } = this.random.pick([...this.running.values()]);
    const retryMs = this.random.pick([null, 500, 20_000]);
    this.pool.refused(ask.id, retryMs, this.nowMs);
    this.pausedUntilMs = Math.max(
      this.pausedUntilMs,
      this.nowMs + (retryMs ?? this.rules.congestion.pauseMs),
    );
    this.isProbing = true;
  }

  private relimit(): void {
    this.limits = this.someLimits();
    this.isRelimited = true;
    this.pool.relimit(this.limits, this.nowMs);
    this.ours = this.relimited(this.ours, ({ known }) => known);
    this.theirs = this.relimited(this.theirs, ({ actual }) => actual);
  }

  private relimited(before: readonly DullLimit[], useOf: (one: Request) => Use | null): DullLimit[] {
    return this.limits.map((limit) => {
      const known = before.find((one) => nameOf(one.limit) === nameOf(limit));
      known?.relimit(limit, this.nowMs);
      if (known !== undefined) return known;
      const added = new DullLimit(limit, this.nowMs);
      for (const request of this.running.values()) this.reserve(added, request, useOf(request));
      return added;
    });
  }

  /** The process ends; what it used is recalled by the next one, what ran as used in full and just now. */
  private restart(): void {
    const { nowMs } = this;
    for (const { ask } of this.running.values()) {
      const { flow, band, weight, estimate } = ask;
      this.past.push({ flow, band, weight, use: estimate, atMs: nowMs });
    }
    this.past.sort((a, b) => a.atMs - b.atMs);
    for (const limit of this.theirs) {
      // They write on; that they may have been cut off is not known here.
      for (const { actual } of this.running.values()) {
        const { written } = actual === null ? { written: 0 } : this.count(limit, actual);
        limit.held -= written;
        limit.arrive(written, nowMs);
      }
    }
    for (const each of [
      this.waiting,
      this.running,
      this.orders,
      this.costs,
      this.above,
      this.own,
      this.served,
      this.together,
    ])
      each.clear();
    this.isProbing = false;
    this.pausedUntilMs = 0;
    this.mostByWeight = 0;
    this.interactiveMs = Number.NEGATIVE_INFINITY;
    const taken = this.random.chance(0.5) ? this.takenOnce : null;
    this.takenOnce = null;
    this.pool = new Pool({ ...this.rules, limits: this.limits });
    this.ours = this.limits.map((limit) => new DullLimit(limit, 0));
    if (taken !== null) {
      this.pool.recallTaken(taken.taken, nowMs - taken.atMs, nowMs);
      this.ours.forEach((limit, at) => {
        limit.arrive(taken.taken[at]!.taken, taken.atMs);
      });
    }
    const weights = weightsOf(this.limits);
    for (const { atMs, ...past } of this.past) {
      this.pool.recall({ ...past, agoMs: nowMs - atMs }, nowMs);
      if (past.band === "interactive") this.interactiveMs = atMs;
      for (const limit of taken === null || atMs > taken.atMs ? this.ours : []) {
        const { sent, written } = this.count(limit, past.use);
        limit.arrive(sent + written, atMs);
      }
      const cost = costOf(weights, past.use);
      this.costs.set(past.flow, (this.costs.get(past.flow) ?? 0) + cost);
      this.mostByWeight = Math.max(this.mostByWeight, cost / past.weight);
    }
  }

  private turn(): void {
    const turn = this.pool.turn(this.nowMs);
    this.seeTurn(turn);
    this.wakeAtMs = turn.wakeAtMs;
    if (this.random.chance(0.1)) this.takenOnce = { atMs: this.nowMs, taken: this.pool.takenAt(this.nowMs) };
    this.seeAccounts();
    this.seeFairness();
    this.seeWork();
    if (this.pool.waitingCount !== this.waiting.size || this.pool.runningCount !== this.running.size)
      throw new Broken("whole", "counts differ");
  }

  private seeTurn({ begun, expired, unfit }: Turn): void {
    for (const one of expired) {
      if (one.untilMs > this.nowMs) throw new Broken("whole", "expired too early");
      this.seeWait(one);
      this.gone(one);
    }
    for (const { ask, limit } of unfit) {
      if (this.tooSmall(ask.estimate) !== limit) throw new Broken("whole", "what fits is handed back");
      this.seeWait(ask);
      this.gone(ask);
    }
    const gone = new Set(begun.map(({ id }) => id));
    for (const { ask } of this.waiting.values()) {
      if (gone.has(ask.id)) continue;
      if (ask.untilMs <= this.nowMs) throw new Broken("whole", "expired too late");
      if (this.isRelimited && this.tooSmall(ask.estimate) !== undefined)
        throw new Broken("whole", "waits for ever");
    }
    this.isRelimited = false;
    for (const one of begun) this.seeBegun(one);
  }

  private seeBegun(one: Waited): void {
    const request = this.waiting.get(one.id);
    if (request === undefined) throw new Broken("whole", "who is begun waits");
    if (this.orders.get(one.flow + one.band)?.[0] !== one.id) throw new Broken("order", one.id);
    this.seeWait(one);
    const cost = costOf(request.weights, one.estimate);
    this.seeBands(one.band, cost);
    this.gone(one);
    this.running.set(one.id, request);
    request.beganMs = this.nowMs;
    // What a limit's fullness at a moment is told by holds all of that moment.
    if (this.takenOnce?.atMs === this.nowMs) this.takenOnce = null;
    if (this.nowMs < this.pausedUntilMs) throw new Broken("herd", "begun in a pause");
    const width = this.isProbing ? 1 : this.rules.congestion.most;
    if (this.running.size > width) throw new Broken("herd", `${this.running.size} run of ${width}`);
    for (const limit of this.theirs) {
      const { sent, written } =
        request.actual === null ? { sent: 0, written: 0 } : this.count(limit, request.actual);
      const isOver = !limit.hasRoom(sent + written, WHOLE_BP, this.nowMs);
      if (sent + written > 0 && isOver) throw new Broken("limit", nameOf(limit.limit));
      this.reserve(limit, request, request.actual);
    }
    this.seeKept(one);
    for (const limit of this.ours) this.reserve(limit, request, one.estimate);
    this.costs.set(one.flow, (this.costs.get(one.flow) ?? 0) + cost);
    this.mostByWeight = Math.max(this.mostByWeight, cost / one.weight);
    this.seeTogether(one, cost);
  }

  private seeKept({ band, estimate }: Ask): void {
    if (band === "interactive") return;
    const bp = WHOLE_BP - this.rules.headroomBp;
    const isLeft = this.ours.every((limit) => {
      const { sent, written } = this.count(limit, estimate);
      return limit.hasRoom(sent + written, bp, this.nowMs, limit.levelAt(this.nowMs), this.keptBp);
    });
    if (!isLeft) throw new Broken("kept", `${band} took it`);
  }

  private get keptBp(): number {
    return this.nowMs < this.interactiveMs + INTERACTIVE_MS ? this.rules.interactiveBp : 0;
  }

  private seeWait({ id, waited: { ms, byCause, whileOthers } }: Waited): void {
    const sum = ({ limit, width, pause }: typeof whileOthers) =>
      Object.values(limit).reduce((all, part) => all + part, width + pause);
    const { askedMs } = this.waiting.get(id)!;
    if (ms !== this.nowMs - askedMs || sum(byCause) + byCause.turn !== ms)
      throw new Broken("wait", `${JSON.stringify(byCause)} is not ${this.nowMs - askedMs}`);
    if (sum(whileOthers) !== byCause.turn) throw new Broken("wait", "others did not wait as long");
    if (
      [byCause.turn, ...Object.values(byCause.limit), ...Object.values(whileOthers.limit)].some(
        (part) => part < 0,
      )
    )
      throw new Broken("wait", "time goes back");
  }

  private seeAccounts(): void {
    const taken = this.pool.takenAt(this.nowMs);
    this.ours.forEach((limit, at) => {
      const [is, ought] = [taken[at]?.taken, limit.takenAt(this.nowMs)];
      if (is !== ought) throw new Broken("account", `${nameOf(limit.limit)} ${is} instead of ${ought}`);
    });
    let balance = 0;
    for (const flow of this.flowWeights.keys()) {
      const cost = this.costs.get(flow) ?? 0;
      const { granted, lent, borrowed } = this.pool.evidenceOf(flow);
      if (granted !== cost) throw new Broken("evidence", `${flow} ${granted} instead of ${cost}`);
      balance += lent - borrowed;
    }
    if (balance !== 0) throw new Broken("evidence", `${balance} lent to nobody`);
  }

  private seeFairness(): void {
    const { gap, bound } = this.pool.fairness();
    if (gap > bound) throw new Broken("fair", `${gap} > ${bound}`);
    const most = Math.ceil(this.mostByWeight) + this.rules.memory.credit;
    if (!this.traits.isCorrected && bound > most + 7) throw new Broken("fair", `bound ${bound} > ${most}`);
  }

  /** From any instant to any other at which two flows of a band wait, without corrections. */
  private seeTogether(begun: Ask, cost: number): void {
    if (this.traits.isCorrected) return;
    const waits = (flow: string) => (this.orders.get(flow + begun.band)?.length ?? 0) > 0;
    for (const flow of this.flowWeights.keys()) {
      if (flow === begun.flow) continue;
      const pair = [flow, begun.flow].sort();
      const name = `${pair.join()} ${begun.band}`;
      const seen = this.together.get(name) ?? { gap: 0, least: 0, most: 0 };
      if (waits(flow)) {
        const sign = pair[0] === begun.flow ? 1 : -1;
        seen.gap += (sign * cost) / begun.weight;
        seen.least = Math.min(seen.least, seen.gap);
        seen.most = Math.max(seen.most, seen.gap);
        this.together.set(name, seen);
        const bound = 2 * (this.mostByWeight + this.rules.memory.credit) + 10;
        if (seen.most - seen.least > bound)
          throw new Broken("fair", `${name}: ${seen.most - seen.least} > ${bound}`);
      }
      if (!waits(flow) || !waits(begun.flow)) this.together.delete(name);
    }
  }

  private seeBands(band: Band, cost: number): void {
    const at = BANDS.indexOf(band);
    const waits = (one: Band) => [...this.waiting.values()].some(({ ask }) => ask.band === one);
    const isBeforeHigher = BANDS.slice(0, at).some(waits);
    if (isBeforeHigher) this.own.set(band, (this.own.get(band) ?? 0) + cost);
    this.served.set(band, (this.served.get(band) ?? 0) + cost);
    BANDS.forEach((below, place) => {
      const left = [...this.waiting.values()].filter(({ ask }) => ask.band === below).length;
      if (left - (below === band ? 1 : 0) === 0) {
        this.above.delete(below);
        this.own.delete(below);
        this.served.delete(below);
      } else if (place > at) this.above.set(below, (this.above.get(below) ?? 0) + cost);
      const [own, above] = [this.own.get(below) ?? 0, this.above.get(below) ?? 0];
      const served = this.served.get(below) ?? 0;
      const part = (above * this.rules.floorBp) / WHOLE_BP;
      if (own > part + 1) throw new Broken("floor", `${below} has ${own} of ${part}`);
      if (served < part - 2 * this.mostCost)
        throw new Broken("floor", `${below} has only ${served} of ${part}`);
    });
  }

  private seeWork(): void {
    if (this.traits.isRefused || this.waiting.size === 0) return;
    const bp = WHOLE_BP - this.rules.headroomBp;
    const levels = this.ours.map((limit) => limit.levelAt(this.nowMs));
    const { keptBp } = this;
    const fits = ({ ask }: Request) =>
      this.ours.every((limit, at) => {
        const { sent, written } = this.count(limit, ask.estimate);
        return limit.hasRoom(
          sent + written,
          bp,
          this.nowMs,
          levels[at],
          ask.band === "interactive" ? 0 : keptBp,
        );
      });
    if ([...this.waiting.values()].every(fits)) throw new Broken("work", "all fit, and wait");
  }

  private pass(): void {
    const { random, wakeAtMs } = this;
    if (wakeAtMs !== null && wakeAtMs < this.nowMs) throw new Broken("wake", "in the past");
    if (wakeAtMs === null || random.chance(0.5)) {
      const most = wakeAtMs === null ? MINUTE : wakeAtMs - this.nowMs;
      this.nowMs += random.between(0, Math.min(most, MINUTE));
      this.turn();
      return;
    }
    if (wakeAtMs > this.nowMs + 1) {
      this.nowMs = wakeAtMs - 1;
      const before = this.waiting.size;
      this.turn();
      if (this.waiting.size !== before) throw new Broken("wake", "somebody went before");
    }
    this.nowMs = wakeAtMs;
    const before = this.waiting.size;
    this.turn();
    if (this.waiting.size === before) throw new Broken("wake", "nobody went");
  }

  private gone({ id, flow, band }: Ask): void {
    this.waiting.delete(id);
    this.orders.set(
      flow + band,
      this.orders.get(flow + band)!.filter((one) => one !== id),
    );
  }

  private reserve(limit: DullLimit, request: Request, use: Use | null): void {
    const { sent, written } = use === null ? { sent: 0, written: 0 } : this.count(limit, use);
    limit.held += written;
    request.arrivals.set(limit, [limit.arrive(sent, this.nowMs)]);
  }

  /** Less counts as if it had been known when it came, what came last first; more from now on. */
  private amend(limit: DullLimit, { arrivals }: Request, amount: number): void {
    const own = arrivals.get(limit)!;
    let less = own.reduce((sum, one) => sum + one.amount, -amount);
    if (less < 0) own.push(limit.arrive(-less, this.nowMs));
    for (const one of own.toReversed()) {
      const part = Math.min(Math.max(0, less), one.amount);
      one.amount -= part;
      less -= part;
    }
  }

  private count(limit: DullLimit, use: Use) {
    const { sent, written } = countIn(limit.limit.dimension, use);
    return this.rules.output === "asked" ? { sent: sent + written, written: 0 } : { sent, written };
  }

  private countedOf({ estimate }: Ask, used: Use): Use {
    return this.rules.output === "written" ? used : { ...used, outputTokens: estimate.outputTokens };
  }

  /** Of the limits the first that never has room for a use. */
  private tooSmall(use: Use): Limit | undefined {
    return this.limits.find((limit) => {
      const { sent, written } = countIn(limit.dimension, use);
      const empty = new DullLimit(limit, this.nowMs);
      return !empty.hasRoom(sent + written, WHOLE_BP - this.rules.headroomBp, this.nowMs);
    });
  }

  private someLimits(): readonly Limit[] {
    const { random } = this;
    const all: readonly Limit[] = [
      { dimension: "requests", limit: random.between(1, 40), windowMs: MINUTE },
      { dimension: "tokens", limit: random.between(9_000, 60_000), windowMs: MINUTE },
      { dimension: "inputTokens", limit: random.between(8_000, 60_000), windowMs: MINUTE },
      { dimension: "outputTokens", limit: random.between(3_000, 30_000), windowMs: MINUTE },
      { dimension: "requests", limit: random.between(20, 400), windowMs: 10 * MINUTE },
    ];
    return all.filter(() => random.chance(0.5));
  }
}

const nameOf = ({ dimension, windowMs }: Limit): string => `${dimension}/${windowMs}`;

/** The law that a story breaks, or null. @param seed chooses what happens, and what may happen */
export function brokenLaw(
  seed: number,
  { steps = 120, ...sure }: Partial<Traits> & { readonly steps?: number } = {},
): { readonly law: Law; readonly why: string } | null {
  const random = new Random(seed, "traits");
  const chance = random.unit();
  const traits: Traits = {
    isCorrected: random.chance(0.5),
    isRefused: random.chance(0.3),
    // Not both: what was used before a restart is recalled as flowed off at the figures of now.
    isRelimited: chance < 0.4,
    isRestarted: chance > 0.6,
    ...sure,
  };
  try {
    new Story(seed, traits).tell(steps);
    return null;
  } catch (error) {
    if (error instanceof Broken) return { law: error.law, why: `${error.why} (seed ${seed})` };
    throw error;
  }
}
