// What brings operations and waits together is stepped together: the log hears once of all of it.
import type { Event } from "../../src/peer/event.js";
import type { Untimed, UntimedEvent } from "./event-queue.js";

/** One step's event, and the events that it was joined from. */
export interface Joined {
  readonly event: Untimed<Event>;
  readonly parts: readonly UntimedEvent[];
}

type Arrival = Extract<UntimedEvent, { readonly kind: "operation" | "command" }>;

const isArrival = (event: UntimedEvent): event is Arrival =>
  event.kind === "operation" || event.kind === "command";

/** A group's events in their order; operations and wishes that follow upon each other become one event. */
export function joined(group: readonly UntimedEvent[]): readonly Joined[] {
  const steps: Joined[] = [];
  for (let at = 0; at < group.length; ) {
    const arrivals = arrivalsFrom(group, at);
    const parts = arrivals.length < 2 ? [group[at]!] : arrivals;
    steps.push({ event: arrivals.length < 2 ? group[at]! : { kind: "together", arrivals }, parts });
    at += parts.length;
  }
  return steps;
}

function arrivalsFrom(group: readonly UntimedEvent[], from: number): readonly Arrival[] {
  const arrivals: Arrival[] = [];
  for (let at = from; at < group.length; at++) {
    const event = group[at]!;
    if (!isArrival(event)) break;
    arrivals.push(event);
  }
  return arrivals;
}
