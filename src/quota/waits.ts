// Why requests wait: the time in which something does, by what holds back whoever is next.
import type { Dimension } from "./amounts.js";

/** What holds back whoever is next: room in a limit, how many may run at once, a pause after a refusal. */
export type Cause = Dimension | "width" | "pause";

/** Whole ms by cause; no entry: none. */
export interface Causes {
  readonly limit: Readonly<Partial<Record<Dimension, number>>>;
  readonly width: number;
  readonly pause: number;
}

/** How a request has waited. */
export interface Wait {
  readonly ms: number;
  /** sums to ms: what held it back while it was next, and the time in which others were before it (`turn`) */
  readonly byCause: Causes & { readonly turn: number };
  /** sums to `turn`: what held back those before it */
  readonly whileOthers: Causes;
}

/** What holds back whoever is next, from now on until it is told anew. */
export interface Block {
  readonly id: string;
  /** until then a pause does, whatever else; null: none does */
  readonly pauseUntilMs: number | null;
  readonly cause: Cause;
}

/** What of the times had run when a request began to wait. */
export interface Since {
  readonly atMs: number;
  readonly all: Times;
}

type Times = Readonly<Partial<Record<Cause, number>>>;
type Running = Partial<Record<Cause, number>>;

export class Waits {
  /** of all the time in which something waited */
  private all: Running = {};
  /** of the time in which a request that still waits was next */
  private readonly asNext = new Map<string, Running>();
  private block: Block | null = null;
  private atMs = 0;

  /** Time passes; from now on something else holds back whoever is next, or nothing. */
  turn(block: Block | null, nowMs: number): void {
    this.pass(nowMs);
    this.block = block;
  }

  begin(nowMs: number): Since {
    this.pass(nowMs);
    return { atMs: nowMs, all: { ...this.all } };
  }

  /** A request waits no more. */
  end(id: string, since: Since, nowMs: number): Wait {
    const wait = this.soFar(id, since, nowMs);
    this.asNext.delete(id);
    if (this.block?.id === id) this.block = { ...this.block, id: "" };
    return wait;
  }

  /** How a request has waited that still does. */
  soFar(id: string, since: Since, nowMs: number): Wait {
    this.pass(nowMs);
    const own = this.asNext.get(id) ?? {};
    const others: Running = {};
    for (const [cause, ms] of entries(this.all)) {
      const rest = ms - (since.all[cause] ?? 0) - (own[cause] ?? 0);
      if (rest > 0) others[cause] = rest;
    }
    const ms = nowMs - since.atMs;
    return {
      ms,
      byCause: { ...causesOf(own), turn: ms - sumOf(own) },
      whileOthers: causesOf(others),
    };
  }

  private pass(nowMs: number): void {
    const { block, atMs } = this;
    if (nowMs <= atMs) return;
    this.atMs = nowMs;
    if (block === null) return;
    const pauseEndMs = Math.min(nowMs, Math.max(atMs, block.pauseUntilMs ?? atMs));
    this.count(block.id, "pause", pauseEndMs - atMs);
    this.count(block.id, block.cause, nowMs - pauseEndMs);
  }

  private count(id: string, cause: Cause, ms: number): void {
    if (ms === 0) return;
    this.all[cause] = (this.all[cause] ?? 0) + ms;
    if (id === "") return;
    const own = this.asNext.get(id) ?? {};
    own[cause] = (own[cause] ?? 0) + ms;
    this.asNext.set(id, own);
  }
}

const entries = (times: Times): readonly [Cause, number][] => Object.entries(times) as [Cause, number][];

const sumOf = (times: Times): number => entries(times).reduce((sum, [, ms]) => sum + ms, 0);

function causesOf({ width = 0, pause = 0, ...limit }: Times): Causes {
  return { limit, width, pause };
}
