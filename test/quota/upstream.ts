// An upstream's own limiter, written apart from ours: exact fractions of a millisecond's flow, refusals beyond the limit.
interface Kept {
  readonly limit: number;
  readonly windowMs: number;
  used: number;
  atMs: number;
}

/** Counts as recorded limiters do: continuously refilled, `used + requested > limit` is refused. */
export class Limiter {
  private readonly kept: Kept[];
  refused = 0;
  counted = 0;

  constructor(limits: readonly { readonly limit: number; readonly windowMs: number }[]) {
    this.kept = limits.map((one) => ({ ...one, used: 0, atMs: 0 }));
  }

  /** @param requested by limit */
  take(requested: readonly number[], nowMs: number): boolean {
    for (const one of this.kept) {
      one.used = Math.max(0, one.used - ((nowMs - one.atMs) * one.limit) / one.windowMs);
      one.atMs = nowMs;
    }
    if (this.kept.some((one, at) => one.used + requested[at]! > one.limit + 1e-6)) {
      this.refused += 1;
      return false;
    }
    this.kept.forEach((one, at) => {
      one.used += requested[at]!;
    });
    this.counted += 1;
    return true;
  }

  usedOf(at: number): number {
    return Math.ceil(this.kept[at]!.used);
  }
}
