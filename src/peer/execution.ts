// Execution: a final entry changes the ledger, and all it changes reaches the disk in one batch with it (P7).
import { type Bytes, encode, fromHex, type Hash, type Hex, invariant, toHex } from "../base/index.js";
import {
  auctionIdOf,
  auctionKey,
  commitKey,
  commitRows,
  type EntryContext,
  type Ledger,
  type Operation,
  operationId,
  proveRow,
  rowValue,
} from "../ledger/index.js";
import { type EntryOutcome, executeEntry } from "../market/index.js";
import { entryIdOf, type Header, type LogEntry, logEntry, MAX_FRAME_BYTES } from "../quorum/index.js";
import type { Effects } from "./effects.js";
import { logKey, stateKey } from "./keyspace.js";
import type { Waiting } from "./mempool.js";
import { noticesOf } from "./notices.js";
import { staleness } from "./operations.js";
import { keepHistory } from "./own-history.js";
import type { Peer, Tip } from "./state.js";
import { MAX_WITNESS_ROWS, type ProvenRow } from "./witness.js";

/** Executes one final entry, the next in height. @returns the state root after it */
export function execute(peer: Peer, final: LogEntry, effects: Effects): Hash {
  const { header } = final;
  invariant(header.height === peer.tip.height + 1, "entries execute in the order of their heights");
  const id = entryIdOf(header);
  const operations = readOperations(peer, final);
  const outcome = executeEntry(peer.ledger, contextOf(peer, header), operations, peer.conduct.phases);
  const { writes, root } = commitRows(peer.ledger);
  effects.put(logKey(header.height), logRowOf(final));
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
  keepHistory(peer, header, operations, outcome, effects);
  settleOperations(peer, final, effects);
  for (const auction of outcome.forgotten) peer.custody.forget(fromHex(auction)!, effects);
  hearWitnesses(peer, header, root, outcome, effects);
  for (const notice of noticesOf(peer.ledger, header, id, final.ops.length, operations, outcome)) {
    effects.notify(notice);
  }
  return root;
}

/** A row as large as a frame at most, or nobody could be served it: a long justification is left out (evidence only). */
function logRowOf(final: LogEntry): Bytes {
  const whole = encode(logEntry, final);
  return whole.length <= MAX_FRAME_BYTES ? whole : encode(logEntry, { ...final, justification: [] });
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
  judgeEvidence: peer.judgeEvidence,
});

/** What an entry holds no longer waits; what no later entry can hold is dropped, and told if it was one's own. */
function settleOperations(peer: Peer, { header, ops }: LogEntry, effects: Effects): void {
  for (const bytes of ops) {
    const read = peer.judge.read(bytes);
    if (typeof read === "string") continue;
    const one = peer.mempool.delete(read.key);
    peer.outbox.settle(read.key, effects);
    if (one !== null) forgetUnborn(peer, one, effects);
    peer.judge.forget(read.key);
  }
  for (const one of [...peer.mempool.values()]) {
    const code = staleness(peer.ledger, one, header.timeMs, peer.judgeEvidence);
    if (code !== null) drop(peer, one, code, effects);
  }
}

/** What proves itself has served its purpose, whoever brought it; a signed wish of one's own has failed. */
function drop(peer: Peer, one: Waiting, code: string, effects: Effects): void {
  peer.mempool.delete(one.key);
  peer.outbox.settle(one.key, effects);
  forgetUnborn(peer, one, effects);
  if (!one.own || one.account === null) return;
  const operation = operationId(one.operation);
  effects.notify({ kind: "operationRefused", height: peer.tip.height, operation, code });
}

/** A hidden reserve is of no use when its auction was not created and will not be. */
function forgetUnborn(peer: Peer, { operation: { authority, body } }: Waiting, effects: Effects): void {
  if (body.kind !== "createAuction" || authority === null) return;
  const auction = auctionIdOf(peer.ledger.network, authority.from, authority.nonce);
  if (peer.ledger.auctionOf(auction) === null) peer.custody.forget(auction, effects);
}

/** Keeps proofs of what has just ended, until a final header attests one of them. */
function hearWitnesses(
  peer: Peer,
  header: Header,
  root: Hash,
  outcome: EntryOutcome,
  effects: Effects,
): void {
  const { witnesses } = peer;
  witnesses.attest(header, effects);
  for (const auction of outcome.forgotten) witnesses.dismiss(auction);
  for (const { auction } of outcome.settlements) callWitness(peer, auction);
  hearAll(peer, header.height, root);
}

/**
 * From now on the auction is to be proven. One with more commits than a witness holds is not: who wants to recompute
 * it replays the log.
 */
export function callWitness(peer: Peer, auction: Hash): void {
  const commits = peer.ledger.commits.get(toHex(auction))?.size ?? 0;
  if (commits < MAX_WITNESS_ROWS) peer.witnesses.call(auction);
}

/** The rows of all called auctions as they are after `height`. */
export function hearAll(peer: Peer, height: number, root: Hash): void {
  for (const auction of peer.witnesses.auctions()) {
    const rows = auctionRows(peer.ledger, auction);
    if (rows !== null) peer.witnesses.hear(auction, height, root, rows);
  }
}

function auctionRows(ledger: Ledger, auctionHex: Hex): readonly ProvenRow[] | null {
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
