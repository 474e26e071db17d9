// A pool driven by a virtual clock, as the gateway's line drives it by the real one.
import { type Ask, type AskFault, Pool, type PoolRules, type Use } from "../../../../src/quota/index.js";
import type { VirtualClock } from "../virtual-clock.js";

export class VirtualLine {
  protected readonly pool: Pool;
  private readonly waiters = new Map<string, (outcome: "go" | "late") => void>();
  private cancel: () => void = () => undefined;

  constructor(
    rules: PoolRules,
    protected readonly clock: VirtualClock,
  ) {
    this.pool = new Pool(rules);
  }

  wait(ask: Ask): Promise<"go" | "late" | AskFault> {
    const asked = this.pool.ask(ask, this.clock.nowMs());
    if (!asked.ok) return Promise.resolve(asked.error);
    return new Promise((resolve) => {
      this.waiters.set(ask.id, resolve);
      this.move();
    });
  }

  settle(id: string, used: Use | null): void {
    this.pool.settle(id, used, this.clock.nowMs());
    this.move();
  }

  answered(): void {
    this.pool.answered();
    this.move();
  }

  heard(id: string, used: Use): void {
    this.pool.heard(id, used, this.clock.nowMs());
    this.move();
  }

  refused(id: string, retryMs: number | null): void {
    this.pool.refused(id, retryMs, this.clock.nowMs());
  }

  protected move(): void {
    const { begun, expired, wakeAtMs } = this.pool.turn(this.clock.nowMs());
    this.cancel();
    this.cancel = wakeAtMs === null ? () => undefined : this.clock.at(wakeAtMs, () => this.move());
    for (const { id } of begun) this.end(id, "go");
    for (const { id } of expired) this.end(id, "late");
  }

  private end(id: string, outcome: "go" | "late"): void {
    this.waiters.get(id)?.(outcome);
    this.waiters.delete(id);
  }
}
