// All laws of a story together, and what a turn of the pool's may say: order, whole.
import { costOf } from "../../../src/quota/amounts.js";
import type { Pool, Turn, Waited } from "../../../src/quota/index.js";
import type { Traits } from "./chances.js";
import { EvidenceLaw } from "./evidence-law.js";
import { FairLaw } from "./fair-law.js";
import { FloorLaw } from "./floor-law.js";
import { HerdLaw } from "./herd-law.js";
import { Broken } from "./law.js";
import { LimitLaws } from "./limit-laws.js";
import type { Scene } from "./scene.js";
import { seeWait } from "./wait-law.js";

export class Laws {
  readonly limits: LimitLaws;
  readonly fair: FairLaw;
  readonly floor: FloorLaw;
  readonly evidence = new EvidenceLaw();
  readonly herd: HerdLaw;
  private isRelimited = false;

  constructor(
    private readonly scene: Scene,
    private readonly traits: Traits,
  ) {
    this.limits = new LimitLaws(scene);
    this.fair = new FairLaw(scene, !traits.isCorrected);
    this.floor = new FloorLaw(scene);
    this.herd = new HerdLaw(scene);
  }

  relimited(): void {
    this.isRelimited = true;
    this.limits.relimited();
  }

  /** To be told while what ran until then still does. */
  restarted(): void {
    for (const law of [this.limits, this.fair, this.floor, this.evidence, this.herd]) law.restarted();
  }

  /** @param flows all there are @throws Broken */
  see(turn: Turn, pool: Pool, flows: Iterable<string>): void {
    const { nowMs, waiting, running } = this.scene;
    const all = [...flows];
    this.seeEnds(turn);
    this.seeLeft(turn);
    for (const one of turn.begun) this.seeBegun(one, all);
    this.limits.seeAccounts(pool.takenAt(nowMs));
    this.evidence.see(all, (flow) => pool.evidenceOf(flow));
    this.fair.see(pool.fairness());
    if (!this.traits.isRefused) this.limits.seeWork();
    if (pool.waitingCount !== waiting.size || pool.runningCount !== running.size)
      throw new Broken("whole", "counts differ");
  }

  private seeEnds({ expired, unfit }: Turn): void {
    for (const one of expired) {
      if (one.untilMs > this.scene.nowMs) throw new Broken("whole", "expired too early");
      this.seeGone(one);
    }
    for (const { ask, limit } of unfit) {
      if (this.limits.tooSmall(ask.estimate) !== limit) throw new Broken("whole", "what fits is handed back");
      this.seeGone(ask);
    }
  }

  /** Those that wait on. */
  private seeLeft({ begun }: Turn): void {
    const gone = new Set(begun.map(({ id }) => id));
    for (const { ask } of this.scene.waiting.values()) {
      if (gone.has(ask.id)) continue;
      if (ask.untilMs <= this.scene.nowMs) throw new Broken("whole", "expired too late");
      if (this.isRelimited && this.limits.tooSmall(ask.estimate) !== undefined)
        throw new Broken("whole", "waits for ever");
    }
    this.isRelimited = false;
  }

  private seeBegun(one: Waited, flows: readonly string[]): void {
    const { scene } = this;
    const request = scene.waiting.get(one.id);
    if (request === undefined) throw new Broken("whole", "who is begun waits");
    if (scene.orderOf(one.flow, one.band)[0] !== one.id) throw new Broken("order", one.id);
    const cost = costOf(request.weights, one.estimate);
    this.floor.begun(one.band, cost);
    this.seeGone(one);
    scene.running.set(one.id, request);
    request.beganMs = scene.nowMs;
    this.herd.begun();
    this.limits.begun(request);
    this.evidence.charged(one.flow, cost);
    this.fair.begun(one, cost, flows);
  }

  private seeGone(one: Waited): void {
    const { waiting, nowMs } = this.scene;
    seeWait(one, nowMs - waiting.get(one.id)!.askedMs);
    this.scene.go(one);
  }
}
