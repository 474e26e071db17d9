// Random stories of several gateways on one key: requests, loans late and lost, parts that move, gateways that die; and the upstream's own count.
import { Exchange, type ExchangeMessage, type Limit, Pool, type Use } from "../../src/quota/index.js";
import { Random } from "../../testnet/lab/simulate/world/random.js";
import { Bucket } from "../../testnet/upstream/bucket.js";
import { ask, RULES } from "./asking.js";

export interface KeyTraits {
  readonly gateways: number;
  readonly limit: Limit;
  /** ms that a message takes, from to */
  readonly delayMs: readonly [number, number];
  /** of messages that do not arrive, 0..1 */
  readonly lost: number;
  /** parts move, and gateways die and are replaced */
  readonly isMoving: boolean;
  /** of gateways that ask at all, in their order */
  readonly busy: number;
  /** of the limit, the most that a request takes, 0..1; of each gateway its own, or of all */
  readonly most: number | readonly number[];
  /** of a request's estimate what it may turn out to be less by, 0..1 */
  readonly guessed: number;
  /** so many come at once, at most, and the next after so many windows, at most */
  readonly burst: number;
  readonly pause: number;
  readonly windows: number;
}

interface Event {
  readonly atMs: number;
  readonly nth: number;
  readonly happens: () => void;
}

interface Gateway {
  readonly name: string;
  readonly pool: Pool;
  readonly exchange: Exchange;
  parts: number;
  isAlive: boolean;
  /** the latest turn for which it is to be woken */
  wake: number;
}

const WHOLE = 1_000;

/** What the upstream refused, and what of its limit was used from the second window on, 0..1. */
export interface KeyOutcome {
  readonly refused: number;
  readonly used: number;
  /** the same by gateway */
  readonly usedBy: readonly number[];
  readonly loans: number;
}

class KeyStory {
  private readonly events: Event[] = [];
  private nth = 0;
  private nowMs = 0;
  private readonly upstream: Bucket;
  private readonly gateways: Gateway[];
  private refused = 0;
  private readonly used = new Map<string, number>();
  private loans = 0;

  constructor(
    private readonly random: Random,
    private readonly traits: KeyTraits,
  ) {
    this.upstream = new Bucket({ ...traits.limit, ends: "refill" }, 0);
    this.gateways = Array.from({ length: traits.gateways }, (_, at) => this.gatewayOf(`gateway-${at}`));
  }

  tell(): KeyOutcome {
    const { traits, gateways, random } = this;
    const endMs = traits.windows * traits.limit.windowMs;
    let rest = WHOLE;
    for (const [at, gateway] of gateways.entries()) {
      const isLast = at === gateways.length - 1;
      gateway.parts =
        isLast || !traits.isMoving ? Math.floor(rest / (gateways.length - at)) : random.between(0, rest);
      rest -= gateway.parts;
      gateway.pool.part.set(gateway.parts, 0);
    }
    this.holdAll();
    for (const gateway of gateways.slice(0, traits.busy)) this.work(gateway);
    if (traits.isMoving) this.change();
    for (
      let next = this.events.shift();
      next !== undefined && next.atMs <= endMs;
      next = this.events.shift()
    ) {
      this.nowMs = next.atMs;
      next.happens();
    }
    const measuredMs = endMs - traits.limit.windowMs;
    const most = (traits.limit.limit * measuredMs) / traits.limit.windowMs;
    const usedBy = gateways.map(({ name }) => (this.used.get(name) ?? 0) / most);
    return { refused: this.refused, used: usedBy.reduce((a, b) => a + b), usedBy, loans: this.loans };
  }

  private gatewayOf(name: string): Gateway {
    const rules = { ...RULES, limits: [this.traits.limit], headroomBp: 0, parts: 0 };
    const pool = new Pool({ ...rules, output: "asked" });
    return { name, pool, exchange: new Exchange(name, pool.part), parts: 0, isAlive: true, wake: 0 };
  }

  private work(gateway: Gateway): void {
    const { limit, windowMs } = this.traits.limit;
    const { most } = this.traits;
    const ofLimit = typeof most === "number" ? most : most[this.gateways.indexOf(gateway)]!;
    this.later(this.random.unit() * windowMs * this.traits.pause, () => {
      if (!gateway.isAlive) return;
      for (
        let more = this.random.between(0, this.traits.burst);
        more > 0 && gateway.pool.waitingCount < 20;
        more--
      ) {
        const tokens = this.random.between(1, Math.max(1, Math.floor(limit * ofLimit)));
        gateway.pool.ask(ask("flow", { inputTokens: tokens, outputTokens: 0 }), this.nowMs);
      }
      this.move(gateway);
      this.work(gateway);
    });
  }

  private move(gateway: Gateway): void {
    if (!gateway.isAlive) return;
    const { pool, exchange } = gateway;
    for (;;) {
      const { begun, wakeAtMs } = pool.turn(this.nowMs);
      for (const { id, estimate } of begun) this.send(gateway, id, estimate);
      const step = exchange.step(this.nowMs);
      for (const { to, message } of step.send) this.carry(gateway, to, message);
      if (step.isTurnDue) {
        this.loans += 1;
        continue;
      }
      const wakes = [wakeAtMs, step.wakeAtMs].filter((one) => one !== null);
      const wake = ++gateway.wake;
      const atMs = Math.min(...wakes);
      if (Number.isFinite(atMs))
        this.later(atMs - this.nowMs, () => {
          if (gateway.wake === wake) this.move(gateway);
        });
      return;
    }
  }

  /** The upstream judges a request by what it is, and the gateway hears what that was. */
  private send(gateway: Gateway, id: string, { inputTokens }: Use): void {
    const less = Math.floor(inputTokens * this.traits.guessed * this.random.unit());
    const actual = inputTokens - less;
    if (this.upstream.over(actual, this.nowMs) === null) {
      this.upstream.add(actual, this.nowMs);
      if (this.nowMs > this.traits.limit.windowMs)
        this.used.set(gateway.name, (this.used.get(gateway.name) ?? 0) + actual);
    } else this.refused += 1;
    this.later(this.random.between(0, this.traits.limit.windowMs / 10), () => {
      if (!gateway.isAlive) return;
      gateway.pool.settle(id, { inputTokens: actual, outputTokens: 0 }, this.nowMs);
      this.move(gateway);
    });
  }

  private carry(from: Gateway, to: string, message: ExchangeMessage): void {
    if (this.random.chance(this.traits.lost)) return;
    const gateway = this.gateways.find(({ name }) => name === to)!;
    const [least, most] = this.traits.delayMs;
    // Some come twice.
    for (let times = this.random.chance(this.traits.lost) ? 2 : 1; times > 0; times--)
      this.later(this.random.between(least, most), () => {
        if (!gateway.isAlive) return;
        gateway.exchange.receive(from.name, message, this.nowMs);
        this.move(gateway);
      });
  }

  /** Parts move from one to another, who has them at once or later; or a gateway dies, and another has its parts after a term. */
  private change(): void {
    const { random, gateways } = this;
    const { windowMs } = this.traits.limit;
    this.later(random.between(0, windowMs), () => {
      const from = random.pick(gateways);
      const others = gateways.filter((one) => one !== from && one.isAlive);
      if (from.isAlive && others.length > 0) {
        const isDying = others.length > 1 && random.chance(0.2);
        const moved = isDying ? from.parts : random.between(0, from.parts);
        from.parts -= moved;
        if (isDying) from.isAlive = false;
        else from.pool.part.set(from.parts, this.nowMs);
        this.later(random.pick([0, windowMs / 50, windowMs / 4]), () => {
          const to = random.pick(gateways.filter((one) => one.isAlive));
          to.parts += moved;
          to.pool.part.set(to.parts, this.nowMs);
          this.holdAll();
        });
        this.holdAll();
      }
      this.change();
    });
  }

  private holdAll(): void {
    for (const gateway of this.gateways) {
      const others = this.gateways.filter((one) => one !== gateway && one.isAlive);
      gateway.exchange.hold(new Map(others.map(({ name, parts }) => [name, parts])), this.nowMs);
    }
    for (const gateway of this.gateways) this.move(gateway);
  }

  private later(ms: number, happens: () => void): void {
    const event = { atMs: this.nowMs + Math.max(0, Math.floor(ms)), nth: this.nth++, happens };
    let at = this.events.length;
    while (at > 0 && this.events[at - 1]!.atMs > event.atMs) at -= 1;
    this.events.splice(at, 0, event);
  }
}

export function keyOutcome(seed: number, sure: Partial<KeyTraits> = {}): KeyOutcome {
  const random = new Random(seed, "key");
  return new KeyStory(random, {
    gateways: random.between(2, 4),
    limit: {
      dimension: "tokens",
      limit: random.pick([7, 100, 99_991]),
      windowMs: random.pick([1_000, 60_000]),
    },
    delayMs: [0, random.pick([0, 5, 150])],
    lost: random.pick([0, 0.2]),
    isMoving: random.chance(0.6),
    busy: random.between(1, 4),
    most: random.pick([0.05, 0.3, 1]),
    guessed: random.pick([0, 0, 0.9]),
    burst: random.pick([4, 20]),
    pause: random.pick([0.1, 1]),
    windows: 12,
    ...sure,
  }).tell();
}
