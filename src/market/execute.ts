// Execution of one final entry: phases, operations, its leader, and what is old — in this order (spec/money#entry).
import { type Bytes, type Hash, type Hex, toHex } from "../base/index.js";
import {
  CONGESTION,
  charge,
  type EntryContext,
  type EvidenceJudge,
  type Ledger,
  type Operation,
  operationId,
  type ProvenFault,
  type RejectionCode,
  SLASHES,
  type Slash,
  slashPath,
} from "../ledger/index.js";
import {
  advancePhases,
  countLeader,
  forgetOld,
  type PhaseChange,
  passTime,
  type Settled,
} from "./advance.js";
import { congestionAfter, criticalAmong, openingsAmong } from "./congestion.js";
import { OPERATION_RULES, type OperationRules } from "./operation-rules.js";
import { type EntryPart, PHASE_RULES, type PhaseRules } from "./phase-rules.js";
import { apply } from "./rulebook.js";

/**
 * What became of an operation. `refused`: it failed; its sender's nonce is used up and its fee burned, if it has a
 * sender. `ignored`: it changed nothing, not even that, and may still come.
 */
export type Receipt =
  | { readonly operation: Hash; readonly status: "applied"; readonly code: null }
  | { readonly operation: Hash; readonly status: "refused" | "ignored"; readonly code: RejectionCode };

/** The tables that an entry is executed by. */
export interface EntryRules {
  readonly phases: PhaseRules;
  readonly operations: OperationRules;
}

const ENTRY_RULES: EntryRules = { phases: PHASE_RULES, operations: OPERATION_RULES };

export interface EntryOutcome {
  /** in the order of the entry's operations */
  readonly receipts: readonly Receipt[];
  readonly phaseChanges: readonly PhaseChange[];
  readonly settlements: readonly Settled[];
  readonly slashes: readonly Slash[];
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
  const slashes: Slash[] = [];
  const receipts: Receipt[] = [];
  const phaseChanges: PhaseChange[] = [];
  const settlements: Settled[] = [];
  const part: Readonly<Record<EntryPart, () => void>> = {
    phases() {
      const advanced = advancePhases(ledger, context, rules.phases);
      phaseChanges.push(...advanced.phaseChanges);
      settlements.push(...advanced.settlements);
    },
    operations: () =>
      void receipts.push(...ops.map((op) => execute(ledger, op, context, rules.operations, slashes))),
    leader: () => countLeader(ledger, context, rules.phases),
  };
  passTime(ledger, context, rules.phases);
  for (const name of rules.phases.course) part[name]();
  const old = forgetOld(ledger, context, made(receipts), rules.phases);
  const forgotten = [...cancelled(ops, receipts), ...old];
  recordCongestion(ledger, context, ops, receipts);
  return { receipts, phaseChanges, settlements, slashes, forgotten };
}

/** An operation that was applied makes one row at most. */
const made = (receipts: readonly Receipt[]): number =>
  receipts.filter(({ status }) => status === "applied").length;

/** Auctions that left the state at once. */
const cancelled = (ops: readonly Operation[], receipts: readonly Receipt[]): readonly Hex[] =>
  ops.flatMap(({ body }, i) =>
    body.kind === "cancel" && receipts[i]!.status === "applied" ? [toHex(body.auction)] : [],
  );

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

function execute(
  ledger: Ledger,
  op: Operation,
  at: EntryContext,
  rules: OperationRules,
  slashes: Slash[],
): Receipt {
  const operation = operationId(op);
  const fault = rules.standingFault(ledger, op, at);
  if (fault !== null) return { operation, status: "ignored", code: fault.code };
  const rejection = rules.articleFault(ledger, op, at);
  if (rejection !== null) {
    if (op.authority !== null) charge(ledger, op.body.kind, op.authority);
    return { operation, status: "refused", code: rejection.code };
  }
  apply(ledger, op, at);
  if (op.body.kind !== "evidence") return { operation, status: "applied", code: null };
  return slashReceipt(ledger, operation, at.judgeEvidence(op.body.evidence)!, slashes);
}

/** A conviction that could take nothing is recorded as a refusal, though debt and jail follow (spec/money#X6). */
function slashReceipt(ledger: Ledger, operation: Hash, conviction: ProvenFault, slashes: Slash[]): Receipt {
  const slash = ledger.get(SLASHES, slashPath(conviction))!;
  if (slash.taken === 0n) return { operation, status: "refused", code: "NOTHING_TO_SLASH" };
  slashes.push(slash);
  return { operation, status: "applied", code: null };
}

/** Remembers how full the critical lane was. */
function recordCongestion(
  ledger: Ledger,
  at: EntryContext,
  ops: readonly Operation[],
  receipts: readonly Receipt[],
): void {
  const openings = openingsAmong(ops.filter((_, i) => receipts[i]!.status === "applied"));
  const congestion = ledger.one(CONGESTION);
  const after = congestionAfter(congestion, at.height, criticalAmong(ops), openings);
  if (after.fullRun === congestion.fullRun && after.revealsFullAt === congestion.revealsFullAt) return;
  ledger.changeOne(CONGESTION, (row) => void Object.assign(row, after));
}
