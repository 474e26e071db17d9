// The requests that wait now, as their owner is told of them: where, for what, and for about how long.
import type { Cause, Place, Waiting } from "../../src/quota/index.js";
import type { Caller } from "./caller.js";
import type { GatewayClock } from "./clock.js";
import type { Instead } from "./fallback/course.js";
import type { TurnPace } from "./turn-pace.js";
import { WaitStory } from "./wait-story.js";

/** A request, as it asked. */
export interface Asked {
  readonly id: string;
  readonly caller: Caller;
  /** whose share it draws from */
  readonly share: string;
  readonly model: string | null;
  readonly instead: Instead | null;
  /** by the gateway's clock */
  readonly sinceMs: number;
  /** in waits that are over */
  readonly waitedMs: number;
}

/** What a request waits for. */
export interface WaitsFor {
  readonly place: Place;
  readonly cause: Cause;
  readonly isNext: boolean;
  /** until whoever is next may go; null: not before something happens */
  readonly nextMs: number | null;
  /** until it goes itself, at the present pace; null: not known */
  readonly aboutMs: number | null;
}

/** Whoever is before it goes at the present pace. */
export function waitsFor(
  { place, turnsBefore, cause, isNext, nextAtMs }: Waiting,
  pace: TurnPace,
  nowMs: number,
): WaitsFor {
  const nextMs = nextAtMs === null ? null : Math.max(0, nextAtMs - nowMs);
  const aboutMs = isNext && nextMs !== null ? nextMs : pace.waitMs(turnsBefore);
  return { place, cause, isNext, nextMs, aboutMs };
}

/** How a request waits in a line: since when, how so far, and for what; `for` is null where it is just let go. */
export interface InLine {
  readonly asked: Asked;
  readonly sinceMs: number;
  /** until then its client does */
  readonly untilMs: number;
  readonly story: WaitStory;
  readonly for: WaitsFor | null;
}

/** One that waits for the ledger to begin. */
export interface AtLedger {
  readonly asked: Asked;
  readonly sinceMs: number;
  readonly untilMs: number;
}

export interface WaitingRequest extends Asked {
  readonly tookMs: number;
  /** ms from now: so long its client waits at most */
  readonly leftMs: number;
  readonly story: WaitStory;
  /** `ledger`: for it to begin; null: it is just let go */
  readonly for: WaitsFor | "ledger" | null;
}

/** Those whose ids begin so. */
export function waitingWith(
  prefix: string,
  lines: Iterable<{ waitingWith(prefix: string): Iterable<InLine> }>,
  atLedger: Iterable<AtLedger>,
  clock: GatewayClock,
): readonly WaitingRequest[] {
  const nowMs = clock.nowMs();
  const found: WaitingRequest[] = [];
  const add = (one: AtLedger, rest: Pick<WaitingRequest, "story" | "for">) =>
    found.push({
      ...one.asked,
      waitedMs: one.asked.waitedMs + nowMs - one.sinceMs,
      tookMs: nowMs - one.asked.sinceMs,
      leftMs: Math.max(0, one.untilMs - nowMs),
      ...rest,
    });
  for (const one of atLedger)
    if (one.asked.id.startsWith(prefix))
      add(one, { story: new WaitStory().atLedger(nowMs - one.sinceMs), for: "ledger" });
  for (const line of lines)
    for (const { story, for: what, ...one } of line.waitingWith(prefix)) add(one, { story, for: what });
  return found;
}
