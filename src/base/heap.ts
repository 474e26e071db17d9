// A heap that knows each item's place: setting, removing and taking the first cost the logarithm of its size.

interface Item {
  readonly id: string;
}

export class Heap<T extends Item> {
  private readonly items: T[] = [];
  private readonly places = new Map<string, number>();

  /** @param isBefore a total order, so that the first is the same whatever was set and removed before */
  constructor(private readonly isBefore: (a: T, b: T) => boolean) {}

  get size(): number {
    return this.items.length;
  }

  /** The one before all others, or null. */
  get first(): T | null {
    return this.items[0] ?? null;
  }

  get(id: string): T | null {
    const at = this.places.get(id);
    return at === undefined ? null : this.items[at]!;
  }

  /** Adds an item, or replaces the one with its id. */
  set(item: T): void {
    const at = this.places.get(item.id) ?? this.items.length;
    this.put(at, item);
    this.settle(at);
  }

  delete(id: string): void {
    const at = this.places.get(id);
    if (at === undefined) return;
    this.places.delete(id);
    const last = this.items.pop()!;
    if (at === this.items.length) return;
    this.put(at, last);
    this.settle(at);
  }

  /** In no particular order. */
  values(): readonly T[] {
    return this.items;
  }

  /**
   * The items of which something holds, in no particular order; looks at twice as many as it finds, and no more.
   * @param holds of an item only if it holds of all before it
   */
  firstWhile(holds: (item: T) => boolean): readonly T[] {
    return this.split(holds).found;
  }

  /**
   * The first item of which something does not hold, or null; looks at twice as many as there are of which it does.
   * @param holds of an item only if it holds of all before it
   */
  firstBeyond(holds: (item: T) => boolean): T | null {
    return this.split(holds).beyond;
  }

  private split(holds: (item: T) => boolean): { readonly found: readonly T[]; readonly beyond: T | null } {
    const found: T[] = [];
    let beyond: T | null = null;
    const open = [0];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const one = this.items[at];
      if (one === undefined) continue;
      if (holds(one)) {
        found.push(one);
        open.push(2 * at + 1, 2 * at + 2);
      } else if (beyond === null || this.isBefore(one, beyond)) beyond = one;
    }
    return { found, beyond };
  }

  private put(at: number, one: T): void {
    this.items[at] = one;
    this.places.set(one.id, at);
  }

  /** Brings what stands at a place that may be wrong to a right one. */
  private settle(at: number): void {
    this.rise(at);
    this.sink(at);
  }

  private rise(from: number): void {
    const one = this.items[from]!;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.isBefore(one, this.items[above]!)) break;
      this.put(at, this.items[above]!);
      at = above;
    }
    this.put(at, one);
  }

  private sink(from: number): void {
    const one = this.items[from]!;
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= this.items.length) break;
      const right = left + 1;
      const isRight = right < this.items.length && this.isBefore(this.items[right]!, this.items[left]!);
      const below = isRight ? right : left;
      if (!this.isBefore(this.items[below]!, one)) break;
      this.put(at, this.items[below]!);
      at = below;
    }
    this.put(at, one);
  }
}
