// What the books know of a request: what was set aside for it before it was sent, and what became of it.
import type { Band, Use } from "../../../src/quota/index.js";

/** What is written before a request is sent. Costs are whole micro-credits ≥ 0, times ms since 1970. */
export interface Reservation {
  /** never used before: printable ASCII, at most 100 characters */
  readonly id: string;
  /** who pays, from whoever called to the top, each once */
  readonly payers: readonly string[];
  /** whose share of the limits it takes, and how */
  readonly flow: string;
  readonly weight: number;
  readonly band: Band;
  readonly model: string | null;
  readonly estimate: Use;
  /** of the estimate: it counts as spent while the request runs */
  readonly cost: number;
  /** what it is charged if nothing more is ever heard of it: its input */
  readonly floor: Spent;
  readonly waitedMs: number;
  readonly atMs: number;
}

/** What a request has used, and what that costs. */
export interface Spent {
  readonly used: Use;
  readonly cost: number;
}

/** A request that was sent, and has not ended. */
export interface Running extends Reservation {
  /** when it was last heard of */
  readonly lastMs: number;
}

/** How a request ended: `cut` by the end of the gateway itself, and found at its next start. */
export type End = "answered" | "failed" | "left" | "cut";

/** What is known of a request when it is over. */
export interface Ending {
  readonly id: string;
  readonly end: Exclude<End, "cut">;
  /** null: it never reached the upstream, and costs nothing */
  readonly spent: Spent | null;
  readonly atMs: number;
}

/** A request that is over. */
export interface Record {
  readonly id: string;
  readonly payers: readonly string[];
  readonly flow: string;
  readonly weight: number;
  readonly band: Band;
  readonly model: string | null;
  readonly estimate: Use;
  /** what was set aside for it */
  readonly reserved: number;
  /** null: it never reached the upstream */
  readonly used: Use | null;
  /** what was charged to each of its payers */
  readonly cost: number;
  readonly end: End;
  readonly waitedMs: number;
  readonly atMs: number;
  readonly endedMs: number;
}

/** A request's record. @param endedMs for one that was cut: when the gateway was last known to live */
export function recordOf(running: Running, end: End, spent: Spent | null, endedMs: number): Record {
  const { id, payers, flow, weight, band, model, estimate, cost, waitedMs, atMs } = running;
  return {
    ...{ id, payers, flow, weight, band, model, estimate, waitedMs, atMs },
    ...{ reserved: cost, used: spent?.used ?? null, cost: spent?.cost ?? 0, end, endedMs },
  };
}
