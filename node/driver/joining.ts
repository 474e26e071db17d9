// Operations that wait together are stepped together: the log hears of all of them at once.
import type { UntimedEvent } from "./event-queue.js";

type Operations = Extract<UntimedEvent, { readonly kind: "operations" }>;

/** One step's event, and the events that it was joined from. */
export interface Joined {
  readonly event: UntimedEvent;
  readonly parts: readonly UntimedEvent[];
}

/** A group's events in their order; operations that follow upon each other become one event, of the first's connection. */
export function joined(group: readonly UntimedEvent[]): readonly Joined[] {
  const steps: Joined[] = [];
  for (let at = 0; at < group.length; ) {
    const parts = partsFrom(group, at);
    steps.push({ event: parts.length === 1 ? parts[0]! : together(parts as readonly Operations[]), parts });
    at += parts.length;
  }
  return steps;
}

function partsFrom(group: readonly UntimedEvent[], at: number): readonly UntimedEvent[] {
  let end = at + 1;
  if (group[at]!.kind === "operations") while (group[end]?.kind === "operations") end++;
  return group.slice(at, end);
}

const together = (parts: readonly Operations[]): Operations => ({
  ...parts[0]!,
  operations: parts.flatMap(({ operations }) => operations),
});
