// Deadlines of trades: the log ends by itself what nobody ended in time, some in each entry (spec/trades#deadlines).
import { type Clock, type Ledger, liveMs, MAX_TRADE_ENDS, type Moment } from "../../ledger/index.js";
import { endTrade } from "./end.js";
import { type EndCause, liveDeadlineMs, type StateKind, type Trade, type TradeEnd } from "./trade.js";
import { TRADES, tradeOf } from "./trades.js";

/** The end of a trade whose time is over, by what it waited for. */
const CAUSE: Readonly<Record<Exclude<StateKind, "ended">, Exclude<EndCause, "upheld">>> = {
  due: "timedOut",
  delivered: "unopposed",
  disputed: "hung",
};

export interface TradeRules {
  /** The time that deadlines run in, at a ledger time: live time, so that nobody is late while the network stands still. */
  nowMs(clock: Clock, timeMs: number): number;
  /** Whether time is over: the deadline itself is in time. Both are live times. */
  isOver(deadlineMs: number, nowMs: number): boolean;
}

export const TRADE_RULES: TradeRules = {
  nowMs: liveMs,
  isOver: (deadlineMs, nowMs) => nowMs > deadlineMs,
};

/** Whether a trade's running deadline is behind an entry, executed or not: nobody is in time any more. */
export function isOverdue(ledger: Ledger, trade: Trade, { timeMs }: Pick<Moment, "timeMs">): boolean {
  const deadlineMs = liveDeadlineMs(trade);
  return deadlineMs !== null && TRADE_RULES.isOver(deadlineMs, TRADE_RULES.nowMs(ledger.clock, timeMs));
}

/** Ends the trades whose time is over, the longest due first, then by id, as many as one entry may. */
export function endOverdue(ledger: Ledger, at: Moment, rules: TradeRules): readonly TradeEnd[] {
  const ended: TradeEnd[] = [];
  const { deadlines } = ledger.table(TRADES).index;
  const nowMs = rules.nowMs(ledger.clock, at.timeMs);
  for (let next = deadlines.first; next !== null && ended.length < MAX_TRADE_ENDS; next = deadlines.first) {
    if (!rules.isOver(next.dueMs, nowMs)) break;
    const trade = tradeOf(ledger, next.id)!;
    const { kind } = trade.state;
    if (kind === "ended") break;
    ended.push(endTrade(ledger, trade, { cause: CAUSE[kind] }, at));
  }
  return ended;
}

/** Ledger time from which the first trade of this state is overdue; null: none runs. */
export function firstOverdueMs(ledger: Ledger): number | null {
  const { first } = ledger.table(TRADES).index.deadlines;
  return first === null ? null : first.dueMs + ledger.clock.outagesMs + 1;
}

/** Whether an entry at this moment would end a trade of this state. @param clock that entry's */
export function endsTrade(ledger: Ledger, { timeMs }: Pick<Moment, "timeMs">, clock: Clock): boolean {
  const { first } = ledger.table(TRADES).index.deadlines;
  return first !== null && TRADE_RULES.isOver(first.dueMs, TRADE_RULES.nowMs(clock, timeMs));
}
