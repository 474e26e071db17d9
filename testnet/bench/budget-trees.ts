// Trees of budgets for a ledger: chains of children, of which the lowest spends.
import type { AgentId } from "../../src/ledger/index.js";
import type { LoneLedger } from "./lone-ledger.js";

export interface Trees {
  /** levels above each child that bids; 0: it pays for itself */
  readonly depth: number;
  readonly children: number;
}

const LIMIT = 1_000_000_000n;
const YEAR_MS = 365 * 24 * 3_600_000;

/** Opens budgets in chains. @param agents `depth` + 1 for each chain @returns the lowest of each */
export function budgetsOf(market: LoneLedger, agents: readonly AgentId[], depth: number): readonly AgentId[] {
  const chains = agents.length / (depth + 1);
  const at = (chain: number, level: number): AgentId => agents[chain * (depth + 1) + level]!;
  const terms = { perAuction: LIMIT, perPeriod: LIMIT, total: null, untilMs: market.timeMs + YEAR_MS };
  for (let level = 0; level < depth; level++) {
    const ops = Array.from({ length: chains }, (_, chain) => {
      const child = at(chain, level + 1);
      return market.operation(at(chain, level), {
        kind: "openBudget",
        child,
        terms,
        nth: 0,
        consent: new Uint8Array(64),
      });
    });
    market.entry(ops);
  }
  return Array.from({ length: chains }, (_, chain) => at(chain, depth));
}
