// What an entry's operations are judged by: a table, of which the simulator's mutants replace a row (ADR 0017).
import type { EntryContext, Ledger, Operation, Rejection } from "../ledger/index.js";
import { articleFault, standingFault } from "./rulebook.js";

export interface OperationRules {
  /** why nothing follows from the operation, not even a fee or the use of its nonce; null: it is applied, or fails and pays */
  standingFault(ledger: Ledger, op: Operation, at: EntryContext): Rejection | null;
  /** why an operation that stands fails; null: it is applied */
  articleFault(ledger: Ledger, op: Operation, at: EntryContext): Rejection | null;
}

export const OPERATION_RULES: OperationRules = { standingFault, articleFault };
