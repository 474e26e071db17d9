// How much of a limit is used, where what arrived may turn out to have been more or less: as if it had been known at once.

/** The level just before something arrived, if it has not been lower since. */
interface Cut {
  readonly arrival: number;
  /** above the cut before it, or above empty; ≥ 0 */
  rise: bigint;
}

/**
 * A level that falls at a rate and never below empty. Where something turns out to have been less than it was taken for, the
 * difference is given back, but for what flowed off as nothing: the level is as if it had been known at once, so never lower
 * than what came after it has made it by itself. For that it is remembered how high the level stood at each arrival, as far
 * as it has not been lower since.
 */
export class Level {
  /** rising */
  private readonly cuts: Cut[] = [];
  /** of what is used, what stands above the last cut */
  private top = 0n;
  private sum = 0n;
  private arrivals = 0;
  /** arrivals that may still be corrected, in their order */
  private readonly open = new Set<number>();

  get used(): bigint {
    return this.sum;
  }

  /** Less, by so much at most. */
  fall(amount: bigint): void {
    this.sum -= amount;
    this.top -= amount;
    for (let last = this.cuts.at(-1); this.top < 0n && last !== undefined; last = this.cuts.at(-1)) {
      this.top += last.rise;
      this.cuts.pop();
    }
    if (this.top >= 0n) return;
    this.top = 0n;
    this.sum = 0n;
  }

  /** More, at once. @returns its name, for corrections until it is closed */
  arrive(amount: bigint): number {
    const arrival = this.arrivals++;
    this.open.add(arrival);
    this.cuts.push({ arrival, rise: this.top });
    this.top = amount;
    this.sum += amount;
    return arrival;
  }

  /** What arrived is not corrected any more. */
  close(arrival: number): void {
    this.open.delete(arrival);
    const [oldest = this.arrivals] = this.open;
    // Cuts of which none that is open is older are as good as none.
    const kept = this.cuts.findIndex((cut) => cut.arrival > oldest);
    const gone = this.cuts.splice(0, kept < 0 ? this.cuts.length : kept);
    const rise = gone.reduce((all, cut) => all + cut.rise, 0n);
    const first = this.cuts[0];
    if (first === undefined) this.top += rise;
    else first.rise += rise;
  }

  /** What arrived, and is not closed, was less than it was taken for. @param less by so much, ≥ 0 */
  giveBack(arrival: number, less: bigint): void {
    let at = this.cuts.findIndex((cut) => cut.arrival > arrival);
    const cut = this.cuts[at];
    if (cut === undefined) {
      this.fall(less);
      return;
    }
    this.sum -= less;
    cut.rise -= less;
    for (; cut.rise < 0n && at > 0; at--) {
      cut.rise += this.cuts[at - 1]!.rise;
      this.cuts.splice(at - 1, 1);
    }
    if (cut.rise >= 0n) return;
    this.sum -= cut.rise;
    cut.rise = 0n;
  }
}
