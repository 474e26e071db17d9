// Execution: a final entry changes the ledger, and all it changes reaches the disk in one batch with it (P7).
import { type Bytes, encode, fromHex, type Hash, type Hex, invariant, toHex } from "../base/index.js";
import { ACCOUNTS, commitRows, pathIn, type RowChanges } from "../ledger/index.js";
import {
  auctionIdOf,
  auctionOf,
  commitOf,
  type EntryContext,
  type EntryOutcome,
  executeEntry,
  laneOf,
  type Operation,
  operationId,
  SLASHES,
  staleness,
} from "../market/index.js";
import { entryIdOf, type Header, type LogEntry, logEntry, MAX_FRAME_BYTES } from "../quorum/index.js";
import type { Effects } from "./effects.js";
import { keepHistory } from "./history/history.js";
import { logKey, ownWitnessKey, stateKey, witnessKey } from "./keyspace.js";
import { tellOfWaiting } from "./lateness.js";
import type { Moved, Waiting } from "./mempool.js";
import { noticesOf } from "./notices.js";
import type { OperationJudge } from "./operations.js";
import { keepOwnHistory } from "./own/history.js";
import { noteMoves, publishAgain } from "./own/openings.js";
import { witness } from "./proof/witness.js";
import type { Peer, Tip } from "./state.js";

/** Executes one final entry, the next in height. @returns the state root after it */
export function execute(peer: Peer, final: LogEntry, effects: Effects): Hash {
  const { header } = final;
  invariant(header.height === peer.tip.height + 1, "entries execute in the order of their heights");
  const id = entryIdOf(header);
  const operations = readOperations(peer.judge, final);
  const outcome = executeEntry(peer.ledger, contextOf(peer, header), operations, peer.conduct);
  const changes = commitRows(peer.ledger);
  const { writes, root } = changes;
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
  peer.backlog.note(header.timeMs, operations);
  keepHistory({ header, outcome, ledger: peer.ledger }, effects);
  keepOwnHistory(peer, header, operations, outcome, effects);
  settleOperations(peer, final, outcome, movedBy(header, changes, outcome), effects);
  noteMoves(peer, changes);
  for (const auction of outcome.forgotten) peer.custody.forget(fromHex(auction)!, effects);
  proveEnds(peer, final, changes, outcome, effects);
  peer.kept.prune(peer, header, effects);
  for (const notice of noticesOf(header, id, final.ops.length, outcome)) {
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
export function readOperations(judge: OperationJudge, { header, ops }: LogEntry): readonly Operation[] {
  const operations: Operation[] = [];
  for (const bytes of ops) {
    const read = judge.read(bytes);
    if (typeof read === "string" || judge.faultAt(read.operation, header.timeMs) !== null) continue;
    operations.push(read.operation);
  }
  return operations;
}

/** The entry as the ledger's rules see it. */
export const contextOf = (
  peer: Pick<Peer, "electorate" | "judgeEvidence"> & { readonly tip: Pick<Tip, "timeMs" | "execHeight"> },
  header: Header,
): EntryContext => ({
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

/** All that `staleness` asks of the state and that the entry may have changed. */
function movedBy({ timeMs }: Header, { writes }: RowChanges, outcome: EntryOutcome): Moved {
  const { settlements, forgotten } = outcome;
  return {
    timeMs,
    accounts: writes.flatMap(([key]) => pathIn(ACCOUNTS, key) ?? []),
    ended: [...settlements.map(({ auction }) => toHex(auction)), ...forgotten],
    convicts: writes.some(([key]) => pathIn(SLASHES, key) !== null),
  };
}

/**
 * What an entry holds no longer waits, unless the entry passed it over: a leader could take an operation out of
 * everybody's mempool by including it before its turn. What no later entry can hold is dropped, and told if it was
 * one's own.
 */
function settleOperations(
  peer: Peer,
  { header, ops }: LogEntry,
  { receipts }: EntryOutcome,
  moved: Moved,
  effects: Effects,
): void {
  peer.mempool.follow(moved.accounts);
  const ignored = new Set(
    receipts.filter(({ status }) => status === "ignored").map(({ operation }) => toHex(operation)),
  );
  const tooDear = new Set(
    receipts
      .filter(({ code }) => code === "REVEAL_ROOM_FEE_TOO_LOW")
      .map(({ operation }) => toHex(operation)),
  );
  for (const bytes of ops) {
    const read = peer.judge.read(bytes);
    if (typeof read === "string" || ignored.has(read.id)) continue;
    peer.mempool.delete(read.key);
    peer.outbox.settle(read.key, effects);
    forgetUnborn(peer, read, effects);
    if (tooDear.has(read.id)) publishAgain(peer, read.operation, effects);
    peer.judge.forget(read.key);
  }
  for (const one of peer.mempool.doubtful(moved)) {
    const code = staleness(peer.ledger, one.operation, header.timeMs, peer.judgeEvidence);
    if (code !== null) drop(peer, one, code, effects);
  }
  tellOfWaiting(peer, header, effects);
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

/** A hidden reserve is of no use when the nonce of its auction made none: it failed, or another operation took it. */
function forgetUnborn(
  peer: Peer,
  { operation: { authority, body } }: Pick<Waiting, "operation">,
  effects: Effects,
): void {
  if (laneOf(body.kind) !== "bulk" || authority === null || !peer.custody.hasReserves) return;
  const auction = auctionIdOf(peer.ledger.network, authority.from, authority.nonce);
  if (auctionOf(peer.ledger, auction) === null) peer.custody.forget(auction, effects);
}

/** Proves what has ended, as far as a final header attests it; what the ledger forgets is proven no longer. */
function proveEnds(
  peer: Peer,
  { header, cert }: LogEntry,
  { overwritten }: RowChanges,
  outcome: EntryOutcome,
  effects: Effects,
): void {
  const { witnesses, ledger } = peer;
  for (const auction of outcome.forgotten) {
    witnesses.dismiss(auction);
    effects.delete(witnessKey(auction));
  }
  for (const { auction } of outcome.settlements) {
    const settled = auctionOf(ledger, auction);
    if (settled !== null) witnesses.call(settled);
  }
  witnesses.record(ledger.tree, header.height, overwritten);
  witnesses.attest(header);
  for (const one of witnesses.prove(ledger)) {
    const auction = toHex(one.auction);
    const isOwn = concernsOwn(peer, auction);
    effects.put(isOwn ? ownWitnessKey(auction) : witnessKey(auction), encode(witness, one));
    if (!isOwn) continue;
    const { createdAt } = auctionOf(ledger, auction)!;
    peer.kept.keepStretch(createdAt, header.height, cert !== null, effects);
  }
}

/** Whether an agent of this peer sold or bid: of such auctions the proof is kept when the ledger has forgotten them. */
function concernsOwn({ ledger, agents }: Peer, auction: Hex): boolean {
  if (agents.has(toHex(auctionOf(ledger, auction)!.creator))) return true;
  return [...agents.keys()].some((agent) => commitOf(ledger, auction, agent) !== null);
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
