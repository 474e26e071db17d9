// What stands at a moment of a story: who waits and runs, under which limits, and what of a request counts.
import { type Count, countIn, type Weights } from "../../../src/quota/amounts.js";
import type { Ask, Band, Limit, PoolRules, Use } from "../../../src/quota/index.js";

export const MINUTE = 60_000;
export const WHOLE_BP = 10_000;

export interface Request {
  readonly ask: Ask;
  readonly weights: Weights;
  readonly askedMs: number;
  /** what it will have used; null: it reaches nobody */
  readonly actual: Use | null;
  /** what it is taken to use by now */
  known: Use;
  beganMs: number;
}

export class Scene {
  nowMs = 0;
  readonly waiting = new Map<string, Request>();
  readonly running = new Map<string, Request>();
  /** what waits of a flow in a band, in the order in which it came */
  private readonly orders = new Map<string, string[]>();

  constructor(
    readonly rules: PoolRules,
    public limits: readonly Limit[],
  ) {}

  come(request: Request): void {
    const { id, flow, band } = request.ask;
    this.waiting.set(id, request);
    this.orders.set(flow + band, [...this.orderOf(flow, band), id]);
  }

  go({ id, flow, band }: Ask): void {
    this.waiting.delete(id);
    const left = this.orderOf(flow, band).filter((one) => one !== id);
    this.orders.set(flow + band, left);
  }

  orderOf(flow: string, band: Band): readonly string[] {
    return this.orders.get(flow + band) ?? [];
  }

  waitsIn(band: Band): number {
    return [...this.waiting.values()].filter(({ ask }) => ask.band === band).length;
  }

  restart(): void {
    for (const each of [this.waiting, this.running, this.orders]) each.clear();
  }

  /** What a use counts of a limit; null: nothing. */
  count({ dimension }: Limit, use: Use | null): Count {
    if (use === null) return { sent: 0, written: 0 };
    const { sent, written } = countIn(dimension, use);
    return this.rules.output === "asked" ? { sent: sent + written, written: 0 } : { sent, written };
  }

  /** Output that was asked for stays counted, whatever was written. */
  countedOf({ ask, actual }: Request): Use | null {
    if (actual === null || this.rules.output === "written") return actual;
    return { ...actual, outputTokens: ask.estimate.outputTokens };
  }
}

export const nameOf = ({ dimension, windowMs }: Limit): string => `${dimension}/${windowMs}`;
