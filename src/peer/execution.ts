// Execution: a final entry changes the ledger, and all it changes reaches the disk in one batch with it (P7).
import { encode, type Hash } from "../base/index.js";
import {
  auctionKey,
  commitKey,
  commitRows,
  type EntryContext,
  type Ledger,
  type Operation,
  proveRow,
  rowValue,
} from "../ledger/index.js";
import { type EntryOutcome, executeEntry } from "../market/index.js";
import { entryIdOf, type Header, type LogEntry, logEntry } from "../quorum/index.js";
import { judgeOf } from "./conviction.js";
import type { Effects } from "./effects.js";
import { logKey, stateKey } from "./keyspace.js";
import { noticesOf } from "./notices.js";
import { isUnusable } from "./operations.js";
import type { Peer, Tip } from "./state.js";
import type { ProvenRow } from "./witness.js";

/** Executes one final entry, the next in height. @returns the state root after it */
export function execute(peer: Peer, final: LogEntry, effects: Effects): Hash {
  const { header } = final;
  const id = entryIdOf(header);
  const operations = readOperations(peer, final);
  const outcome = executeEntry(peer.ledger, contextOf(peer, header), operations);
  const { writes, root } = commitRows(peer.ledger);
  effects.put(logKey(header.height), encode(logEntry, final));
  for (const [key, value] of writes) {
    if (value === null) effects.delete(stateKey(key));
    else effects.put(stateKey(key), value);
  }
  peer.tip = {
    height: header.height,
    id,
    timeMs: header.timeMs,
    execHeight: header.execHeight,
    root,
    header,
  };
  settleOperations(peer, final, effects);
  hearWitnesses(peer, header, root, outcome, effects);
  for (const notice of noticesOf(peer.ledger, header, id, final.ops.length, operations, outcome)) {
    effects.notify(notice);
  }
  return root;
}

/** The entry's operations; bytes that are none are passed over by every peer alike. */
function readOperations(peer: Peer, { header, ops }: LogEntry): readonly Operation[] {
  const operations: Operation[] = [];
  for (const bytes of ops) {
    const read = peer.judge.read(bytes);
    if (typeof read === "string" || peer.judge.faultAt(read.operation, header.timeMs) !== null) continue;
    operations.push(read.operation);
  }
  return operations;
}

/** The entry as the ledger's rules see it. */
export const contextOf = (peer: Peer, header: Header): EntryContext => ({
  height: header.height,
  timeMs: header.timeMs,
  parentTimeMs: peer.tip.timeMs,
  leader: header.leader,
  epoch: header.epoch,
  tolerance: peer.electorate.tolerance,
  execHeight: header.execHeight,
  parentExecHeight: peer.tip.execHeight,
  judgeEvidence: judgeOf(peer.electorate, peer.ledger.network, peer.config.verifier),
});

/** What an entry holds no longer waits; what no later entry may hold is dropped. */
function settleOperations(peer: Peer, { header, ops }: LogEntry, effects: Effects): void {
  for (const bytes of ops) {
    const read = peer.judge.read(bytes);
    if (typeof read === "string") continue;
    peer.mempool.delete(read.key);
    peer.outbox.settle(read.key, effects);
  }
  const judge = judgeOf(peer.electorate, peer.ledger.network, peer.config.verifier);
  const stale = peer.mempool.prune(({ operation }) =>
    isUnusable(peer.ledger, operation, header.timeMs, judge),
  );
  for (const { key } of stale) peer.outbox.settle(key, effects);
}

/** Keeps proofs of what has just ended, until a final header attests one of them. */
function hearWitnesses(
  peer: Peer,
  header: Header,
  root: Hash,
  outcome: EntryOutcome,
  effects: Effects,
): void {
  peer.witnesses.attest(header, effects);
  for (const { auction } of outcome.settlements) peer.witnesses.call(auction);
  for (const auction of peer.witnesses.auctions()) {
    const rows = auctionRows(peer.ledger, auction);
    if (rows !== null) peer.witnesses.hear(auction, header.height, root, rows);
  }
}

function auctionRows(ledger: Ledger, auctionHex: string): readonly ProvenRow[] | null {
  const auction = ledger.auctions.get(auctionHex);
  if (auction === undefined) return null;
  const keys = [
    auctionKey(auction.id),
    ...ledger.commitsOf(auction.id).map(({ bidder }) => commitKey(auction.id, bidder)),
  ];
  return keys.map((key) => ({ key, value: rowValue(ledger, key)!, proof: proveRow(ledger.tree, key)! }));
}

/** The tip of a ledger that has executed nothing. */
export const genesisTip = (chain: Hash, timeMs: number, root: Hash): Tip => ({
  height: 0,
  id: chain,
  timeMs,
  execHeight: 0,
  root,
  header: null,
});

export const tipOf = (header: Header, root: Hash): Tip => ({
  height: header.height,
  id: entryIdOf(header),
  timeMs: header.timeMs,
  execHeight: header.execHeight,
  root,
  header,
});
