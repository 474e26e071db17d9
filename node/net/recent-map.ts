// A map that forgets: bounded by number and by age, at the cost of two plain maps.

/**
 * Keeps what was set or read lately. Entries live in two generations; when the younger is half of `capacity` or half
 * of `lifeMs` old, the elder is dropped. So at least the latest capacity/2 of the last lifeMs/2 are there, and never
 * more than `capacity`. A list by recency would remember exactly, and take megabytes before it holds anything.
 */
export class RecentMap<V> {
  private young = new Map<string, V>();
  private old = new Map<string, V>();
  private turnedMs: number;

  /** @param nowMs a clock that never goes back */
  constructor(
    private readonly capacity: number,
    private readonly lifeMs: number,
    private readonly nowMs: () => number,
  ) {
    this.turnedMs = nowMs();
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  /** The value, without making it any younger. */
  get(key: string): V | undefined {
    this.turn();
    return this.young.get(key) ?? this.old.get(key);
  }

  set(key: string, value: V): void {
    this.turn();
    this.old.delete(key);
    this.young.set(key, value);
  }

  delete(key: string): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  private turn(): void {
    const agedMs = this.nowMs() - this.turnedMs;
    if (this.young.size < this.capacity / 2 && agedMs < this.lifeMs / 2) return;
    this.old = agedMs < this.lifeMs ? this.young : new Map();
    this.young = new Map();
    this.turnedMs = this.nowMs();
  }
}
