// What a line is asked for, how a wait in it ends, and what the owner of the key is told of it.
import type { Ask, AskFault } from "../../src/quota/index.js";
import type { Exhausted } from "./parking.js";
import type { LimitsEvent } from "./told-limits.js";
import type { WaitStory } from "./wait-story.js";
import type { Asked } from "./waiting-requests.js";

/** A request that wants a turn. */
export interface LineAsk extends Ask {
  /** null: it names none */
  readonly model: string | null;
  /** told how it waits */
  readonly story: WaitStory;
  /** whose it is */
  readonly by: { readonly asked: Asked };
}

export type Ending =
  /** it may be sent */
  | { readonly kind: "go" }
  /** nobody waits any more: its time is over, or who asked has gone */
  | { readonly kind: "late" | "left" }
  /** it is another line's from now on */
  | { readonly kind: "sentOn" }
  | { readonly kind: "refused"; readonly fault: AskFault }
  /** the gateway ends */
  | { readonly kind: "stopped" }
  /** the key is used up: waiting does not help */
  | { readonly kind: "parked"; readonly why: Exhausted };

/** How a wait ended. */
export type Outcome = Ending & { readonly waitedMs: number };

/** What the owner of the key is told of a line. */
export type LineEvent =
  | { readonly kind: "exhausted"; readonly why: Exhausted["why"]; readonly untilMs: number | null }
  | { readonly kind: "resumed" }
  | LimitsEvent;
