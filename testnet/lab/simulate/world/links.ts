// The network between hosts: how long a message takes, whether it arrives, how often, and who hears whom.
import type { Random } from "./random.js";

/** How every link behaves; probabilities are 0..1. */
export interface Weather {
  readonly leastDelayMs: number;
  /** the mean of what a link adds to the least delay (exponential) */
  readonly meanDelayMs: number;
  /** a message that takes up to `slowMs` longer */
  readonly slow: number;
  readonly slowMs: number;
  readonly loss: number;
  readonly duplication: number;
  /** a message that may overtake or be overtaken; all others keep the order of their link */
  readonly reordering: number;
}

export interface LinkCounts {
  sent: number;
  lost: number;
  duplicated: number;
  reordered: number;
  cut: number;
}

export class Links {
  readonly counts: LinkCounts = { sent: 0, lost: 0, duplicated: 0, reordered: 0, cut: 0 };
  private readonly lastArrivalMs = new Map<number, number>();
  private readonly cuts = new Map<number, number>();

  constructor(
    private readonly size: number,
    private readonly random: Random,
    private weather: Weather,
  ) {}

  change(weather: Weather): void {
    this.weather = weather;
  }

  /** All connections are made anew: what is still under way holds nothing up any more. */
  renew(): void {
    this.lastArrivalMs.clear();
  }

  /** `to` no longer hears `from`. Cuts add up: a link is mended when each of them is. */
  cut(from: number, to: number): void {
    const link = this.link(from, to);
    this.cuts.set(link, (this.cuts.get(link) ?? 0) + 1);
  }

  mend(from: number, to: number): void {
    const link = this.link(from, to);
    const left = (this.cuts.get(link) ?? 0) - 1;
    if (left > 0) this.cuts.set(link, left);
    else this.cuts.delete(link);
  }

  hears(to: number, from: number): boolean {
    return !this.cuts.has(this.link(from, to));
  }

  /** When a message that is sent now arrives: at no time, once, or twice. */
  arrivals(from: number, to: number, nowMs: number): readonly number[] {
    this.counts.sent++;
    if (!this.hears(to, from)) {
      this.counts.cut++;
      return [];
    }
    if (this.random.chance(this.weather.loss)) {
      this.counts.lost++;
      return [];
    }
    const first = this.arrival(from, to, nowMs);
    if (!this.random.chance(this.weather.duplication)) return [first];
    this.counts.duplicated++;
    return [first, nowMs + this.delayMs()];
  }

  private arrival(from: number, to: number, nowMs: number): number {
    const atMs = nowMs + this.delayMs();
    if (this.random.chance(this.weather.reordering)) {
      this.counts.reordered++;
      return atMs;
    }
    const link = this.link(from, to);
    const ordered = Math.max(atMs, this.lastArrivalMs.get(link) ?? 0);
    this.lastArrivalMs.set(link, ordered);
    return ordered;
  }

  private delayMs(): number {
    const { weather, random } = this;
    const usual = weather.leastDelayMs - weather.meanDelayMs * Math.log(1 - random.unit());
    return random.chance(weather.slow) ? usual + random.unit() * weather.slowMs : usual;
  }

  private link(from: number, to: number): number {
    return from * this.size + to;
  }
}
