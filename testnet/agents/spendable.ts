// What an agent may spend now, of its own funds or by its budgets (spec/budgets#coverage).
import { least } from "../../src/base/index.js";
import { type AgentId, type Ledger, limitsOf, payerOf, periodOf } from "../../src/ledger/index.js";

/** In one new auction, at a ledger time: micro-credits, fees included. */
export function spendableBy(ledger: Ledger, agent: AgentId, timeMs: number): bigint {
  const { account, levels } = payerOf(ledger, agent, timeMs);
  const period = periodOf(ledger, timeMs);
  const rooms = levels.flatMap((level) => [
    level.terms.perAuction,
    ...limitsOf(ledger, level, period, null).map(({ most, counted }) =>
      counted < most ? most - counted : 0n,
    ),
  ]);
  return rooms.reduce((all, room) => least(all, room), account?.free ?? 0n);
}
