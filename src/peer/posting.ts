// Posting: an own operation takes its nonce and signature, a place in the mempool, and its way to the others.
import { toHex } from "../base/index.js";
import type { AgentKey } from "../crypto/index.js";
import {
  type AgentId,
  type Authority,
  type EntryContext,
  encodeOperation,
  LANE,
  type Operation,
  type OperationBody,
  selfProving,
  signOperation,
} from "../ledger/index.js";
import { judgeOf } from "./conviction.js";
import type { Effects } from "./effects.js";
import type { Peer } from "./state.js";

/** The next authority of an agent: after what the ledger has executed and what waits in the mempool. */
export function nextAuthority(
  peer: Peer,
  from: AgentId,
  kind: OperationBody["kind"],
  nowMs: number,
): Omit<Authority, "from"> {
  const lane = LANE[kind];
  const executed = peer.ledger.accountOf(from)?.nonces[lane] ?? 0;
  const { minFee, maxValidityMs } = peer.ledger.params;
  return {
    nonce: executed + peer.mempool.countOf(toHex(from), lane),
    fee: minFee,
    validUntilMs: nowMs + Math.floor(maxValidityMs / 2),
  };
}

export function postSigned(
  peer: Peer,
  key: AgentKey,
  body: OperationBody,
  nowMs: number,
  effects: Effects,
): Operation {
  const authority = nextAuthority(peer, key.publicKey, body.kind, nowMs);
  return post(peer, signOperation(peer.ledger.network, authority, body, key), nowMs, effects);
}

export const postSelfProving = (
  peer: Peer,
  body: OperationBody,
  nowMs: number,
  effects: Effects,
): Operation => post(peer, selfProving(peer.ledger.network, body), nowMs, effects);

/** Puts an own operation into the mempool and on its way; what is already on its way stays there. */
export function post(peer: Peer, operation: Operation, nowMs: number, effects: Effects): Operation {
  const bytes = encodeOperation(operation);
  const { key } = peer.judge.trust(operation, bytes);
  peer.mempool.add(operation, bytes, nowMs);
  peer.outbox.post(key, operation, bytes, nowMs, effects);
  return operation;
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
  judgeEvidence: judgeOf(peer.electorate, peer.ledger.network, peer.config.verifier),
});
