// The rulebook applied: check, then apply.
import type { Hash } from "../base/index.js";
import {
  type Authority,
  BUDGETS,
  charge,
  type FaceFault,
  faceFault,
  type Ledger,
  type Occasion,
  type Rejection,
  type SenderFault,
  senderFault,
} from "../ledger/index.js";
import { AUCTIONS } from "./auction/auctions.js";
import { auctionOfOperation, formOf, laneOf, type Operation } from "./operation.js";
import type { EntryContext, Fruitless, Rule } from "./subject.js";
import type { Fact, OperationBody, RejectionCode } from "./subjects.js";
import { TRADES } from "./trade/trades.js";

/**
 * Why nothing may follow from the operation in this entry, not even a fee: it is not valid now, its turn has not come,
 * or its sender cannot pay. Null: it is applied, or fails and pays.
 */
export const standingFault = (
  ledger: Ledger,
  op: Operation,
  at: EntryContext,
): Rejection<FaceFault | SenderFault> | null =>
  faceFault(op, ledger.network, ledger.params, at.timeMs) ??
  (op.authority === null ? null : senderFault(ledger, occasionOf(ledger, op, at), op.authority));

/** What a signed operation is to whoever pays its fee, also if it fails. */
export const occasionOf = (
  ledger: Ledger,
  op: Operation,
  { timeMs }: Pick<EntryContext, "timeMs">,
): Occasion => ({
  lane: laneOf(op.body.kind),
  timeMs,
  auction: spentIn(ledger, op),
});

/** The auction or dispute of the state in which the fee is spent, for budgets that count by these; null: none counts it. */
function spentIn(ledger: Ledger, op: Operation): Hash | null {
  if (ledger.table(BUDGETS).size === 0) return null;
  const auction = auctionOfOperation(ledger.network, op);
  if (auction === null) return null;
  return ledger.table(AUCTIONS).has(auction) || ledger.table(TRADES).has(auction) ? auction : null;
}

/**
 * Why the operation must not be applied in this entry, or null. Reads, never writes.
 * Signature, size and encoding are not asked again: no entry is final that fails them (spec/log#V3).
 */
export const check = (ledger: Ledger, op: Operation, at: EntryContext): Rejection<RejectionCode> | null =>
  standingFault(ledger, op, at) ?? articleFault(ledger, op, at);

/** What the rules of its kind say against an operation in which `standingFault` has found nothing. */
export function articleFault(
  ledger: Ledger,
  { body, authority }: Operation,
  at: EntryContext,
): Rejection<RejectionCode> | null {
  const rules = formOf(body).rules as readonly Rule<OperationBody, Authority | null, RejectionCode>[];
  for (const rule of rules) {
    const rejection = rule(ledger, body, authority, at);
    if (rejection !== null) return rejection;
  }
  return null;
}

/**
 * Applies an operation that `check` has just passed in the same state and entry.
 * @returns what it tells, or why it counts as refused though it was carried out
 */
export function apply(
  ledger: Ledger,
  op: Operation,
  at: EntryContext,
): readonly Fact[] | Fruitless<RejectionCode, Fact> {
  const { body, authority } = op;
  const form = formOf(body);
  if (authority !== null) {
    // An auction that the operation makes is there in a moment.
    const auction = ledger.table(BUDGETS).size === 0 ? null : auctionOfOperation(ledger.network, op);
    charge(ledger, { lane: form.lane, timeMs: at.timeMs, auction }, authority);
  }
  return form.effect(ledger, body, authority as never, at);
}

/** What an entry's operations are judged by: a table, of which the simulator's mutants replace a row (ADR 0017). */
export interface OperationRules {
  /** why nothing follows from the operation, not even a fee or the use of its nonce; null: it is applied, or fails and pays */
  standingFault(ledger: Ledger, op: Operation, at: EntryContext): Rejection<RejectionCode> | null;
  /** why an operation that stands fails; null: it is applied */
  articleFault(ledger: Ledger, op: Operation, at: EntryContext): Rejection<RejectionCode> | null;
  /** what an operation does in which neither has found a fault */
  apply(ledger: Ledger, op: Operation, at: EntryContext): readonly Fact[] | Fruitless<RejectionCode, Fact>;
}

export const OPERATION_RULES: OperationRules = { standingFault, articleFault, apply };
