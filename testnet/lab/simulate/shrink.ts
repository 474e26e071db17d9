// Shrinking: of a scenario that breaks an invariant, the parts without which it no longer does (delta debugging).
import { only, partsOf } from "./parts.js";
import type { Scenario } from "./scenario.js";

export interface Shrunk {
  /** ids of the parts that are left */
  readonly only: readonly string[];
  /** the same in words */
  readonly says: readonly string[];
  /** how many runs it took */
  readonly runs: number;
}

/**
 * Leaves out parts, first by halves and at last one by one, as long as what is left still breaks the same invariant.
 * The result is no smallest one: a part may be needed only beside others, and the number of runs is bounded.
 * @param breaks whether this scenario breaks the invariant in question
 */
export function shrink(scenario: Scenario, breaks: (scenario: Scenario) => boolean, maxRuns: number): Shrunk {
  const parts = partsOf(scenario);
  let kept = parts.map(({ id }) => id);
  let runs = 0;
  let size = Math.ceil(kept.length / 2);
  while (kept.length > 0 && runs < maxRuns) {
    const before = kept.length;
    for (let at = 0; at < kept.length && runs < maxRuns; ) {
      const without = [...kept.slice(0, at), ...kept.slice(at + size)];
      runs++;
      if (breaks(only(scenario, new Set(without)))) kept = without;
      else at += size;
    }
    if (size === 1 && kept.length === before) break;
    size = Math.max(1, Math.ceil(size / 2));
  }
  const left = new Set(kept);
  return { only: kept, says: parts.filter(({ id }) => left.has(id)).map(({ says }) => says), runs };
}
