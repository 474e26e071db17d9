// Commands: what a person or program wishes, granted as an operation on its way or refused with a reason.
import { type Bytes, toHex, unreachable } from "../base/index.js";
import { type AgentKey, reserveSaltOf } from "../crypto/index.js";
import {
  type AgentId,
  type Auction,
  type AuctionTerms,
  auctionIdOf,
  LANE,
  type Operation,
  type OperationBody,
  operationId,
  RECOVERY_BYTES,
} from "../ledger/index.js";
import { check, hiddenReserveHash } from "../market/index.js";
import { judgeOperation } from "./admission.js";
import { keepBid, publishCommit } from "./bids.js";
import type { Effects } from "./effects.js";
import type { Command, CommandResult, Refusal } from "./event.js";
import { nextAuthority, nextMoment, post, postSigned } from "./posting.js";
import type { Peer } from "./state.js";

/** A delayed commit is published within this share of its window, so that it is still in time (PROTOCOL §2.4). */
const DELAY_SHARE_BP = 8000;

type CommandOf<K extends Command["kind"]> = Extract<Command, { readonly kind: K }>;

const refuse = (code: string, detail: Refusal["detail"] = {}): CommandResult => ({
  ok: false,
  refusal: { code, detail },
});

/** Grants or refuses a wish at once. Granted means on its way: finality comes as notices. */
export function obey(peer: Peer, command: Command, nowMs: number, effects: Effects): CommandResult {
  switch (command.kind) {
    case "submit":
      return submit(peer, command.bytes, nowMs, effects);
    case "transfer":
    case "grant": {
      const { kind, to, amount } = command;
      return wish(peer, command.from, { kind, to, amount }, nowMs, effects);
    }
    case "cancelAuction":
      return wish(peer, command.from, { kind: "cancel", auction: command.auction }, nowMs, effects);
    case "createAuction":
      return createAuction(peer, command, nowMs, effects);
    case "placeBid":
      return placeBid(peer, command, nowMs, effects);
    default:
      return unreachable(command);
  }
}

/** An operation that was signed elsewhere. */
function submit(peer: Peer, bytes: Bytes, nowMs: number, effects: Effects): CommandResult {
  const read = peer.judge.read(bytes);
  if (typeof read === "string") return refuse(read);
  const verdict = judgeOperation(peer, read.operation, nowMs);
  if (verdict.kind !== "accept") return { ok: false, refusal: verdict.rejection };
  return granted(peer, post(peer, read.operation, nowMs, effects));
}

/** Signs and posts what `check` would let through now. */
function wish(
  peer: Peer,
  from: AgentId,
  body: OperationBody,
  nowMs: number,
  effects: Effects,
): CommandResult {
  const key = peer.agents.get(toHex(from));
  if (key === undefined) return refuse("KEY_NOT_HELD", { agent: toHex(from) });
  const refusal = wouldRefuse(peer, key, body, nowMs);
  if (refusal !== null) return { ok: false, refusal };
  return granted(peer, postSigned(peer, key, body, nowMs, effects));
}

/** What `check` says to the operation if it stood first in the next entry. */
function wouldRefuse(peer: Peer, key: AgentKey, body: OperationBody, nowMs: number): Refusal | null {
  const { chain, market } = peer.ledger.network;
  const next = nextAuthority(peer, key.publicKey, body.kind, nowMs);
  const waiting = peer.mempool.countOf(toHex(key.publicKey), LANE[body.kind]);
  const authority = { from: key.publicKey, ...next, nonce: next.nonce - waiting };
  return check(peer.ledger, { v: 1, chain, market, authority, body, sig: null }, nextMoment(peer, nowMs));
}

function createAuction(
  peer: Peer,
  command: CommandOf<"createAuction">,
  nowMs: number,
  effects: Effects,
): CommandResult {
  const { from, lot, reserve, lockups, commitMs, revealMs, sellerBond, hiddenReserve } = command;
  const key = peer.agents.get(toHex(from));
  if (key === undefined) return refuse("KEY_NOT_HELD", { agent: toHex(from) });
  if (hiddenReserve !== null && hiddenReserve < reserve) {
    return refuse("RESERVE_BELOW_PUBLIC", { reserve: reserve.toString(), hidden: hiddenReserve.toString() });
  }
  const { nonce } = nextAuthority(peer, from, "createAuction", nowMs);
  const auction = auctionIdOf(peer.ledger.network, from, nonce);
  const salt = reserveSaltOf(key, auction);
  const terms: AuctionTerms = {
    format: "vickrey",
    direction: "sell",
    lot,
    reserve,
    lockups,
    openMs: nowMs + command.startInMs,
    commitMs,
    revealMs,
    sellerBond,
    reserveHash:
      hiddenReserve === null ? null : hiddenReserveHash(peer.ledger.network, auction, hiddenReserve, salt),
  };
  const result = wish(peer, from, { kind: "createAuction", ...terms }, nowMs, effects);
  if (result.ok && hiddenReserve !== null) {
    peer.custody.keepReserve({ auction, reserve: hiddenReserve, salt }, effects);
  }
  return result;
}

function placeBid(peer: Peer, command: CommandOf<"placeBid">, nowMs: number, effects: Effects): CommandResult {
  const key = peer.agents.get(toHex(command.from));
  if (key === undefined) return refuse("KEY_NOT_HELD", { agent: toHex(command.from) });
  const auction = peer.ledger.auctionOf(command.auction);
  if (auction === null) return refuse("AUCTION_UNKNOWN", { auction: toHex(command.auction) });
  if (command.amount <= 0n) return refuse("AMOUNT_ZERO");
  const lockup = command.lockup ?? auction.terms.lockups.find((one) => one >= command.amount) ?? null;
  if (lockup === null || lockup < command.amount) {
    return refuse("BID_ABOVE_LOCKUP", {
      amount: command.amount.toString(),
      highest: auction.terms.lockups.at(-1)!.toString(),
    });
  }
  const refusal = bidRefusal(peer, key, auction, lockup, nowMs);
  if (refusal !== null) return { ok: false, refusal };
  const publishAtMs = publicationOf(auction, command.delayMs, nowMs);
  const opening = keepBid(peer, key, auction, { amount: command.amount, lockup, publishAtMs }, effects);
  if (publishAtMs > nowMs || auction.phase.kind !== "open") {
    return { ok: true, operation: null, auction: auction.id };
  }
  return { ok: true, operation: publishCommit(peer, opening, nowMs, effects), auction: auction.id };
}

/** A bid for an auction that is not open yet is judged as if it were; its funds are judged in any case. */
function bidRefusal(peer: Peer, key: AgentKey, auction: Auction, lockup: bigint, nowMs: number): Refusal | null {
  const blank = new Uint8Array(32);
  const recovery = new Uint8Array(RECOVERY_BYTES);
  const body: OperationBody = { kind: "commit", auction: auction.id, commitment: blank, lockup, recovery };
  const refusal = wouldRefuse(peer, key, body, nowMs);
  return refusal?.code === "COMMIT_BEFORE_OPEN" ? null : refusal;
}

/** When the commit is published: after the wished delay, but early enough in the window to be in time. */
function publicationOf(auction: Auction, delayMs: number, nowMs: number): number {
  const opensMs = Math.max(nowMs, auction.terms.openMs);
  const closesMs =
    auction.phase.kind === "open" ? auction.phase.closeMs : auction.terms.openMs + auction.terms.commitMs;
  const latest = Math.floor((Math.max(0, closesMs - opensMs) * DELAY_SHARE_BP) / 10_000);
  return opensMs + Math.min(delayMs, latest);
}

function granted(peer: Peer, operation: Operation): CommandResult {
  const { body, authority } = operation;
  const auction =
    body.kind === "createAuction"
      ? auctionIdOf(peer.ledger.network, authority!.from, authority!.nonce)
      : "auction" in body
        ? body.auction
        : null;
  return { ok: true, operation: operationId(operation), auction };
}
