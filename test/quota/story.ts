// Random stories of a pool: arrivals, ends of every kind, refusals, limits that change, restarts; and the laws that hold in all.
import { costOf, weightsOf } from "../../src/quota/amounts.js";
import { BANDS } from "../../src/quota/bands.js";
import { type Ask, type Past, Pool, type Taken } from "../../src/quota/index.js";
import { Random } from "../../testnet/lab/simulate/world/random.js";
import { someLimits, someRules, type Traits } from "./story/chances.js";
import { Broken, type Law } from "./story/law.js";
import { Laws } from "./story/laws.js";
import { MINUTE, type Request, Scene } from "./story/scene.js";

export type { Law, Traits };

class Story {
  private readonly random: Random;
  /** the most that ask at once */
  private readonly crowd: number;
  private readonly scene: Scene;
  private pool: Pool;
  private readonly laws: Laws;
  private readonly flowWeights = new Map<string, number>();
  private past: (Omit<Past, "agoMs"> & { readonly atMs: number })[] = [];
  /** how full the limits were at some time of this process */
  private takenOnce: { readonly atMs: number; readonly taken: readonly Taken[] } | null = null;
  private made = 0;
  private wakeAtMs: number | null = null;

  constructor(
    seed: number,
    private readonly traits: Traits,
  ) {
    const random = new Random(seed, "quota");
    this.random = random;
    this.crowd = random.pick([2, 4, 8]);
    const limits = someLimits(random);
    this.scene = new Scene(someRules(random, limits, traits.isRefused), limits);
    this.pool = new Pool(this.scene.rules);
    this.laws = new Laws(this.scene, traits);
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
    const { random, traits, scene } = this;
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
      untilMs: scene.nowMs + random.between(1, 4 * MINUTE),
    };
    const result = this.pool.ask(ask, scene.nowMs);
    if (!result.ok) {
      const isTooLarge = this.laws.limits.tooSmall(estimate) !== undefined;
      if (!isTooLarge) throw new Broken("whole", "what fits is not let in");
      return;
    }
    const weights = weightsOf(scene.limits);
    scene.come({ ask, weights, askedMs: scene.nowMs, actual, known: estimate, beganMs: 0 });
    this.laws.limits.asked(ask.band, scene.nowMs);
    this.laws.floor.asked(costOf(weights, estimate));
  }

  /** More of what one that runs uses is known, and sometimes more than it will have used after all. */
  private hear(): void {
    const request = this.someRunning();
    if (request === null || request.actual === null) return;
    const { ask, actual, known, weights } = request;
    const used = {
      inputTokens: this.random.between(actual.inputTokens, ask.estimate.inputTokens),
      outputTokens: this.random.between(0, actual.outputTokens),
    };
    this.pool.heard(ask.id, used, this.scene.nowMs);
    request.known = { ...known, inputTokens: used.inputTokens };
    this.laws.evidence.charged(ask.flow, costOf(weights, request.known) - costOf(weights, known));
    this.laws.limits.heard(request);
  }

  private settle(): void {
    const { scene } = this;
    const request = this.someRunning();
    if (request === null) return;
    const { ask, actual, weights, known } = request;
    scene.running.delete(ask.id);
    if (actual !== null) {
      this.pool.answered();
      this.laws.herd.answered();
    }
    this.pool.settle(ask.id, actual, scene.nowMs);
    const counted = scene.countedOf(request);
    const cost = counted === null ? 0 : costOf(weights, counted);
    this.laws.evidence.charged(ask.flow, cost - costOf(weights, known));
    this.laws.limits.settled(request);
    if (counted === null) return;
    const atMs = scene.rules.output === "asked" ? request.beganMs : scene.nowMs;
    this.past.push({ flow: ask.flow, band: ask.band, weight: ask.weight, use: counted, atMs });
  }

  private leave(): void {
    const { waiting, nowMs } = this.scene;
    if (waiting.size === 0) return;
    const { ask } = this.random.pick([...waiting.values()]);
    if (!this.pool.leave(ask.id, nowMs)) throw new Broken("whole", "who waits may leave");
    this.scene.go(ask);
  }

  private refuse(): void {
    const request = this.someRunning();
    if (request === null) return;
    const retryMs = this.random.pick([null, 500, 20_000]);
    this.pool.refused(request.ask.id, retryMs, this.scene.nowMs);
    this.laws.herd.refused(retryMs);
  }

  private relimit(): void {
    const { scene } = this;
    scene.limits = someLimits(this.random);
    this.pool.relimit(scene.limits, scene.nowMs);
    this.laws.relimited();
  }

  /** The process ends; what it used is recalled by the next one, what ran as used in full and just now. */
  private restart(): void {
    const { scene } = this;
    const { nowMs } = scene;
    for (const { ask } of scene.running.values()) {
      const { flow, band, weight, estimate } = ask;
      this.past.push({ flow, band, weight, use: estimate, atMs: nowMs });
    }
    this.past.sort((a, b) => a.atMs - b.atMs);
    this.laws.restarted();
    scene.restart();
    const once = this.random.chance(0.5) ? this.takenOnce : null;
    this.takenOnce = null;
    this.pool = new Pool({ ...scene.rules, limits: scene.limits });
    if (once !== null) {
      this.pool.recallTaken(once.taken, nowMs - once.atMs, nowMs);
      this.laws.limits.recalledTaken(once.taken, once.atMs);
    }
    const weights = weightsOf(scene.limits);
    for (const { atMs, ...past } of this.past) {
      this.pool.recall({ ...past, agoMs: nowMs - atMs }, nowMs);
      this.laws.limits.asked(past.band, atMs);
      if (once === null || atMs > once.atMs) this.laws.limits.recalled(past.use, atMs);
      const cost = costOf(weights, past.use);
      this.laws.evidence.charged(past.flow, cost);
      this.laws.fair.recalled(cost, past.weight);
    }
  }

  private turn(): void {
    const { scene, pool } = this;
    const turn = pool.turn(scene.nowMs);
    this.laws.see(turn, pool, this.flowWeights.keys());
    this.wakeAtMs = turn.wakeAtMs;
    // What a limit's fullness at a moment is told by holds all of that moment.
    if (turn.begun.length > 0 && this.takenOnce?.atMs === scene.nowMs) this.takenOnce = null;
    if (this.random.chance(0.1)) this.takenOnce = { atMs: scene.nowMs, taken: pool.takenAt(scene.nowMs) };
  }

  /** Time passes, often to the moment for which the last turn was told. */
  private pass(): void {
    const { random, wakeAtMs, scene } = this;
    if (wakeAtMs !== null && wakeAtMs < scene.nowMs) throw new Broken("wake", "in the past");
    if (wakeAtMs === null || random.chance(0.5)) {
      const most = wakeAtMs === null ? MINUTE : wakeAtMs - scene.nowMs;
      scene.nowMs += random.between(0, Math.min(most, MINUTE));
      this.turn();
      return;
    }
    const isBefore = wakeAtMs > scene.nowMs + 1;
    if (isBefore && this.goneAt(wakeAtMs - 1) > 0) throw new Broken("wake", "somebody went before");
    if (this.goneAt(wakeAtMs) === 0) throw new Broken("wake", "nobody went");
  }

  /** How many wait no more after a turn at a time. */
  private goneAt(nowMs: number): number {
    this.scene.nowMs = nowMs;
    const before = this.scene.waiting.size;
    this.turn();
    return before - this.scene.waiting.size;
  }

  private someRunning(): Request | null {
    const { running } = this.scene;
    return running.size === 0 ? null : this.random.pick([...running.values()]);
  }
}

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
