// Execution of one final entry: overdue trades, phases, operations, its leader, what has unbonded, and what is old — in this order (spec/money#X1).
import { type Bytes, type Hash, type Hex, toHex } from "../base/index.js";
import { type AgentId, BUDGETS, charge, type Ledger, OUTLAYS, payerOf } from "../ledger/index.js";
import {
  advancePhases,
  countLeader,
  forgetOld,
  type PhaseChange,
  passTime,
  type Settled,
} from "./auction/course.js";
import { type EntryPart, PHASE_RULES, type PhaseRules } from "./auction/phase-rules.js";
import { type Charged, chargedBy, chargedFor } from "./charged.js";
import type { EvidenceJudge, ProvenFault } from "./justice/fault.js";
import { endExpired } from "./money/budgets.js";
import { type Release, releaseUnbonded, STAKE_RULES, type StakeRules } from "./money/stake.js";
import { criticalAmong, type Operation, openingsAmong, operationId } from "./operation.js";
import { CONGESTION, congestionAfter } from "./packing/congestion.js";
import { OPERATION_RULES, type OperationRules, occasionOf } from "./rulebook.js";
import { forgetStandings } from "./standing/standing.js";
import type { EntryContext, Fruitless } from "./subject.js";
import type { Fact, RejectionCode } from "./subjects.js";
import { endOverdue, TRADE_RULES, type TradeRules } from "./trade/deadlines.js";
import type { Trade, TradeEnd } from "./trade/trade.js";

/**
 * What became of an operation. `refused`: it failed; its sender's nonce is used up and its fee burned, if it has a
 * sender. `ignored`: it changed nothing, not even that, and may still come.
 */
export type Receipt = {
  readonly operation: Hash;
  /** who paid its fee, and what it burned beside, by a budget of its sender; null: the sender itself, if anybody did */
  readonly payer: AgentId | null;
} & (
  | { readonly status: "applied"; readonly code: null; readonly facts: readonly Fact[] }
  | { readonly status: "refused" | "ignored"; readonly code: RejectionCode }
);

/** The tables that an entry is executed by. */
export interface EntryRules {
  readonly phases: PhaseRules;
  readonly operations: OperationRules;
  readonly stake: StakeRules;
  readonly trades: TradeRules;
}

const ENTRY_RULES: EntryRules = {
  phases: PHASE_RULES,
  operations: OPERATION_RULES,
  stake: STAKE_RULES,
  trades: TRADE_RULES,
};

/** Trades that began in an entry, and those that ended: by their deadlines first, then by operations. As they stood then. */
export interface TradeChanges {
  readonly began: readonly Trade[];
  readonly ended: readonly TradeEnd[];
}

export interface EntryOutcome {
  /** in the order of the entry's operations */
  readonly receipts: readonly Receipt[];
  readonly phaseChanges: readonly PhaseChange[];
  readonly settlements: readonly Settled[];
  readonly trades: TradeChanges;
  /** penalties, also those that took nothing: of seats by the order of their evidence, then of trades as these ended */
  readonly charged: readonly Charged[];
  /** stake that was withdrawn and is free now */
  readonly releases: readonly Release[];
  /** children whose budgets have expired */
  readonly expired: readonly AgentId[];
  /** auctions whose rows are gone, by hex of their ids */
  readonly forgotten: readonly Hex[];
}

/**
 * Executes a final entry. Every peer does the same with the same state and gets the same outcome; `commitRows` then
 * gives the rows and the root.
 * @param at what its header and its parent's say
 */
export function executeEntry(
  ledger: Ledger,
  at: EntryContext,
  ops: readonly Operation[],
  rules: EntryRules = ENTRY_RULES,
): EntryOutcome {
  const context = { ...at, judgeEvidence: judgedOnce(at.judgeEvidence) };
  const receipts: Receipt[] = [];
  const convictions: Charged[] = [];
  const phaseChanges: PhaseChange[] = [];
  const settlements: Settled[] = [];
  const began: Trade[] = [];
  const part: Readonly<Record<EntryPart, () => void>> = {
    phases() {
      const advanced = advancePhases(ledger, context, rules.phases);
      // One by one: a call takes some hundred thousand arguments at most, and nothing bounds what one moment may bring.
      for (const one of advanced.phaseChanges) phaseChanges.push(one);
      for (const one of advanced.settlements) settlements.push(one);
      for (const one of advanced.began) began.push(one);
    },
    operations() {
      for (const op of ops) {
        const { receipt, facts } = execute(ledger, op, context, rules.operations);
        receipts.push(receipt);
        convictions.push(...facts.flatMap(chargedBy));
      }
    },
    leader: () => countLeader(ledger, context, rules.phases),
  };
  passTime(ledger, context, rules.phases);
  const overdue = endOverdue(ledger, context, rules.trades);
  const outlaysBefore = ledger.table(OUTLAYS).size;
  for (const name of rules.phases.course) part[name]();
  const outlays = Math.max(0, ledger.table(OUTLAYS).size - outlaysBefore);
  const facts = receipts.flatMap(factsOf);
  const releases = releaseUnbonded(ledger, context, withdrawals(facts), rules.stake);
  const expired = endExpired(ledger, context, openings(facts));
  const rows = made(receipts, began);
  const old = forgetOld(ledger, context, rows + outlays, rules.phases);
  forgetStandings(ledger, context, rows);
  const forgotten = [...cancelled(facts), ...old];
  recordCongestion(ledger, context, ops);
  const trades = { began, ended: [...overdue, ...facts.flatMap(tradeEnded)] };
  const charged = [...convictions, ...trades.ended.flatMap(chargedFor)];
  return { receipts, phaseChanges, settlements, trades, charged, releases, expired, forgotten };
}

/** What an operation tells. */
export const factsOf = (receipt: Receipt): readonly Fact[] =>
  receipt.status === "applied" ? receipt.facts : [];

/** An operation that was applied makes one row at most, beside outlays; a trade its own, and the first of an auction their tally. */
const made = (receipts: readonly Receipt[], began: readonly Trade[]): number =>
  receipts.filter(({ status }) => status === "applied").length +
  began.length +
  new Set(began.map(({ auction }) => toHex(auction))).size;

const tradeEnded = (fact: Fact): readonly TradeEnd[] => (fact.kind === "tradeEnded" ? [fact] : []);

/** Parts that began to unbond. */
const withdrawals = (facts: readonly Fact[]): number =>
  facts.filter(({ kind }) => kind === "unbonded").length;

/** Budgets that were opened. */
const openings = (facts: readonly Fact[]): number =>
  facts.filter(({ kind }) => kind === "budgetOpened").length;

/** Auctions that left the state at once. */
const cancelled = (facts: readonly Fact[]): readonly Hex[] =>
  facts.flatMap((fact) => (fact.kind === "cancelled" ? [toHex(fact.auction)] : []));

/** The rules that ask about one evidence share one verdict: it costs signature checks. */
function judgedOnce(judge: EvidenceJudge): EvidenceJudge {
  const verdicts = new Map<Bytes, ProvenFault | null>();
  return (evidence) => {
    const known = verdicts.get(evidence);
    if (known !== undefined) return known;
    const verdict = judge(evidence);
    verdicts.set(evidence, verdict);
    return verdict;
  };
}

/** What became of an operation, and what it did: also where it counts as refused for having done too little. */
interface Executed {
  readonly receipt: Receipt;
  readonly facts: readonly Fact[];
}

function execute(ledger: Ledger, op: Operation, at: EntryContext, rules: OperationRules): Executed {
  const told = { operation: operationId(op), payer: payerFor(ledger, op, at) };
  const undone = (
    status: "refused" | "ignored",
    code: RejectionCode,
    facts: readonly Fact[] = [],
  ): Executed => ({ receipt: { ...told, status, code }, facts });
  const fault = rules.standingFault(ledger, op, at);
  if (fault !== null) return undone("ignored", fault.code);
  const rejection = rules.articleFault(ledger, op, at);
  if (rejection !== null) {
    if (op.authority !== null) charge(ledger, occasionOf(ledger, op, at), op.authority);
    return undone("refused", rejection.code);
  }
  const outcome = rules.apply(ledger, op, at);
  if (isFruitless(outcome)) return undone("refused", outcome.code, outcome.facts);
  return { receipt: { ...told, status: "applied", code: null, facts: outcome }, facts: outcome };
}

/** Asked before it is executed: it may be what opens or closes its sender's budget. */
function payerFor(ledger: Ledger, { authority }: Operation, { timeMs }: EntryContext): AgentId | null {
  if (authority === null || ledger.table(BUDGETS).size === 0) return null;
  const { account, levels } = payerOf(ledger, authority.from, timeMs);
  return levels.length === 0 ? null : account!.id;
}

const isFruitless = (
  outcome: readonly Fact[] | Fruitless<RejectionCode, Fact>,
): outcome is Fruitless<RejectionCode, Fact> => "code" in outcome;

/** Remembers how full the critical lane was. */
function recordCongestion(ledger: Ledger, at: EntryContext, ops: readonly Operation[]): void {
  const congestion = ledger.one(CONGESTION);
  const after = congestionAfter(congestion, at.height, criticalAmong(ops), openingsAmong(ops));
  if (after.fullRun === congestion.fullRun && after.revealsFullAt === congestion.revealsFullAt) return;
  ledger.changeOne(CONGESTION, (row) => void Object.assign(row, after));
}
