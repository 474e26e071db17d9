// Copies of a voter: what it changes is copied, what is never changed (bytes, its configuration) is shared.
import type { Voter } from "../../../src/quorum/index.js";

/** A voter that goes its own way from here. Objects that the original holds twice, the copy holds twice. */
export function cloneVoter(voter: Voter): Voter {
  const { config, electorate, domain } = voter;
  const seen = new Map<object, unknown>([config, electorate, domain].map((shared) => [shared, shared]));
  return copy(voter, seen) as Voter;
}

function copy(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) {
    const made: unknown[] = [];
    seen.set(value, made);
    for (const one of value) made.push(copy(one, seen));
    return made;
  }
  if (value instanceof Map) {
    const made = new Map<unknown, unknown>();
    seen.set(value, made);
    for (const [key, one] of value) made.set(key, copy(one, seen));
    return made;
  }
  if (value instanceof Set) {
    const made = new Set<unknown>(value);
    seen.set(value, made);
    return made;
  }
  const made: Record<string, unknown> = {};
  seen.set(value, made);
  for (const key in value) made[key] = copy((value as Record<string, unknown>)[key], seen);
  return made;
}
