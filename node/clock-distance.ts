// How far this machine's clock is from the network's: seen from when final entries come, and said with its cure.

/** A clock that is too far off. */
export interface ClockDistance {
  /** wall time minus ledger time, in ms, less what is usual: > 0 the clock is fast, < 0 it is slow */
  readonly aheadMs: number;
  /** a sentence with the size and the cure */
  readonly message: string;
}

/** So many entries in a row that come as fast as they are made: one alone may just be late. */
const IN_ROW = 5;
/** Beyond what the network allows to clocks and messages; a busy machine is late by less. */
const SLACK_MS = 10_000;

const sentence = (aheadMs: number): string => {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const how = aheadMs > 0 ? "fast" : "slow";
  return `this machine's clock is ${seconds} s ${how} against the network's ledger time, so deadlines are misjudged: set it by NTP (\`timedatectl set-ntp true\`) and start the daemon again`;
};

/**
 * An entry says when it was made. One from beyond this clock's time shows that the clock is slow, whenever it comes.
 * That an entry is old shows nothing by itself, for it may be caught up with; but entries that come at the pace at
 * which they are made are new, and if all of a row are old, the clock is fast. A busy machine may catch up no faster than
 * that, so while others have shown more than is executed here, no age counts.
 */
export class ClockWatch {
  private last: { readonly timeMs: number; readonly wallMs: number } | null = null;
  private readonly ages: number[] = [];
  private found: ClockDistance | null = null;

  /**
   * @param precisionMs how far clocks of honest members may be apart
   * @param delayMs how late an honest entry may be
   */
  constructor(
    private readonly precisionMs: number,
    private readonly delayMs: number,
  ) {}

  /** Null: within bounds, or not known. */
  get distance(): ClockDistance | null {
    return this.found;
  }

  /**
   * An entry of ledger time `timeMs` became final here, or was the last one found at the start.
   * @param isBehind whether certificates have shown later entries
   * @returns whether `distance` changed
   */
  heard(timeMs: number, wallMs: number, isBehind: boolean): boolean {
    const before = this.found;
    const { last } = this;
    this.last = { timeMs, wallMs };
    const isAtPace = !isBehind && last !== null && wallMs - last.wallMs >= (timeMs - last.timeMs) / 2;
    if (!isAtPace) this.ages.length = 0;
    else if (this.ages.push(wallMs - timeMs) > IN_ROW) this.ages.shift();
    const aheadMs = this.aheadOf(wallMs - timeMs);
    if (aheadMs === null) return false;
    if (aheadMs === 0) this.ages.length = 0;
    this.found = aheadMs === 0 ? null : { aheadMs, message: sentence(aheadMs) };
    return (before === null) !== (this.found === null);
  }

  /** 0: within bounds; null: nothing can be said yet. */
  private aheadOf(ageMs: number): number | null {
    if (ageMs < -(this.precisionMs + SLACK_MS)) return ageMs;
    if (ageMs <= this.precisionMs + this.delayMs + SLACK_MS) return 0; // no fast clock sees a young entry
    return this.ages.length < IN_ROW ? null : Math.min(...this.ages);
  }
}
