// Idle: operations of an entry that could not count when its leader chose them, so that nobody pays for their bytes (ADR 0050).
import { type Hex, toHex } from "../../base/index.js";
import { type Ledger, MAX_ENTRY_EVIDENCE } from "../../ledger/index.js";
import { judgeAdmission } from "../admission.js";
import { auctionOf } from "../auction/auctions.js";
import { type AuctionId, auctionIdOf } from "../auction/id.js";
import type { EvidenceJudge } from "../justice/fault.js";
import {
  evidenceIn,
  laneOf,
  MAX_OPERATION_BYTES,
  type Operation,
  operationId,
  provenForm,
} from "../operation.js";
import { tradeOf } from "../trade/trades.js";
import { Doubts } from "./doubt.js";
import { accusedIn, countInFlight, isAgainst, Nonces, type Packable, spendingOf } from "./lanes.js";
import { Purses } from "./purse.js";

export interface Beneath {
  /** ledger time of the entry */
  readonly timeMs: number;
  /** ledger time of the last entry that is executed */
  readonly executedMs: number;
  /** the height whose state its leader knew, at most that of the ledger that judges */
  readonly execHeight: number;
  /** operations of the entries between that ledger's state and the entry, in the order of the log */
  readonly inFlight: readonly Operation[];
  readonly judgeEvidence: EvidenceJudge;
}

/**
 * How much of an entry is idle (spec/money#idle). What a leader packs by `packEntry`, in the state after `execHeight` and
 * upon the same entries, is not: here and there the same is counted, and a later state only has more funds for it.
 * @param entry its operations in their order, valid on their face
 */
export function idleAmong(
  ledger: Ledger,
  entry: readonly Packable[],
  beneath: Beneath,
): { readonly operations: number; readonly bytes: number } {
  const counts = judgeOf(ledger, beneath);
  const idle = entry.filter(({ operation, size }) => !counts(operation, size));
  return { operations: idle.length, bytes: idle.reduce((sum, { size }) => sum + size, 0) };
}

/** Judges operations one after the other, each upon those that counted before it. */
function judgeOf(ledger: Ledger, beneath: Beneath): (op: Operation, size: number) => boolean {
  const { timeMs, executedMs, inFlight, judgeEvidence } = beneath;
  const nonces = new Nonces(ledger);
  const purses = new Purses(ledger, timeMs, goneFrom(ledger, inFlight), executedMs);
  countInFlight(inFlight, executedMs, nonces, purses, new Doubts(ledger, executedMs, timeMs));
  const shown = new Set<Hex>(
    inFlight.filter(({ authority }) => authority === null).map((op) => toHex(operationId(op))),
  );
  const accused = accusedIn(inFlight, judgeEvidence);
  const targets = new Set<string>();
  const evidence = { operations: 0, bytes: 0 };

  const mayPay = (op: Operation): boolean => {
    if (op.authority!.nonce !== nonces.nextOf(op) || !purses.includeAnyLock(spendingOf(op))) return false;
    nonces.use(op);
    return true;
  };

  /** Beyond what a leader packs, evidence costs nobody a signature check. */
  const convicts = (op: Operation, size: number): boolean => {
    evidence.operations += 1;
    evidence.bytes += size;
    if (evidence.operations > MAX_ENTRY_EVIDENCE || evidence.bytes > MAX_OPERATION_BYTES) return false;
    if (judgeAdmission(ledger, op, timeMs, judgeEvidence).kind !== "accept") return false;
    const target = provenForm(op.body)!.target(op.body, judgeEvidence);
    if (targets.has(target) || isAgainst(accused, op, judgeEvidence)) return false;
    targets.add(target);
    return true;
  };

  return (op, size) => {
    if (op.authority !== null) return mayPay(op);
    if (evidenceIn(op.body) !== null) return convicts(op, size);
    return !shown.has(toHex(operationId(op))) && opens(ledger, op, beneath);
  };
}

/**
 * Whether an auction, or the trade of a dispute, is gone: the state has none, and no entry in flight can make it. If an
 * honest leader packed a bid in it, it had ended and was still there, where its bids took nothing; likewise a dispute.
 */
function goneFrom(ledger: Ledger, inFlight: readonly Operation[]): (auction: AuctionId) => boolean {
  let born: ReadonlySet<Hex> | null = null;
  const bornInFlight = (): ReadonlySet<Hex> => {
    const nonces = new Nonces(ledger);
    const mayMake = ({ authority, body }: Operation): boolean =>
      authority !== null && laneOf(body.kind) === "bulk";
    const makers = inFlight.filter((op) => mayMake(op) && op.authority!.nonce >= nonces.nextOf(op));
    const ids = makers.map(({ authority }) => auctionIdOf(ledger.network, authority!.from, authority!.nonce));
    return new Set(ids.map(toHex));
  };
  return (auction) => {
    if (auctionOf(ledger, auction) !== null || tradeOf(ledger, auction) !== null) return false;
    born ??= bornInFlight();
    return !born.has(toHex(auction));
  };
}

/** It opens what is not opened, in an auction that REVEALs; or that did when the leader looked, and has ended since. */
const opens = (ledger: Ledger, op: Operation, { timeMs, execHeight }: Beneath): boolean =>
  judgeAdmission(ledger, op, timeMs).kind === "accept" ||
  provenForm(op.body)!.countedAt(ledger, op.body, execHeight);
