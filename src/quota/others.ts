// How full others' parts of a limit are: what each has told last, less what has flowed off since.

interface Other {
  level: bigint;
  /** flows off in a millisecond */
  rate: bigint;
  atMs: number;
}

/** In the units of its bucket. */
export class Others {
  private readonly known = new Map<string, Other>();
  /** by how much they rose, in all */
  risen = 0n;

  /** A gateway says how full its part is. @param rate by which it flows off, in a ms */
  hear(gateway: string, level: bigint, rate: bigint, nowMs: number): void {
    const before = this.levelOf(this.known.get(gateway), nowMs);
    if (level > before) this.risen += level - before;
    this.known.set(gateway, { level, rate, atMs: nowMs });
  }

  /** It has no part any more. */
  forget(gateway: string): void {
    this.known.delete(gateway);
  }

  usedAt(nowMs: number): bigint {
    let sum = 0n;
    for (const one of this.known.values()) sum += this.levelOf(one, nowMs);
    return sum;
  }

  private levelOf(one: Other | undefined, nowMs: number): bigint {
    if (one === undefined) return 0n;
    const off = one.rate * BigInt(Math.max(0, nowMs - one.atMs));
    return one.level > off ? one.level - off : 0n;
  }
}
