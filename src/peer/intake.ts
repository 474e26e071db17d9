// Intake: an operation comes to wait, and what it replaces goes.
import type { Bytes } from "../base/index.js";
import { type Operation, operationId } from "../market/index.js";
import { tellOfEvidence } from "./conviction.js";
import type { Effects } from "./effects.js";
import type { Intake } from "./mempool.js";
import type { Peer } from "./state.js";

/** Adds to the mempool. What is replaced leaves the outbox as well, and its owner is told. */
export function takeIn(
  peer: Peer,
  operation: Operation,
  bytes: Bytes,
  nowMs: number,
  effects: Effects,
  own: boolean,
): Intake {
  const rival = peer.mempool.rivalOf(operation);
  const taken = peer.mempool.add(operation, bytes, nowMs, own);
  if (taken !== "added") return taken;
  if (rival !== null) {
    peer.outbox.settle(rival.key, effects);
    const by = operationId(operation);
    if (rival.own) effects.notify({ kind: "operationReplaced", operation: operationId(rival.operation), by });
  }
  tellOfEvidence(peer, operation, effects);
  return taken;
}
