// The states visited so far: numbers, each with the state it was reached from, packed for millions of them.

/** A set of numbers below 2^53 that keeps the order in which they came. */
export class Visited {
  size = 0;
  private keys = new Float64Array(1 << 12);
  private parents = new Int32Array(1 << 12);
  /** open addressing: index + 1 of the key that lives here, 0 for none */
  private slots = new Int32Array(1 << 13);

  keyAt(index: number): number {
    return this.keys[index]!;
  }

  /** The state from which this one was first reached; −1 for the first. */
  parentAt(index: number): number {
    return this.parents[index]!;
  }

  /** Adds a state; false if it is known. */
  add(key: number, parent: number): boolean {
    const slot = this.slotOf(key);
    if (this.slots[slot] !== 0) return false;
    if (this.size === this.keys.length) this.growKeys();
    this.keys[this.size] = key;
    this.parents[this.size] = parent;
    this.size++;
    this.slots[slot] = this.size;
    if (this.size * 2 > this.slots.length) this.growSlots();
    return true;
  }

  private slotOf(key: number): number {
    const mask = this.slots.length - 1;
    const low = key % 4294967296;
    const high = (key - low) / 4294967296;
    let hash = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
    let slot = (hash ^ (hash >>> 13)) & mask;
    for (;;) {
      const index = this.slots[slot]!;
      if (index === 0 || this.keys[index - 1] === key) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private growKeys(): void {
    const keys = new Float64Array(this.keys.length * 2);
    keys.set(this.keys);
    const parents = new Int32Array(this.parents.length * 2);
    parents.set(this.parents);
    this.keys = keys;
    this.parents = parents;
  }

  private growSlots(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    for (let index = 0; index < this.size; index++) this.slots[this.slotOf(this.keys[index]!)] = index + 1;
  }
}
