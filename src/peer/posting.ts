// Posting: an own operation takes its nonce and signature, a place in the mempool, and its way to the others.
import { err, ok, type Result, toHex } from "../base/index.js";
import type { AgentKey } from "../crypto/index.js";
import type { AgentId, Authority } from "../ledger/index.js";
import {
  type AuctionId,
  auctionOfOperation,
  check,
  type EntryContext,
  encodeOperation,
  laneOf,
  leastRaise,
  type Operation,
  type OperationBody,
  selfProving,
  signedForm,
  signOperation,
  tradeOf,
} from "../market/index.js";
import { judgeOperation } from "./admission.js";
import type { Effects } from "./effects.js";
import type { Refusal } from "./event.js";
import { promisedFunds, promisedStake } from "./funds.js";
import { takeIn } from "./intake.js";
import { MAX_WAITING_PER_ACCOUNT } from "./lane-shelf.js";
import type { Peer } from "./state.js";

/**
 * The next authority of an agent: after what the ledger has executed and what waits in the mempool. Null: as many of
 * its operations wait as the nonce window holds.
 */
export function nextAuthority(
  peer: Peer,
  from: AgentId,
  kind: OperationBody["kind"],
  fee: bigint,
  nowMs: number,
): Authority | null {
  const lane = laneOf(kind);
  const executed = peer.ledger.accountOf(from)?.nonces[lane] ?? 0;
  const nonce = peer.mempool.freeNonce(toHex(from), lane, executed);
  if (nonce === null) return null;
  return { from, nonce, fee, validUntilMs: validUntil(peer, nowMs) };
}

/**
 * Half of what is allowed from now on: clocks may differ. And no longer than an ended auction is remembered: a bid that
 * comes after its end fails and its nonce is used, but one in an auction that nobody knows waits, and its lane with it.
 */
export function validUntil(peer: Peer, nowMs: number): number {
  const { maxValidityMs, retainMs } = peer.ledger.params;
  return nextMoment(peer, nowMs).timeMs + Math.min(Math.floor(maxValidityMs / 2), retainMs);
}

export const tooManyWaiting = (): Refusal => ({
  code: "TOO_MANY_WAITING",
  detail: { waiting: MAX_WAITING_PER_ACCOUNT },
});

/**
 * What `check` says to the operation if it stood first in the next entry; and whether its funds and stake are there
 * once all that waits of its sender has taken its part.
 */
export function wouldRefuse(
  peer: Peer,
  key: AgentKey,
  body: OperationBody,
  fee: bigint,
  nowMs: number,
): Refusal | null {
  const { chain, market } = peer.ledger.network;
  const next = nextAuthority(peer, key.publicKey, body.kind, fee, nowMs);
  if (next === null) return tooManyWaiting();
  const executed = peer.ledger.accountOf(key.publicKey)?.nonces[laneOf(body.kind)] ?? 0;
  const authority = { ...next, nonce: executed };
  const operation = { v: 1, chain, market, authority, body, sig: null };
  const auction = auctionOfOperation(peer.ledger.network, { ...operation, authority: next });
  const bidIn = signedForm(body)?.replaces(body)?.id ?? null;
  return (
    check(peer.ledger, operation, nextMoment(peer, nowMs)) ??
    promisedFunds(peer, { account: toHex(key.publicKey), fee, body, auction }, { bidIn }) ??
    promisedStake(peer, key.publicKey, body)
  );
}

/** Signs and posts, unless as many operations of the agent wait as may. */
export function postSigned(
  peer: Peer,
  key: AgentKey,
  body: OperationBody,
  fee: bigint,
  nowMs: number,
  effects: Effects,
): Result<Operation, Refusal> {
  const authority = nextAuthority(peer, key.publicKey, body.kind, fee, nowMs);
  if (authority === null) return err(tooManyWaiting());
  const operation = signOperation(peer.ledger.network, authority, body, key);
  const refusal = post(peer, operation, nowMs, effects);
  return refusal === null ? ok(operation) : err(refusal);
}

/** Posts an operation that needs no sender, unless it can have no effect any more: others may have been faster. */
export function postSelfProving(peer: Peer, body: OperationBody, nowMs: number, effects: Effects): void {
  const operation = selfProving(peer.ledger.network, body);
  const verdict = judgeOperation(peer, operation, nowMs, peer.judgeEvidence).kind;
  if (verdict === "refuse" || verdict === "ignore") return;
  post(peer, operation, nowMs, effects);
}

/**
 * Puts an own operation into the mempool and on its way; what is already on its way stays there.
 * @returns why there is no place for it, and then nothing happened; or null
 */
export function post(peer: Peer, operation: Operation, nowMs: number, effects: Effects): Refusal | null {
  const bytes = encodeOperation(operation);
  const { key } = peer.judge.trust(operation, bytes);
  const taken = takeIn(peer, operation, bytes, nowMs, effects, true);
  if (taken === "full") return tooManyWaiting();
  if (taken === "underpriced") return tooCheapToReplace(peer, operation);
  // With another signature under the same content it waits already: nothing is gained by a second way.
  if (peer.mempool.get(key) !== undefined) peer.outbox.post(key, operation, bytes, nowMs, effects);
  return null;
}

/** Another operation with its nonce waits, and is not replaced for less than a quarter more. */
export function tooCheapToReplace(peer: Peer, operation: Operation): Refusal {
  const { fee } = operation.authority!;
  const waiting = peer.mempool.rivalOf(operation)?.operation.authority?.fee ?? fee;
  const detail = { fee: fee.toString(), least: leastRaise(waiting).toString() };
  return { code: "FEE_TOO_LOW_TO_REPLACE", detail };
}

/** The moment at which an operation posted now would be executed at the earliest: what `check` is asked about. */
export const nextMoment = (peer: Peer, nowMs: number): EntryContext => ({
  height: peer.tip.height + 1,
  timeMs: Math.max(nowMs, peer.tip.timeMs + 1),
  parentTimeMs: peer.tip.timeMs,
  leader: 0,
  epoch: peer.electorate.set.epoch,
  tolerance: peer.electorate.tolerance,
  execHeight: peer.tip.height,
  parentExecHeight: peer.tip.execHeight,
  judgeEvidence: peer.judgeEvidence,
});

/** The auction that an operation is about. A dispute is about a trade, which its budget counts it under. */
export function auctionNamedBy({ ledger }: Peer, operation: Operation): AuctionId | null {
  const about = auctionOfOperation(ledger.network, operation);
  return about === null || tradeOf(ledger, about) !== null ? null : about;
}
