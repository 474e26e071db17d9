// Requests that wait: each in its flow's queue, and by when its time is over, until it goes or waits no more.
import { Heap, invariant } from "../base/index.js";
import type { Accounts } from "./accounts.js";
import { costOf, type Weights } from "./amounts.js";
import type { Band, Bands } from "./bands.js";
import type { Ask, Entry, Place, Waited } from "./request.js";
import { type Block, type Wait, Waits } from "./waits.js";

export class Waiters {
  /** whose time is over first, first */
  private readonly byTime = new Heap<Entry>((a, b) =>
    a.untilMs === b.untilMs ? a.turn < b.turn : a.untilMs < b.untilMs,
  );
  private readonly waits = new Waits();
  private turns = 0;

  constructor(
    private readonly bands: Bands<Entry>,
    private readonly accounts: Accounts,
  ) {}

  get size(): number {
    return this.byTime.size;
  }

  /** In no particular order. */
  get all(): readonly Entry[] {
    return this.byTime.values();
  }

  get inOrder(): readonly Entry[] {
    return [...this.all].sort((a, b) => a.turn - b.turn);
  }

  /** When the time of the first is over; null: none waits. */
  get untilMs(): number | null {
    return this.byTime.first?.untilMs ?? null;
  }

  /** null: it does not wait */
  of(id: string): Entry | null {
    return this.byTime.get(id);
  }

  /** How many of a flow wait in a band. */
  countOf(band: Band, flow: string): number {
    return this.bands.of(band).waitingOf(flow).length;
  }

  /** @param weights those of the limits as they are now */
  enter(ask: Ask, weights: Weights, nowMs: number): void {
    const cost = costOf(weights, ask.estimate);
    const entry = { ...ask, weights, cost, turn: this.turns++, since: this.waits.begin(nowMs) };
    this.bands.of(ask.band).join(ask.flow, ask, entry, nowMs);
    this.accounts.meet(ask, 1, nowMs);
    this.byTime.set(entry);
  }

  /** One that need not wait is served as it enters: nothing of its flow waits in its band. */
  pass(ask: Ask, weights: Weights, nowMs: number): Entry {
    invariant(this.countOf(ask.band, ask.flow) === 0, "what passes passes nobody of its flow");
    this.enter(ask, weights, nowMs);
    this.byTime.delete(ask.id);
    return this.bands.of(ask.band).serve(ask.flow);
  }

  /** Takes who is next. */
  serve(nowMs: number): { readonly entry: Entry; readonly waited: Wait } {
    const entry = this.bands.serve(this.bands.head!);
    this.byTime.delete(entry.id);
    return { entry, waited: this.waits.end(entry.id, entry.since, nowMs) };
  }

  /** One waits no more, and is not served. */
  remove(entry: Entry, nowMs: number): Waited {
    this.byTime.delete(entry.id);
    this.bands.of(entry.band).leave(entry.flow, entry.id, nowMs);
    this.accounts.meet(entry, -1, nowMs);
    return { ...entry, waited: this.waits.end(entry.id, entry.since, nowMs) };
  }

  /** @param lastMs whose time is over by then waits no more */
  expire(lastMs: number, nowMs: number): Waited[] {
    const expired: Waited[] = [];
    for (let one = this.byTime.first; one !== null && one.untilMs <= lastMs; one = this.byTime.first)
      expired.push(this.remove(one, nowMs));
    return expired;
  }

  /** From now on something else holds back whoever is next, or nothing. */
  turn(block: Block | null, nowMs: number): void {
    this.waits.turn(block, nowMs);
  }

  placeOf({ id, band, flow }: Entry): Place {
    return {
      inFlow: this.bands
        .of(band)
        .waitingOf(flow)
        .findIndex((one) => one.id === id),
      flows: this.bands.flowCountUpTo(band) - 1,
    };
  }

  /** About how many go before one that waits, as all stand now. */
  turnsBefore(entry: Entry): number {
    const { band, flow } = entry;
    const { inFlow } = this.placeOf(entry);
    return this.bands.countAbove(band) + this.bands.of(band).turnsBefore(flow, inFlow);
  }

  /** How one has waited so far. */
  soFar({ id, since }: Entry, nowMs: number): Wait {
    return this.waits.soFar(id, since, nowMs);
  }
}
