// Budgets as the ledger of this process's peer holds them: read at each request, from memory.
import { MAX_AMOUNT } from "../../../src/base/index.js";
import { BUDGETS, countedIn, isLive, levelsOf, periodOf } from "../../../src/ledger/index.js";
import { hasStopped, type Peer } from "../../../src/peer/state.js";
import type { LedgerBudget } from "../spending/bounds.js";
import type { BudgetsOfLedger } from "../spending/spending.js";

export class LedgerBudgets implements BudgetsOfLedger {
  /** @param peer as it is now */
  constructor(private readonly peer: () => Peer) {}

  readonly begun = null;

  get trouble(): string | null {
    const peer = this.peer();
    return hasStopped(peer) ? `the peer has stopped: its log is ${FAULTS[peer.halted ?? "corrupt"]}` : null;
  }

  /** Live if all levels above it are. An amount without a limit is the greatest there is. */
  budgetOf(agent: string, nowMs: number): LedgerBudget | null {
    const { ledger } = this.peer();
    const budget = ledger.get(BUDGETS, agent);
    if (budget === null) return null;
    const { terms, spent } = budget;
    const timeMs = Math.max(nowMs, ledger.genesis.timeMs);
    return {
      isLive: levelsOf(ledger, agent).every((level) => isLive(level, nowMs)),
      perDay: terms.perPeriod === MAX_AMOUNT ? null : terms.perPeriod,
      usedToday: countedIn(budget, periodOf(ledger, timeMs)),
      total: terms.total,
      usedInAll: spent,
    };
  }
}

const FAULTS = { fork: "forked", corrupt: "damaged", amnesia: "forgotten" } as const;
