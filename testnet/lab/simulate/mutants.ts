// Deliberately broken rules: a simulator that does not catch each of them is broken itself (spec/scenarios).
import { BUDGET_MUTANTS } from "./budget-mutants.js";
import { DISPUTE_MUTANTS } from "./dispute-mutants.js";
import { LADDER_MUTANTS } from "./ladder-mutants.js";
import { LOG_MUTANTS } from "./log-mutants.js";
import { MARKET_MUTANTS } from "./market-mutants.js";
import type { Mutant } from "./mutant.js";
import { TRADE_MUTANTS } from "./trade-mutants.js";

const ALL = {
  ...LOG_MUTANTS,
  ...MARKET_MUTANTS,
  ...TRADE_MUTANTS,
  ...DISPUTE_MUTANTS,
  ...BUDGET_MUTANTS,
  ...LADDER_MUTANTS,
};
export type MutantName = keyof typeof ALL;

export const MUTANT: Readonly<Record<MutantName, Mutant>> = ALL;
export const MUTANTS = Object.keys(MUTANT) as readonly MutantName[];

export const isMutantName = (name: string): name is MutantName => Object.hasOwn(MUTANT, name);
