// What became of a request that asked for a turn.
import type { Use } from "../../src/quota/index.js";
import type { Caller } from "./caller.js";
import type { Instead } from "./fallback/course.js";
import type { WaitStory } from "./wait-story.js";

export interface Passed {
  readonly id: string;
  readonly caller: Caller;
  /** that was asked for */
  readonly model: string | null;
  /** the model that was asked in its place; null: none was */
  readonly instead: Instead | null;
  readonly waitedMs: number;
  readonly story: WaitStory;
  readonly tookMs: number;
  /** null: it never reached the upstream */
  readonly used: Use | null;
  /** whole micro-credits, by the model that answered (ADR 0081) */
  readonly cost: number;
  readonly end: "answered" | "refused" | "left" | "failed";
  /** why the gateway refused it (spec/gateway#refusals); null: it did not */
  readonly code: string | null;
  /** of the upstream's last answer; null: none came */
  readonly status: number | null;
}
