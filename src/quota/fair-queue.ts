// Who is next: the flow that was served least for its weight (virtual token counters, arXiv 2401.00588).
import { Heap, invariant } from "../base/index.js";
import { type Charged, forWeight, halved, isLess, perWeight, REMEMBERED_HALF_LIVES } from "./charge.js";
import { Flow, type Queued } from "./flow.js";

/** What a flow is entitled to, beside others. */
export interface Weighed {
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

/** How unequally flows are served that wait: what they were charged for a weight of 1. */
export interface Fairness {
  /** the greatest difference between two that wait now */
  readonly gap: number;
  /** what it never passes, one more for each flow that waits, since charges are whole */
  readonly bound: number;
}

const MAX_WEIGHT = 10_000;
/** Flows that are idle are remembered as long as there are no more. */
const MOST_REMEMBERED = 10_000;
const NOTHING: Charged = { charged: 0n, weight: 1n };

/**
 * Of flows that wait, no two ever differ by more than `most + credit + over + under` in what they are charged for a weight
 * of 1, so that from any instant to any other at which both wait they are served alike to within twice that:
 * - `most` is the greatest cost of one request that was served,
 * - `over` the most by which corrections raised a flow since it was served last: until then it was behind all others,
 * - `under` the most by which corrections lowered a flow since it came.
 * A flow comes when it had nothing waiting. It then begins beside the least served that waits, whatever that one has lent, and
 * behind it by no more than its credit; corrections of what it was served before move it only as far as they would have then.
 */
export class FairQueue<T extends Queued> {
  private readonly flows = new Map<string, Flow<T>>();
  /** flows of which something waits, the least served first, and the one first beside which others begin */
  private readonly byCharge = new Heap<Flow<T>>((a, b) => isBefore(a, b, a.turn < b.turn));
  private readonly byLevel = new Heap<Flow<T>>((a, b) => isBefore(a.level, b.level, a.turn < b.turn));
  /** the greatest charge by weight at which a flow was chosen: where a flow begins that comes when none waits */
  private clock = NOTHING;
  private most = NOTHING;
  private over = NOTHING;
  private under = NOTHING;
  private turns = 0;
  /** when flows were looked through for the last time */
  private lookedMs = 0;

  constructor(private readonly memory: Memory) {}

  /** How many wait. */
  size = 0;

  /** Flows of which something waits. */
  get flowCount(): number {
    return this.byCharge.size;
  }

  waitingOf(id: string): readonly T[] {
    return this.flows.get(id)?.waiting ?? [];
  }

  /** About how many turns come before that of a flow's nth request that waits, from 0: its own, and by weight of each other as many as wait. */
  turnsBefore(id: string, nth: number): number {
    const own = this.flows.get(id);
    invariant(own !== undefined && nth < own.waiting.length, "it waits");
    let turns = nth;
    for (const { id: other, weight, waiting } of this.byCharge.values())
      if (other !== id)
        turns += Math.min(waiting.length, Math.ceil(((nth + 1) * Number(weight)) / Number(own.weight)));
    return turns;
  }

  /** Joins a flow's own queue, whose order is that of arrival. */
  join(id: string, { weight }: Weighed, item: T, nowMs: number): void {
    invariant(Number.isSafeInteger(weight) && weight >= 1 && weight <= MAX_WEIGHT, "a weight is 1 to 10,000");
    const flow = this.flowOf(id, BigInt(weight), nowMs);
    if (flow.waiting.length === 0) this.lift(flow, nowMs);
    flow.waiting.push(item);
    this.size += 1;
    this.place(flow);
  }

  /** The flow that is next and what waits at its head, or null: none waits. */
  get head(): { readonly flow: string; readonly item: T } | null {
    const flow = this.byCharge.first;
    return flow === null ? null : { flow: flow.id, item: flow.waiting[0]! };
  }

  /** Takes a flow's head and charges it. */
  serve(id: string): T {
    const flow = this.flows.get(id);
    invariant(flow !== undefined && flow.waiting.length > 0, "what is served waits");
    const { charged, weight } = flow;
    this.clock = greater(this.clock, { charged, weight });
    const item = flow.serve();
    this.most = greater(this.most, { charged: flow.charged - charged, weight });
    this.size -= 1;
    this.place(flow);
    return item;
  }

  /** Charges a difference: what was served, and runs, is known better. */
  correct(id: string, itemId: string, difference: number): void {
    const flow = this.servedOf(id, itemId);
    flow.correct(itemId, BigInt(difference));
    this.over = greater(this.over, flow.corrected.over);
    this.under = greater(this.under, flow.corrected.under);
    this.place(flow);
  }

  /** Charges the difference, once what was served is over. */
  settle(id: string, itemId: string, difference: number, nowMs: number): void {
    this.correct(id, itemId, difference);
    const flow = this.servedOf(id, itemId);
    flow.running.delete(itemId);
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
    this.place(flow);
    return true;
  }

  /**
   * Forgets flows that have neither waited nor run for so long that nothing is remembered for or against them. Where there are
   * too many, a half-life is enough: whoever makes up names would be remembered for ever, and is none the worse for it.
   */
  forget(nowMs: number): void {
    const isCrowded = this.flows.size > MOST_REMEMBERED;
    const keptMs = this.memory.halfLifeMs * (isCrowded ? 1 : REMEMBERED_HALF_LIVES);
    if (nowMs - this.lookedMs < keptMs) return;
    this.lookedMs = nowMs;
    for (const [id, flow] of this.flows)
      if (flow.isIdle && nowMs - flow.idleSinceMs >= keptMs && (isCrowded || !isLess(this.clock, flow)))
        this.flows.delete(id);
  }

  /** Of flows that wait. Looks at all of them. */
  get fairness(): Fairness {
    const parts = [this.most, this.over, this.under].map(perWeight);
    const rounding = BigInt(this.byCharge.size);
    const bound = parts.reduce((sum, one) => sum + one, BigInt(this.memory.credit) + rounding);
    const least = this.byCharge.first;
    if (least === null) return { gap: 0, bound: Number(bound) };
    const greatest = this.byCharge.values().reduce((a, b) => (isLess(a, b) ? b : a));
    const { charged, weight } = greatest;
    const over = { charged: charged * least.weight - least.charged * weight, weight: weight * least.weight };
    return { gap: Number(perWeight(over)), bound: Number(bound) };
  }

  private flowOf(id: string, weight: bigint, nowMs: number): Flow<T> {
    const known = this.flows.get(id);
    if (known !== undefined) {
      if (known.weight !== weight) known.reweigh(weight);
      return known;
    }
    const flow = new Flow<T>(id, this.turns++, weight, nowMs);
    // Who comes for the first time has lent nothing.
    flow.charged = this.floorFor(weight);
    this.flows.set(id, flow);
    return flow;
  }

  private servedOf(id: string, itemId: string): Flow<T> {
    const flow = this.flows.get(id);
    invariant(flow?.running.has(itemId) === true, "what is corrected or settled was served");
    return flow;
  }

  private rest(flow: Flow<T>, nowMs: number): void {
    if (flow.isIdle) flow.idleSinceMs = nowMs;
  }

  /** Whoever was idle begins no further behind the others than by what is remembered that it lent. */
  private lift(flow: Flow<T>, nowMs: number): void {
    const floor = this.floorFor(flow.weight);
    const behind = floor > flow.charged ? floor - flow.charged : 0n;
    const idleMs = flow.running.size > 0 ? 0 : nowMs - flow.idleSinceMs;
    const lent = halved(behind, idleMs, this.memory.halfLifeMs);
    const credit = BigInt(this.memory.credit) * flow.weight;
    flow.lift(floor, floor - (lent < credit ? lent : credit));
  }

  /** What a flow of such a weight was charged if it was served for it as the least served of those that wait. */
  private floorFor(weight: bigint): bigint {
    return forWeight(this.byLevel.first?.level ?? this.clock, weight);
  }

  /** A flow takes its place among those that wait, after a change. */
  private place(flow: Flow<T>): void {
    if (flow.waiting.length > 0) {
      this.byCharge.set(flow);
      this.byLevel.set(flow);
    } else {
      this.byCharge.delete(flow.id);
      this.byLevel.delete(flow.id);
    }
  }
}

const isBefore = (a: Charged, b: Charged, isFirst: boolean): boolean =>
  isLess(a, b) || (isFirst && !isLess(b, a));

const greater = (a: Charged, b: Charged): Charged => (isLess(a, b) ? b : a);
