// What the quorum log asks of its payload, answered from the ledger and the mempool.
import type { Bytes, Hex } from "../base/index.js";
import { changesPhase, idleAmong, transitionDueMs } from "../market/index.js";
import type { Application, Header } from "../quorum/index.js";
import { contextOf } from "./execution.js";
import { Includable, operationsIn, select } from "./includable.js";
import type { Peer } from "./state.js";

/** @param peerOf the peer, which is put together around its voter and so is known a moment later */
export function applicationOf(peerOf: () => Peer): Application {
  let known: Includable | null = null;

  const includable = (excluded: ReadonlySet<Hex>): Includable => {
    const peer = peerOf();
    if (known?.follows(peer, excluded) !== true) known = new Includable(peer, excluded);
    return known;
  };

  return {
    judgeOps: (header: Header, ops: readonly Bytes[]) => peerOf().judge.judgeEntry(header.timeMs, ops),
    changesPhase: (header) =>
      changesPhase(peerOf().ledger, contextOf(peerOf(), header), peerOf().conduct.phases),
    transitionDueMs: () => transitionDueMs(peerOf().ledger),
    pending(excluded) {
      const { waiting, bytes, oldestSeenMs } = includable(excluded);
      return waiting.length === 0 ? null : { count: waiting.length, bytes, oldestSeenMs };
    },
    oldestPending: (excluded, beforeMs, max) =>
      includable(excluded)
        .waiting.filter((one) => one.seenMs <= beforeMs)
        .sort((a, b) => a.seenMs - b.seenMs)
        .slice(0, max),
    collect: (excluded, room) => select(peerOf(), excluded, room).map((one) => one.bytes),
    idleAmong({ timeMs, execHeight }, ops, inFlight) {
      const peer = peerOf();
      const { ledger, judgeEvidence, tip } = peer;
      const entry = ops.flatMap((bytes) => {
        const operation = peer.judge.operationIn(bytes);
        return operation === null ? [] : [{ operation, size: bytes.length }];
      });
      const below = operationsIn(peer, inFlight);
      const beneath = { timeMs, executedMs: tip.timeMs, execHeight, inFlight: below, judgeEvidence };
      return idleAmong(ledger, entry, beneath);
    },
  };
}
