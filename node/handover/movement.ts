// How goods move, as it is told: what has left, what can be replaced no more, and who hears of it.

import type { Part } from "../../src/handover/index.js";
import { type Hash, toHex } from "../../src/index.js";
import type { Trade } from "../../src/market/index.js";
import { RecentMap } from "../net/recent-map.js";
import type { Goods } from "./goods.js";
import type { Progress } from "./progress.js";

/** Parts of which this is known, and for how long after they moved last. */
const MOST_PARTS = 1024;
const KEPT_MS = 24 * 3_600_000;

/** The name of a part among those of all trades. */
export const partName = (trade: Hash, part: Part): string => `${toHex(trade)}.${part}`;

/** Told when a part has come further, or its state has changed. */
export type MovedListener = (trade: Trade, progress: Progress) => void;

export class Movement {
  /** chunks that have left, by part */
  private readonly left: RecentMap<Set<number>>;
  private readonly fixed: RecentMap<true>;
  /** by part, what was told of it last */
  private readonly told: RecentMap<string>;
  private readonly listeners = new Set<MovedListener>();

  constructor(steadyMs: () => number) {
    this.left = new RecentMap(MOST_PARTS, KEPT_MS, steadyMs);
    this.fixed = new RecentMap(MOST_PARTS, KEPT_MS, steadyMs);
    this.told = new RecentMap(MOST_PARTS, KEPT_MS, steadyMs);
  }

  /** Returns the way to end it. */
  listen(listener: MovedListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Other goods take the place of those that were given. */
  replaced(trade: Hash, part: Part): void {
    this.left.set(partName(trade, part), new Set());
  }

  /** The other party was offered them, or the log is told their hash: they are replaced no more. */
  fix(trade: Hash, part: Part): void {
    this.fixed.set(partName(trade, part), true);
  }

  isFixed(trade: Hash, part: Part): boolean {
    return this.fixed.get(partName(trade, part)) === true;
  }

  gave(trade: Hash, part: Part, index: number): void {
    const name = partName(trade, part);
    this.left.set(name, (this.left.get(name) ?? new Set<number>()).add(index));
  }

  /** Bytes that have left, each chunk counted once. */
  bytesLeft(trade: Hash, part: Part, goods: Goods): number {
    const left = this.left.get(partName(trade, part)) ?? new Set<number>();
    return [...left].reduce((sum, index) => sum + goods.bytesOf(index), 0);
  }

  /** Tells how far a part is, where that is news. */
  tell(trade: Trade, look: () => Promise<Progress | null>): void {
    if (this.listeners.size === 0) return;
    void look()
      .then((progress) => {
        if (progress === null || !this.isNews(trade, progress)) return;
        for (const listener of this.listeners) listener(trade, progress);
      })
      .catch(() => undefined);
  }

  /** Each state is told, each trouble, and each twentieth of the way. */
  private isNews({ id }: Trade, { part, state, received, sent, total, trouble }: Progress): boolean {
    const name = partName(id, part);
    const twentieths = [received, sent].map((bytes) => Math.floor((bytes * 20) / Math.max(1, total ?? 1)));
    const now = [state, trouble, ...twentieths].join();
    if (this.told.get(name) === now) return false;
    this.told.set(name, now);
    return true;
  }
}
