// Whether a request may be sent by what it may cost: every window of every level, and the one that stands longest is named.
import { type Bound, boundsOf, type Level, type Purse } from "./bounds.js";

/** Why a request is not sent. */
export type Over =
  /**
   * `cost`: that it was judged by; `isByMost`: at the most that it may cost; `isForNow`: it would fit, were nothing
   * set aside for what runs; `isNever`: it would not, were nothing used
   */
  | {
      readonly kind: "exceeded";
      readonly bound: Bound;
      readonly cost: number;
      readonly isByMost: boolean;
      readonly isForNow: boolean;
      readonly isNever: boolean;
    }
  /** a level's budget has come to its end; `untilMs` since 1970, null: it was closed, or is not in the ledger */
  | { readonly kind: "ended"; readonly level: string; readonly untilMs: number | null }
  /** the ledger cannot be read, and the gateway fails closed */
  | { readonly kind: "unreadable"; readonly level: string; readonly why: string };

/** So much of a limit is used, or more: its owner is warned, and from here on a request is judged by the most that it can cost. */
const WARNED_FROM_BP = 8_500n;
const WHOLE_BP = 10_000n;

export interface Judgement {
  /** null: it may be sent */
  readonly over: Over | null;
  /** limits of which little is left once it is sent */
  readonly near: readonly Bound[];
  /** what is to be set aside for it, if it is sent */
  readonly cost: number;
}

/**
 * Judges a request of agents, its own first, that is estimated to cost so many micro-credits. A limit is never in the way of
 * what costs nothing.
 * @param most what it costs with all the output that it allows and nothing in a cache, ≥ cost
 */
export function judge(
  levels: readonly Level[],
  purse: Purse,
  cost: number,
  nowMs: number,
  most = cost,
): Judgement {
  const ended = levels.find((level) => hasEnded(level, nowMs));
  if (ended !== undefined) {
    const { name, limits } = ended;
    const untilMs = limits.untilMs !== null && limits.untilMs < nowMs ? limits.untilMs : null;
    return { over: { kind: "ended", level: name, untilMs }, near: [], cost };
  }
  const bounds = levels.flatMap((level) => boundsOf(level, purse, nowMs));
  const countedFor = (bound: Bound, used: number) => (isNear({ ...bound, used }, cost) ? most : cost);
  const isHeld = (bound: Bound, used: number) => used + countedFor(bound, used) <= bound.most;
  const exceeded = cost === 0 ? [] : bounds.filter((bound) => !isHeld(bound, bound.used));
  const [first, ...others] = exceeded;
  if (first === undefined) {
    const near = bounds.filter((bound) => isNear(bound, cost));
    return { over: null, near, cost: near.length === 0 ? cost : most };
  }
  const bound = others.reduce((longest, one) => (standsLonger(one, longest) ? one : longest), first);
  const counted = countedFor(bound, bound.used);
  const over: Over = {
    kind: "exceeded",
    ...{ bound, cost: counted, isByMost: counted > cost },
    isForNow: exceeded.every((one) => isHeld(one, one.used - one.setAside)),
    isNever: !isHeld(bound, 0),
  };
  return { over, near: [], cost };
}

const hasEnded = ({ limits, budget }: Level, nowMs: number): boolean =>
  (limits.untilMs !== null && limits.untilMs < nowMs) || budget?.isLive === false;

/** Who waited for another would find it in the way. */
const standsLonger = (one: Bound, other: Bound): boolean =>
  other.resetsMs !== null && (one.resetsMs === null || one.resetsMs > other.resetsMs);

const isNear = ({ used, most }: Bound, cost: number): boolean =>
  BigInt(used + cost) * WHOLE_BP >= BigInt(most) * WARNED_FROM_BP;
