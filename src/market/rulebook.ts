// The whole rulebook, one article for every kind of operation: check, then apply.
import {
  type Article,
  charge,
  type EntryContext,
  faceFault,
  LEDGER_RULES,
  type Ledger,
  type Operation,
  type OperationKind,
  type Rejection,
  type Rulebook,
  senderFault,
} from "../ledger/index.js";
import { AUCTION_RULES } from "./articles.js";

/** Closed by its type: a new kind of operation does not compile before it has its article. */
const RULEBOOK: Rulebook = { ...LEDGER_RULES, ...AUCTION_RULES };

/** The article of an operation. The compiler does not see that kind, body and actor belong together; here they do. */
const articleOf = (op: Operation): Article<OperationKind> =>
  RULEBOOK[op.body.kind] as unknown as Article<OperationKind>;

/**
 * Why nothing may follow from the operation in this entry, not even a fee: it is not valid now, its turn has not come,
 * or its sender cannot pay. Null: it is applied, or fails and pays.
 */
export const standingFault = (ledger: Ledger, op: Operation, at: EntryContext): Rejection | null =>
  faceFault(op, ledger.network, ledger.params, at.timeMs) ??
  (op.authority === null ? null : senderFault(ledger, op.body.kind, op.authority));

/**
 * Why the operation must not be applied in this entry, or null. Reads, never writes.
 * Signature, size and encoding are not asked again: no entry is final that fails them (spec/log#validity, S3).
 */
export const check = (ledger: Ledger, op: Operation, at: EntryContext): Rejection | null =>
  standingFault(ledger, op, at) ?? articleFault(ledger, op, at);

/** What the rules of its kind say against an operation in which `standingFault` has found nothing. */
export function articleFault(ledger: Ledger, op: Operation, at: EntryContext): Rejection | null {
  for (const rule of articleOf(op).rules) {
    const rejection = rule(ledger, op.body, op.authority as never, at);
    if (rejection !== null) return rejection;
  }
  return null;
}

/** Applies an operation that `check` has just passed in the same state and entry. Writes, never refuses. */
export function apply(ledger: Ledger, op: Operation, at: EntryContext): void {
  if (op.authority !== null) charge(ledger, op.body.kind, op.authority);
  articleOf(op).effect(ledger, op.body, op.authority as never, at);
}
