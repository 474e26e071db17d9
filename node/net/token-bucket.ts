// Token buckets by key: how much each peer or author may ask for, in bounded memory.
import { RecentMap } from "./recent-map.js";

interface Bucket {
  tokens: number;
  filledMs: number;
}

/** How many keys are told apart, and for how long an unused one is remembered. */
const MAX_KEYS = 1 << 14;
const IDLE_MS = 600_000;

/** One bucket per key, full at first, refilled at `perSecond` up to `burst`. */
export class TokenBuckets {
  private readonly buckets: RecentMap<Bucket>;

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private readonly nowMs: () => number,
  ) {
    this.buckets = new RecentMap(MAX_KEYS, IDLE_MS, nowMs);
  }

  /** Takes a token of `key`; false if there is none. */
  take(key: string): boolean {
    const bucket = this.filled(key);
    const granted = bucket.tokens >= 1;
    if (granted) bucket.tokens -= 1;
    this.buckets.set(key, bucket);
    return granted;
  }

  /** Whether `key` has a token left; none is taken. */
  holds(key: string): boolean {
    return this.filled(key).tokens >= 1;
  }

  /** Returns a token that was taken for nothing. */
  giveBack(key: string): void {
    this.spend(key, -1);
  }

  /** Takes `cost` tokens of `key`, on credit if need be. @returns how long until the debt is paid, in ms; 0: none */
  spend(key: string, cost: number): number {
    const bucket = this.filled(key);
    bucket.tokens -= cost;
    this.buckets.set(key, bucket);
    return bucket.tokens >= 0 ? 0 : (-bucket.tokens * 1000) / this.perSecond;
  }

  private filled(key: string): Bucket {
    const now = this.nowMs();
    const bucket = this.buckets.get(key) ?? { tokens: this.burst, filledMs: now };
    bucket.tokens = Math.min(this.burst, bucket.tokens + ((now - bucket.filledMs) * this.perSecond) / 1000);
    bucket.filledMs = now;
    return bucket;
  }
}
