// Placing a bid: judged now, kept at once, published in its time.
import { amount, equalBytes, fits, toHex, uint } from "../base/index.js";
import type { AgentKey } from "../crypto/index.js";
import {
  type Auction,
  fundsAreFree,
  lockedAmount,
  MAX_LOCKS,
  type OperationBody,
  operationId,
  RECOVERY_BYTES,
  reject,
} from "../ledger/index.js";
import { keepBid, publishCommit } from "./bids.js";
import type { Effects } from "./effects.js";
import type { Command, CommandResult, Refusal } from "./event.js";
import { nextAuthority, tooManyWaiting, wouldRefuse } from "./posting.js";
import type { Peer } from "./state.js";

/** A delayed commit is published within this share of its window, so that it is still in time (PROTOCOL §2.4). */
const DELAY_SHARE_BP = 8000;
const BASIS_POINTS = 10_000;

type PlaceBid = Extract<Command, { readonly kind: "placeBid" }>;

const refused = (refusal: Refusal): CommandResult => ({ ok: false, refusal });
const refuse = (code: string, detail: Refusal["detail"] = {}): CommandResult => refused({ code, detail });

/**
 * Takes a sealed bid into custody, and publishes its commit at once or later.
 * @returns the operation of the commit; null: it is published when its delay is over and the auction is open
 */
export function placeBid(peer: Peer, command: PlaceBid, nowMs: number, effects: Effects): CommandResult {
  const { from, delayMs } = command;
  const key = peer.agents.get(toHex(from));
  if (key === undefined) return refuse("KEY_NOT_HELD", { agent: toHex(from) });
  const auction = peer.ledger.auctionOf(command.auction);
  if (auction === null) return refuse("AUCTION_UNKNOWN", { auction: toHex(command.auction) });
  if (!isWellFormed(command)) return refuse("WISH_MALFORMED", { operation: "commit" });
  if (command.amount === 0n) return refuse("AMOUNT_ZERO");
  const { lockups } = auction.terms;
  const lockup = command.lockup ?? lockups.find((one) => one >= command.amount) ?? null;
  if (lockup === null || lockup < command.amount) {
    const highest = (command.lockup ?? lockups.at(-1)!).toString();
    return refuse("BID_ABOVE_LOCKUP", { amount: command.amount.toString(), highest });
  }
  const refusal = bidRefusal(peer, key, auction, lockup, nowMs);
  if (refusal !== null) return refused(refusal);
  const publishAtMs = publicationOf(auction, delayMs, nowMs);
  const kept = keepBid(peer, key, auction, { amount: command.amount, lockup, publishAtMs }, effects);
  if (!kept.ok) return refused(kept.error);
  const bid = { commitment: kept.value.commitment };
  if (publishAtMs > nowMs || auction.phase.kind !== "open") {
    return { ok: true, operation: null, auction: auction.id, bid };
  }
  const posted = publishCommit(peer, key, kept.value, nowMs, effects);
  return posted.ok
    ? { ok: true, operation: operationId(posted.value), auction: auction.id, bid }
    : refused(posted.error);
}

const isWellFormed = ({ amount: bid, lockup, delayMs }: PlaceBid): boolean =>
  fits(amount, bid) && (lockup === null || fits(amount, lockup)) && fits(uint(), delayMs);

function bidRefusal(
  peer: Peer,
  key: AgentKey,
  auction: Auction,
  lockup: bigint,
  nowMs: number,
): Refusal | null {
  if (auction.phase.kind === "scheduled") return earlyRefusal(peer, key, auction, lockup, nowMs);
  const commitment = new Uint8Array(32);
  const recovery = new Uint8Array(RECOVERY_BYTES);
  const body: OperationBody = { kind: "commit", auction: auction.id, commitment, lockup, recovery };
  return wouldRefuse(peer, key, body, nowMs);
}

/** A bid for an auction that is not open yet: what its commit will need then, asked of today's state. */
function earlyRefusal(
  peer: Peer,
  key: AgentKey,
  auction: Auction,
  lockup: bigint,
  nowMs: number,
): Refusal | null {
  const account = peer.ledger.accountOf(key.publicKey);
  if (account === null) return reject("ACCOUNT_UNKNOWN");
  const authority = nextAuthority(peer, key.publicKey, "commit", nowMs);
  if (authority === null) return tooManyWaiting();
  if (equalBytes(auction.seller, key.publicKey)) return reject("BIDDER_IS_SELLER");
  const { lockups } = auction.terms;
  if (!lockups.includes(lockup)) {
    return reject("LOCKUP_NOT_OFFERED", { lockup: lockup.toString(), lockups: lockups.join(",") });
  }
  const earlier = account.locks.get(toHex(auction.id));
  if (earlier === undefined && account.locks.size >= MAX_LOCKS) return reject("TOO_MANY_LOCKS");
  return fundsAreFree(peer.ledger, authority, lockup - (earlier === undefined ? 0n : lockedAmount(earlier)));
}

/** When the commit is published: after the wished delay, but early enough in the window to be in time. */
function publicationOf(auction: Auction, delayMs: number, nowMs: number): number {
  const opensMs = Math.max(nowMs, auction.terms.openMs);
  const closesMs =
    auction.phase.kind === "open" ? auction.phase.closeMs : auction.terms.openMs + auction.terms.commitMs;
  const latest = Math.floor((Math.max(0, closesMs - opensMs) * DELAY_SHARE_BP) / BASIS_POINTS);
  return opensMs + Math.min(delayMs, latest);
}
