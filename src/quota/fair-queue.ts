// Who is next: the flow that was served least for its weight (virtual token counters, arXiv 2401.00588).
import { invariant } from "../base/index.js";

/** Something that waits. */
export interface Waiting {
  readonly id: string;
  /** ≥ 0, what fairness counts; an estimate until it is settled */
  readonly cost: number;
}

/** What a flow is entitled to, beside others. */
export interface Share {
  /** 1 to 10,000 */
  readonly weight: number;
}

/** What is remembered of whoever was idle and lent its share. */
export interface Memory {
  /** half of it is forgotten in this time, > 0 */
  readonly halfLifeMs: number;
  /** the most that it is, for a weight of 1; ≥ 0 */
  readonly credit: number;
}

interface Flow<T extends Waiting> {
  weight: bigint;
  /** what it was charged; what it was served for its weight is charged / weight */
  charged: bigint;
  /** when it last had something waiting or running */
  idleSinceMs: number;
  running: number;
  readonly waiting: T[];
}

const MAX_WEIGHT = 10_000;

/**
 * Of flows that wait all the time, no two differ by more than `2·(most + credit)` in what they are charged for a weight of 1:
 * `most` is the greatest cost of one request divided by its flow's weight, and corrections by settling come on top.
 */
export class FairQueue<T extends Waiting> {
  private readonly flows = new Map<string, Flow<T>>();
  /** the greatest charge by weight at which a flow was chosen: where a flow begins that comes when none waits */
  private clock = { charged: 0n, weight: 1n };

  /** when flows were looked through for the last time */
  private lookedMs = 0;

  constructor(private readonly memory: Memory) {}

  /** How many wait. */
  size = 0;

  waitingOf(id: string): number {
    return this.flows.get(id)?.waiting.length ?? 0;
  }

  /** Joins a flow's own queue, whose order is that of arrival. */
  join(id: string, { weight }: Share, item: T, nowMs: number): void {
    invariant(Number.isSafeInteger(weight) && weight >= 1 && weight <= MAX_WEIGHT, "a weight is 1 to 10,000");
    const flow = this.flowOf(id, BigInt(weight), nowMs);
    if (flow.waiting.length === 0) this.lift(flow, nowMs);
    flow.waiting.push(item);
    this.size += 1;
  }

  /** The flow that is next and what waits at its head, or null: none waits. */
  get head(): { readonly flow: string; readonly item: T } | null {
    let next: [string, Flow<T>] | null = null;
    for (const [id, flow] of this.flows) {
      if (flow.waiting.length > 0 && (next === null || isServedLess(flow, next[1]))) next = [id, flow];
    }
    return next === null ? null : { flow: next[0], item: next[1].waiting[0]! };
  }

  /** Takes a flow's head and charges it. */
  serve(id: string): T {
    const flow = this.flows.get(id);
    const item = flow?.waiting.shift();
    invariant(flow !== undefined && item !== undefined, "what is served waits");
    this.size -= 1;
    if (!isServedLess(flow, this.clock)) this.clock = { charged: flow.charged, weight: flow.weight };
    flow.charged += BigInt(item.cost);
    flow.running += 1;
    return item;
  }

  /** Charges the difference, once what was served is over. */
  settle(id: string, difference: number, nowMs: number): void {
    const flow = this.flows.get(id);
    invariant(flow !== undefined && flow.running > 0, "what is settled was served");
    flow.running -= 1;
    flow.charged += BigInt(difference);
    this.rest(flow, nowMs);
  }

  /** Whoever waits leaves. @returns false: it does not wait */
  leave(id: string, itemId: string, nowMs: number): boolean {
    const flow = this.flows.get(id);
    const at = flow?.waiting.findIndex((one) => one.id === itemId) ?? -1;
    if (flow === undefined || at < 0) return false;
    flow.waiting.splice(at, 1);
    this.size -= 1;
    this.rest(flow, nowMs);
    return true;
  }

  /** A flow's weight from now on; what it was served for its weight stays. */
  private reweigh(id: string, { weight }: Share): void {
    const flow = this.flows.get(id);
    if (flow === undefined) return;
    flow.charged = (flow.charged * BigInt(weight)) / flow.weight;
    flow.weight = BigInt(weight);
  }

  /** Forgets flows that have neither waited nor run for so long that nothing is remembered for or against them. */
  forget(nowMs: number): void {
    const keptMs = this.memory.halfLifeMs * REMEMBERED_HALF_LIVES;
    if (nowMs - this.lookedMs < keptMs) return;
    this.lookedMs = nowMs;
    for (const [id, flow] of this.flows) {
      const isIdle = flow.waiting.length === 0 && flow.running === 0;
      if (isIdle && nowMs - flow.idleSinceMs >= keptMs && !isServedLess(this.clock, flow))
        this.flows.delete(id);
    }
  }

  private flowOf(id: string, weight: bigint, nowMs: number): Flow<T> {
    const known = this.flows.get(id);
    if (known !== undefined) {
      if (known.weight !== weight) this.reweigh(id, { weight: Number(weight) });
      return known;
    }
    // Who comes for the first time has lent nothing.
    const { charged } = this.floorFor(weight);
    const flow: Flow<T> = { weight, charged, idleSinceMs: nowMs, running: 0, waiting: [] };
    this.flows.set(id, flow);
    return flow;
  }

  private rest(flow: Flow<T>, nowMs: number): void {
    if (flow.waiting.length === 0 && flow.running === 0) flow.idleSinceMs = nowMs;
  }

  /** Whoever was idle begins no further behind the others than by what is remembered that it lent. */
  private lift(flow: Flow<T>, nowMs: number): void {
    const { charged } = this.floorFor(flow.weight);
    if (charged <= flow.charged) return;
    const lent = halved(
      charged - flow.charged,
      flow.running > 0 ? 0 : nowMs - flow.idleSinceMs,
      this.memory.halfLifeMs,
    );
    const credit = BigInt(this.memory.credit) * flow.weight;
    flow.charged = charged - (lent < credit ? lent : credit);
  }

  /** What a flow of such a weight was charged if it was served for it as the least served of those that wait. */
  private floorFor(weight: bigint): { readonly charged: bigint } {
    let least: { readonly charged: bigint; readonly weight: bigint } | null = null;
    for (const flow of this.flows.values()) {
      if (flow.waiting.length > 0 && (least === null || isServedLess(flow, least))) least = flow;
    }
    const from = least ?? this.clock;
    return { charged: (from.charged * weight + from.weight - 1n) / from.weight };
  }
}

/** After so many nothing is left of a credit. */
const REMEMBERED_HALF_LIVES = 64;

interface Charged {
  readonly charged: bigint;
  readonly weight: bigint;
}

const isServedLess = (a: Charged, b: Charged): boolean => a.charged * b.weight < b.charged * a.weight;

/** A sum after a time, by half-lives: whole ones halve it, a part takes its part of the next half. */
function halved(sum: bigint, elapsedMs: number, halfLifeMs: number): bigint {
  const whole = Math.floor(elapsedMs / halfLifeMs);
  if (whole >= REMEMBERED_HALF_LIVES) return 0n;
  const left = sum >> BigInt(whole);
  const part = BigInt(elapsedMs - whole * halfLifeMs);
  return left - (left * part) / (2n * BigInt(halfLifeMs));
}
