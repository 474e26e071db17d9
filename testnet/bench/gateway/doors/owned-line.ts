// The line of one of several gateways on a key: its pool has a part of the limits, and lends and borrows by messages.
import { ToldLimits } from "../../../../node/gateway/told-limits.js";
import { Exchange, type ExchangeMessage, type PoolRules } from "../../../../src/quota/index.js";
import type { Reading } from "../../../upstream/amounts.js";
import type { VirtualClock } from "../virtual-clock.js";
import { VirtualLine } from "./virtual-line.js";

/** Brings a message to another gateway. */
export type Carry = (to: string, message: ExchangeMessage) => void;

export class OwnedLine extends VirtualLine {
  private readonly exchange: Exchange;
  private readonly toldLimits: ToldLimits;
  private isDead = false;
  private callOff: () => void = () => undefined;
  /** how often loans arrived */
  loans = 0;

  /** @param carry null: it knows of no other */
  constructor(
    name: string,
    rules: PoolRules,
    clock: VirtualClock,
    private readonly carry: Carry | null,
  ) {
    super(rules, clock);
    this.exchange = new Exchange(name, this.pool.part);
    const gatewayClock = {
      nowMs: () => clock.nowMs(),
      wallMs: () => clock.nowMs(),
      later: (ms: number, run: () => void) => clock.at(clock.nowMs() + ms, run),
    };
    this.toldLimits = new ToldLimits(rules.limits, this.pool, gatewayClock, () => undefined);
  }

  get parts(): number {
    return this.pool.part.parts;
  }

  /** @param others the parts of each other gateway */
  hold(parts: number, others: ReadonlyMap<string, number>): void {
    const nowMs = this.clock.nowMs();
    this.pool.part.set(parts, nowMs);
    this.exchange.hold(others, nowMs);
    this.move();
  }

  receive(from: string, message: ExchangeMessage): void {
    if (this.isDead) return;
    this.exchange.receive(from, message, this.clock.nowMs());
    this.move();
  }

  see(id: string, readings: readonly Reading[]): void {
    if (this.isDead) return;
    const seen = readings.map(({ limit: { dimension, limit, windowMs }, remaining }) => ({
      ...{ dimension, limit, windowMs, remaining, grain: 0 },
    }));
    this.toldLimits.see(id, seen);
    this.move();
  }

  /** Its process ends: nothing happens here any more. */
  die(): void {
    this.isDead = true;
  }

  protected override move(): void {
    if (this.isDead) return;
    super.move();
    if (this.carry === null) return;
    let step = this.exchange.step(this.clock.nowMs());
    for (;;) {
      for (const { to, message } of step.send) this.carry(to, message);
      if (!step.isTurnDue) break;
      this.loans += 1;
      super.move();
      step = this.exchange.step(this.clock.nowMs());
    }
    this.callOff();
    if (step.wakeAtMs !== null) this.callOff = this.clock.at(step.wakeAtMs, () => this.move());
  }
}
