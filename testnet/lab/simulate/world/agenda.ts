// Virtual time: what is to happen, in the order of its time, and of its scheduling where times are equal.
import { invariant } from "../../../../src/base/index.js";

interface Item {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A binary heap with a clock. Time moves only by running what comes next. */
export class Agenda {
  private readonly heap: Item[] = [];
  private scheduled = 0;
  private now = 0;

  /** Virtual ms since the world began; fractions occur. */
  get nowMs(): number {
    return this.now;
  }

  /** Runs `run` at `atMs`, or as soon as possible if that has passed. */
  at(atMs: number, run: () => void): void {
    invariant(Number.isFinite(atMs), "a time is a finite number");
    this.push({ atMs: Math.max(atMs, this.now), order: this.scheduled++, run });
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.now + delayMs, run);
  }

  /** Runs what is due up to `untilMs`, then stands there. Stops early where `until` says so. */
  runUntil(untilMs: number, until: () => boolean = () => false): void {
    while (this.heap.length > 0 && this.heap[0]!.atMs <= untilMs) {
      if (until()) return;
      const item = this.pop();
      this.now = item.atMs;
      item.run();
    }
    if (!until()) this.now = Math.max(this.now, untilMs);
  }

  private push(item: Item): void {
    const heap = this.heap;
    let i = heap.push(item) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(item, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = item;
  }

  private pop(): Item {
    const heap = this.heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

const isBefore = (a: Item, b: Item): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
