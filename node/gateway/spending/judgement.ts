// Whether a request may be sent by what it may cost: every window of every level, and the one that stands longest is named.
import { type Bound, boundsOf, type Level, type Purse } from "./bounds.js";

/** Why a request is not sent. */
export type Over =
  /** `isForNow`: it would fit, were nothing set aside for what runs */
  | { readonly kind: "exceeded"; readonly bound: Bound; readonly cost: number; readonly isForNow: boolean }
  /** a level's budget has come to its end; `untilMs` since 1970, null: it was closed, or is not in the ledger */
  | { readonly kind: "ended"; readonly level: string; readonly untilMs: number | null }
  /** the ledger cannot be read, and the gateway fails closed */
  | { readonly kind: "unreadable"; readonly level: string; readonly why: string };

/** So much of a limit is used, or more: its owner is warned. */
const WARNED_FROM_BP = 8_500n;
const WHOLE_BP = 10_000n;

export interface Judgement {
  /** null: it may be sent */
  readonly over: Over | null;
  /** limits of which little is left once it is sent */
  readonly near: readonly Bound[];
}

/**
 * Judges a request of agents, its own first, that may cost so many micro-credits. A limit is never in the way of what costs
 * nothing.
 */
export function judge(levels: readonly Level[], purse: Purse, cost: number, nowMs: number): Judgement {
  const ended = levels.find((level) => hasEnded(level, nowMs));
  if (ended !== undefined) {
    const { name, limits } = ended;
    const untilMs = limits.untilMs !== null && limits.untilMs < nowMs ? limits.untilMs : null;
    return { over: { kind: "ended", level: name, untilMs }, near: [] };
  }
  const bounds = levels.flatMap((level) => boundsOf(level, purse, nowMs));
  const exceeded = cost === 0 ? [] : bounds.filter(({ used, most }) => used + cost > most);
  const [first, ...others] = exceeded;
  if (first === undefined) return { over: null, near: bounds.filter((bound) => isNear(bound, cost)) };
  const bound = others.reduce((longest, one) => (standsLonger(one, longest) ? one : longest), first);
  const isForNow = exceeded.every(({ used, setAside, most }) => used - setAside + cost <= most);
  return { over: { kind: "exceeded", bound, cost, isForNow }, near: [] };
}

const hasEnded = ({ limits, budget }: Level, nowMs: number): boolean =>
  (limits.untilMs !== null && limits.untilMs < nowMs) || budget?.isLive === false;

/** Who waited for another would find it in the way. */
const standsLonger = (one: Bound, other: Bound): boolean =>
  other.resetsMs !== null && (one.resetsMs === null || one.resetsMs > other.resetsMs);

const isNear = ({ used, most }: Bound, cost: number): boolean =>
  BigInt(used + cost) * WHOLE_BP >= BigInt(most) * WARNED_FROM_BP;
