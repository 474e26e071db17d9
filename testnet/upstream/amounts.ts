// What limits count, and what one request asks of them.

/** `tokens` are input and output together. */
export type Dimension = "requests" | "tokens" | "inputTokens" | "outputTokens";

/** What is asked of every dimension, or was used of it: integers ≥ 0. */
export type Amounts = Readonly<Record<Dimension, number>>;

/** A limit of a key for a model: so many of a dimension in a window. Integers > 0. */
export interface Limit {
  readonly dimension: Dimension;
  readonly limit: number;
  readonly windowMs: number;
  /** `refill`: what was used flows off continuously; `midnight`: it stays used until the day ends */
  readonly ends: "refill" | "midnight";
}

/** Where a limit stands. */
export interface Reading {
  readonly limit: Limit;
  /** integer ≥ 0, rounded up */
  readonly used: number;
  /** negative where more was used than there was */
  readonly remaining: number;
  /** until all of it is there again, floored to the millisecond */
  readonly resetMs: number;
}

/** A limit that a request would pass, and the figures that refusals tell. */
export interface Over {
  readonly limit: Limit;
  readonly reason: "limit" | "burst" | "acceleration";
  readonly used: number;
  readonly requested: number;
  /** until it would fit, floored to the millisecond; null: it never will */
  readonly waitMs: number | null;
}

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
