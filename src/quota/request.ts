// A request of a pool, from its asking to its end.
import type { Limit, Use, Weights } from "./amounts.js";
import type { Band } from "./bands.js";
import type { Reservation } from "./limits.js";
import type { TakenShares } from "./shares.js";
import type { Cause, Since, Wait } from "./waits.js";

/** A request that wants to be sent. */
export interface Ask {
  /** never used before in this pool */
  readonly id: string;
  /** who is entitled to a share: requests of one flow keep their order */
  readonly flow: string;
  readonly band: Band;
  /** of the flow's share, 1 to 10,000 */
  readonly weight: number;
  readonly estimate: Use;
  /** time from which nobody waits for it any more */
  readonly untilMs: number;
}

export type AskFault =
  /** it is more than a limit ever holds */
  | { readonly code: "NEVER_FITS"; readonly limit: Limit }
  | { readonly code: "QUEUE_FULL"; readonly waiting: number; readonly of: "pool" | "flow" };

/** One that waits. */
export interface Entry extends Ask {
  readonly cost: number;
  /** by which it is charged, also in the end: those of the limits at which it asked */
  readonly weights: Weights;
  /** order of arrival */
  readonly turn: number;
  readonly since: Since;
}

/** One that was begun. */
export interface Running extends Entry {
  readonly sentMs: number;
  readonly reservation: Reservation;
  readonly taken: TakenShares;
}

/** What was used before a restart. */
export interface Past {
  readonly flow: string;
  readonly band: Band;
  readonly weight: number;
  readonly use: Use;
  /** ≥ 0 */
  readonly agoMs: number;
}

/** A request that does not wait any more. */
export interface Waited extends Ask {
  readonly waited: Wait;
}

/** One that a limit that has changed will never let through. */
export interface Unfit {
  readonly ask: Waited;
  readonly limit: Limit;
}

/** Where a request waits. */
export interface Place {
  /** how many of its flow are before it */
  readonly inFlow: number;
  /** how many other flows wait, in its band and above */
  readonly flows: number;
}

/** How a request waits that still does. */
export interface Waiting {
  readonly place: Place;
  /** about how many go before it, as all stand now */
  readonly turnsBefore: number;
  readonly soFar: Wait;
  /** what holds back whoever is next */
  readonly cause: Cause;
  /** it is next itself */
  readonly isNext: boolean;
  /** when whoever is next may go; null: not before something happens */
  readonly nextAtMs: number | null;
}

/** What a pool lets go. */
export interface Turn {
  /** to be sent now, in this order */
  readonly begun: readonly Waited[];
  /** nobody waits for them any more */
  readonly expired: readonly Waited[];
  /** they wait no more: no room will ever be enough */
  readonly unfit: readonly Unfit[];
  /** time at which to ask again if nothing happens before; null: not before something does */
  readonly wakeAtMs: number | null;
}
