// What a policy came to, in figures that mean the same for all of them.
import type { Limit } from "../../../src/quota/index.js";
import type { Amounts } from "../../upstream/amounts.js";
import type { CallRecord } from "./call-record.js";
import type { Member } from "./crowd.js";
import { serviceGap } from "./service-gap.js";

/** Counted in the measured time. */
export interface Outcome {
  readonly refusedUpstream: number;
  readonly refusedToClients: number;
  readonly failedRuns: number;
  readonly endedRuns: number;
  readonly answered: number;
  /** of the limit that was used most, 0..1: what was let in over what flows off in that time */
  readonly used: number;
  /** over its bound */
  readonly gap: number;
  /** the same, of what was counted while both wanted */
  readonly gapAsCounted: number;
  /** from when an agent of the interactive band wants a call until the upstream lets it in: the 99th of a hundred, ms; null: never */
  readonly interactiveMs: number | null;
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export function outcomeOf(
  crowd: readonly Member[],
  limits: readonly Limit[],
  records: readonly CallRecord[],
  { fromMs, toMs }: Span,
): Outcome {
  const isIn = (ms: number | null): boolean => ms !== null && ms >= fromMs && ms < toMs;
  const taken = records.filter(({ takenMs }) => isIn(takenMs));
  const over = records.filter(({ endMs }) => isIn(endMs));
  const waits = records
    .filter(({ agent, readyMs }) => crowd[agent]!.band === "interactive" && isIn(readyMs))
    .map(({ readyMs, takenMs, end }) =>
      takenMs !== null ? takenMs - readyMs : end === "failed" ? Number.POSITIVE_INFINITY : toMs - readyMs,
    );
  const interactiveMs = quantileOf(waits, 0.99);
  const used = limits.map(({ dimension, limit, windowMs }) => {
    const counted = taken.reduce((sum, one) => sum + one.counted[dimension], 0);
    return counted / ((limit * (toMs - fromMs)) / windowMs);
  });
  const costOf = (counted: Amounts): number =>
    limits.reduce((sum, { dimension, limit }) => sum + counted[dimension] / limit, 0);
  const before = records.filter(({ readyMs }) => readyMs < toMs);
  const { gap, gapAsCounted, bound } = serviceGap(crowd, before, costOf);
  return {
    refusedUpstream: sumOf(over, ({ refusedUpstream }) => refusedUpstream),
    refusedToClients: sumOf(over, ({ refusedToClient }) => refusedToClient),
    failedRuns: over.filter(({ end }) => end === "failed").length,
    endedRuns: over.filter(({ end, isLast }) => end === "answered" && isLast).length,
    answered: over.filter(({ end }) => end === "answered").length,
    used: Math.max(0, ...used),
    gap: bound === 0 ? 0 : gap / bound,
    gapAsCounted: bound === 0 ? 0 : gapAsCounted / bound,
    interactiveMs: Number.isFinite(interactiveMs) ? interactiveMs : null,
  };
}

const sumOf = (records: readonly CallRecord[], of: (record: CallRecord) => number): number =>
  records.reduce((sum, one) => sum + of(one), 0);

/** The least that so many (0..1) do not pass; 0 of nothing. */
export function quantileOf(values: readonly number[], part: number): number {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[Math.max(0, Math.ceil(ascending.length * part) - 1)] ?? 0;
}

/** Of several experiments: sums of what is counted, and of the rest the worst. */
export function worstOf(outcomes: readonly Outcome[]): Outcome {
  const sum = (of: (one: Outcome) => number): number => outcomes.reduce((all, one) => all + of(one), 0);
  const waits = outcomes.map(({ interactiveMs }) => interactiveMs ?? Number.POSITIVE_INFINITY);
  const interactiveMs = Math.max(0, ...waits);
  return {
    refusedUpstream: sum((one) => one.refusedUpstream),
    refusedToClients: sum((one) => one.refusedToClients),
    failedRuns: sum((one) => one.failedRuns),
    endedRuns: sum((one) => one.endedRuns),
    answered: sum((one) => one.answered),
    used: Math.min(...outcomes.map(({ used }) => used)),
    gap: Math.max(0, ...outcomes.map(({ gap }) => gap)),
    gapAsCounted: Math.max(0, ...outcomes.map(({ gapAsCounted }) => gapAsCounted)),
    interactiveMs: Number.isFinite(interactiveMs) ? interactiveMs : null,
  };
}
