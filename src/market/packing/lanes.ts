// Lanes: waiting operations in the order in which a leader includes them (spec/money#lanes-and-packing).
import { type Hash, type Hex, toHex } from "../../base/index.js";
import { ACCOUNTS, faceFault, type Lane, type Ledger } from "../../ledger/index.js";
import { judgeAdmission } from "../admission.js";
import type { EvidenceJudge } from "../justice/fault.js";
import {
  auctionOfOperation,
  evidenceIn,
  laneOf,
  type Operation,
  provenForm,
  signedForm,
} from "../operation.js";
import type { OpeningWindow } from "../subject.js";
import type { Doubts } from "./doubt.js";
import { feeClass } from "./fee-class.js";
import type { Purses, Spending } from "./purse.js";

/** An operation that waits, and how long its bytes are. */
export interface Packable {
  readonly operation: Operation;
  readonly size: number;
}

/** Operations that prove themselves, apart: an opening is in haste, and evidence must not stand in its way. */
export interface Proven<C> {
  /** whose window may close within one reveal slot, by its close; those whose window does not run yet after them */
  readonly due: readonly C[];
  /** whose window closes later, in the same order: their commits prepaid a place, and not one before all others */
  readonly patient: readonly C[];
  /** in the order of first sight */
  readonly evidence: readonly C[];
}

/** What an entry is packed for, as far as what proves itself depends on it. */
interface Proving {
  readonly timeMs: number;
  readonly inFlight: readonly Operation[];
  readonly judgeEvidence: EvidenceJudge;
}

/** The agents that evidence among the operations convicts. */
export const accusedIn = (ops: readonly Operation[], judge: EvidenceJudge): ReadonlySet<Hex> =>
  new Set(ops.flatMap((op) => accusedBy(op, judge) ?? []));

/** Whether the operation is evidence against one of the agents. */
export function isAgainst(agents: ReadonlySet<Hex>, op: Operation, judge: EvidenceJudge): boolean {
  const agent = agents.size === 0 ? null : accusedBy(op, judge);
  return agent !== null && agents.has(agent);
}

function accusedBy({ body }: Operation, judge: EvidenceJudge): Hex | null {
  const evidence = evidenceIn(body);
  const fault = evidence === null ? null : judge(evidence);
  return fault === null ? null : toHex(fault.agent);
}

/**
 * Openings of auctions in REVEAL and evidence, each target once. What would fail is left out: also evidence against an
 * agent whom a conviction in flight may leave without anything to take.
 */
export function provenOperations<C extends Packable>(
  candidates: readonly C[],
  ledger: Ledger,
  { timeMs, inFlight, judgeEvidence: judge }: Proving,
): Proven<C> {
  const accused = accusedIn(inFlight, judge);
  const targets = new Set<string>();
  const openings: ({ readonly one: C } & OpeningWindow)[] = [];
  const evidence: C[] = [];
  for (const one of candidates) {
    if (one.operation.authority !== null) continue;
    if (judgeAdmission(ledger, one.operation, timeMs, judge).kind !== "accept") continue;
    if (isAgainst(accused, one.operation, judge)) continue;
    const { body } = one.operation;
    const form = provenForm(body)!;
    const target = form.target(body, judge);
    if (targets.has(target)) continue;
    targets.add(target);
    const window = form.window(ledger, body);
    if (window === null) evidence.push(one);
    else openings.push({ one, ...window });
  }
  const byMs = ({ closeMs }: OpeningWindow): number => closeMs ?? Number.MAX_SAFE_INTEGER;
  openings.sort((a, b) => byMs(a) - byMs(b));
  const soonMs = timeMs + ledger.params.revealSlotMs;
  const isDue = ({ closeMs, lengthMs }: OpeningWindow): boolean => (closeMs ?? timeMs + lengthMs) <= soonMs;
  return {
    due: openings.filter(isDue).map(({ one }) => one),
    patient: openings.filter((one) => !isDue(one)).map(({ one }) => one),
    evidence,
  };
}

interface Sender {
  readonly account: Hex;
  /** the account's lane */
  readonly slot: string;
  /** the auction that the operation is about, or makes */
  readonly auction: Hash | null;
}

/** What waits is looked at again and again until it is included: its sender is named once. */
const SENDERS = new WeakMap<Operation, Sender>();

/** @param op signed */
export function senderOf(op: Operation): Sender {
  const known = SENDERS.get(op);
  if (known !== undefined) return known;
  const account = toHex(op.authority!.from);
  const auction = auctionOfOperation(op, op);
  const sender = { account, slot: `${account}/${laneOf(op.body.kind)}`, auction };
  SENDERS.set(op, sender);
  return sender;
}

/** @param op signed */
export const spendingOf = (op: Operation): Spending => ({
  account: senderOf(op).account,
  fee: op.authority!.fee,
  body: op.body,
  auction: senderOf(op).auction,
});

/** The next nonce of each account's lanes once the operations that were counted are executed. */
export class Nonces {
  private readonly next = new Map<string, number>();

  constructor(private readonly ledger: Ledger) {}

  nextOf(op: Operation): number {
    const { account, slot } = senderOf(op);
    return this.next.get(slot) ?? this.ledger.get(ACCOUNTS, account)?.nonces[laneOf(op.body.kind)] ?? 0;
  }

  /**
   * Whether an operation that is executed before may have its turn: it is next, or was, if one before it with its nonce
   * leaves no trace, as where nobody can pay for it.
   */
  mayTurn(op: Operation): boolean {
    const { nonce } = op.authority!;
    const { account } = senderOf(op);
    const executed = this.ledger.get(ACCOUNTS, account)?.nonces[laneOf(op.body.kind)] ?? 0;
    return nonce >= executed && nonce <= this.nextOf(op);
  }

  use(op: Operation): void {
    this.next.set(senderOf(op).slot, op.authority!.nonce + 1);
  }

  /** Nobody knows its lane's next any more. */
  lose(op: Operation): void {
    this.next.set(senderOf(op).slot, Number.POSITIVE_INFINITY);
  }
}

/**
 * Counts operations that will be executed before: of each that is its account's next, the nonce is used, and it takes
 * what it can. As execution does, this passes over what comes before its turn; but one whose turn has been counted already
 * takes as well, for it has its turn if that other is passed over. A deposit is less the later its auction is
 * created, so it is counted at the time of the state: no entry above takes more.
 * @param inFlight in the order of the log
 * @param executedMs ledger time of the state
 */
export function countInFlight(
  inFlight: readonly Operation[],
  executedMs: number,
  nonces: Nonces,
  purses: Purses,
  doubts: Doubts,
): void {
  for (const op of inFlight) {
    if (op.authority === null || !nonces.mayTurn(op)) continue;
    if (doubts.isPassedOver(op)) nonces.lose(op);
    else if (op.authority.nonce === nonces.nextOf(op)) nonces.use(op);
    purses.concede(spendingOf(op), executedMs);
  }
}

/** Whether including the operation now serves its sender. @param op signed */
const isReady = (ledger: Ledger, op: Operation, timeMs: number): boolean =>
  faceFault(op, ledger.network, ledger.params, timeMs) === null &&
  signedForm(op.body)!.isReady(ledger, op.body, timeMs);

/**
 * Signed operations of one lane, by fee class and then first seen, each account's in the order of its nonces without
 * a gap, and as far as its funds cover the sum of what they take.
 * @param candidates in the order of first sight
 * @param nonces the next of each account; @param purses what is left of its funds. What is chosen here is counted there
 */
export function signedOperations<C extends Packable>(
  candidates: readonly C[],
  ledger: Ledger,
  lane: Lane,
  timeMs: number,
  nonces: Nonces,
  purses: Purses,
): readonly C[] {
  const parked = new Map<string, C>();
  const ordered: C[] = [];
  /** Takes an operation, and those of its account that were waiting for its nonce, while they are covered. */
  const take = (first: C): void => {
    for (let one: C | undefined = first; one !== undefined && purses.include(spendingOf(one.operation)); ) {
      ordered.push(one);
      nonces.use(one.operation);
      const key: string = `${senderOf(one.operation).slot}/${one.operation.authority!.nonce + 1}`;
      const follower = parked.get(key);
      parked.delete(key);
      one = follower;
    }
  };
  for (const one of byPreference(candidates, ledger, lane, timeMs)) {
    const { nonce } = one.operation.authority!;
    const next = nonces.nextOf(one.operation);
    const key = `${senderOf(one.operation).slot}/${nonce}`;
    if (nonce === next) take(one);
    else if (nonce > next && !parked.has(key)) parked.set(key, one);
  }
  return ordered;
}

function byPreference<C extends Packable>(
  candidates: readonly C[],
  ledger: Ledger,
  lane: Lane,
  timeMs: number,
): readonly C[] {
  const { minFee } = ledger.params;
  return candidates
    .filter(({ operation: op }) => op.authority !== null && laneOf(op.body.kind) === lane)
    .filter(({ operation: op }) => isReady(ledger, op, timeMs))
    .map((one) => ({ one, rank: feeClass(one.operation.authority!.fee, minFee) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ one }) => one);
}
