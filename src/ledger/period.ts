// Periods: economic time, which the ledger counts what is recent by (spec/time#O8).
import type { Ledger } from "./ledger.js";

/**
 * The period of a ledger time: ⌊(T − genesis' time) / periodMs⌋.
 * @param timeMs ledger time, no earlier than genesis'
 */
export const periodOf = ({ genesis, params }: Ledger, timeMs: number): number =>
  Math.floor((timeMs - genesis.timeMs) / params.periodMs);
