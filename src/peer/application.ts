// What the quorum log asks of its payload, answered from the ledger and the mempool.
import type { Bytes, Hex } from "../base/index.js";
import type { Operation } from "../ledger/index.js";
import { changesPhase, packEntry, transitionDueMs } from "../market/index.js";
import { type Application, type Header, MAX_ENTRY_OPS, MAX_ENTRY_OPS_BYTES } from "../quorum/index.js";
import { judgeOf } from "./conviction.js";
import { contextOf } from "./execution.js";
import type { Waiting } from "./mempool.js";
import type { Peer } from "./state.js";

/** What could be included now, found once for a state of mempool, ledger and exclusions. */
interface Includable {
  readonly version: number;
  readonly height: number;
  readonly excluded: ReadonlySet<Hex>;
  readonly waiting: readonly Waiting[];
}

/** @param peerOf the peer, which is put together around its voter and so is known a moment later */
export function applicationOf(peerOf: () => Peer): Application {
  let memo: Includable | null = null;

  const includable = (excluded: ReadonlySet<Hex>): readonly Waiting[] => {
    const peer = peerOf();
    const { mempool, tip } = peer;
    const fresh =
      memo !== null &&
      memo.version === mempool.version &&
      memo.height === tip.height &&
      memo.excluded === excluded;
    if (!fresh) {
      const waiting = select(peer, excluded, tip.timeMs, MAX_ENTRY_OPS, MAX_ENTRY_OPS_BYTES);
      memo = { version: mempool.version, height: tip.height, excluded, waiting };
    }
    return memo!.waiting;
  };

  return {
    judgeOps: (header: Header, ops: readonly Bytes[]) => peerOf().judge.judgeEntry(header.timeMs, ops),
    changesPhase: (header) => changesPhase(peerOf().ledger, contextOf(peerOf(), header)),
    transitionDueMs: () => transitionDueMs(peerOf().ledger),
    pending(excluded) {
      const waiting = includable(excluded);
      if (waiting.length === 0) return null;
      let bytes = 0;
      let oldestSeenMs = Number.MAX_SAFE_INTEGER;
      for (const one of waiting) {
        bytes += one.bytes.length;
        oldestSeenMs = Math.min(oldestSeenMs, one.seenMs);
      }
      return { count: waiting.length, bytes, oldestSeenMs };
    },
    oldestPending: (excluded, beforeMs, max) =>
      includable(excluded)
        .filter((one) => one.seenMs <= beforeMs)
        .sort((a, b) => a.seenMs - b.seenMs)
        .slice(0, max),
    collect: (excluded, timeMs, maxOps, maxBytes) =>
      select(peerOf(), excluded, timeMs, maxOps, maxBytes).map((one) => one.bytes),
  };
}

/** The operations a leader includes: the market's rules on lanes and shares decide (PROTOCOL §2.3). */
function select(
  peer: Peer,
  excluded: ReadonlySet<Hex>,
  timeMs: number,
  maxOps: number,
  maxBytes: number,
): readonly Waiting[] {
  if (peer.mempool.size === 0) return [];
  const inFlight: Operation[] = [];
  const candidates: Waiting[] = [];
  for (const one of peer.mempool.values()) {
    if (excluded.has(one.key)) inFlight.push(one.operation);
    else candidates.push(one);
  }
  if (candidates.length === 0) return [];
  const judgeEvidence = judgeOf(peer.electorate, peer.ledger.network, peer.config.verifier);
  return packEntry(candidates, peer.ledger, { timeMs, maxOps, maxBytes, inFlight, judgeEvidence });
}
