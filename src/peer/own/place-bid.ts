// Placing a bid: judged now, kept at once, published in its time.
import { amount, equalBytes, fits, type Hash, toHex, uint } from "../../base/index.js";
import type { AgentKey } from "../../crypto/index.js";
import { lockOf, MAX_LOCKS, reject } from "../../ledger/index.js";
import {
  type Auction,
  type AuctionId,
  auctionOf,
  closeMsOf,
  commitOf,
  lienFault,
  lockupIsLien,
  operationId,
  unitsFault,
  worthOf,
} from "../../market/index.js";
import { busyIn } from "../busy.js";
import type { Effects } from "../effects.js";
import type { Command, CommandResult, Delay, PlacedBid, Refusal } from "../event.js";
import { commitBody, feeFor, promisedFunds, promisedStake } from "../funds.js";
import { nextAuthority, nextMoment, tooManyWaiting, wouldRefuse } from "../posting.js";
import type { Peer } from "../state.js";
import { keepBid, publishCommit } from "./openings.js";

/** A delayed commit is published within this share of its window, so that it is still in time (spec/auctions#B6). */
const DELAY_SHARE_BP = 8000n;
const BASIS_POINTS = 10_000n;
/** What a uniform delay is drawn below. */
const UNIFORM_RANGE = 2 ** 32;

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
  const auction = auctionOf(peer.ledger, command.auction);
  if (auction === null) return refuse("AUCTION_UNKNOWN", { auction: toHex(command.auction) });
  if (!isWellFormed(command)) return refuse("WISH_MALFORMED", { operation: "commit" });
  if (command.amount === 0n) return refuse("AMOUNT_ZERO");
  const { lockups, direction, reserve } = auction.terms;
  /** who is bought from pays nothing: any lockup covers it */
  const bid = { amount: command.amount, units: command.units };
  const unfit = unitsFault(auction.terms, bid);
  if (unfit !== null) return refused(unfit);
  const cost = direction === "sell" ? worthOf(bid) : 0n;
  const lockup = command.lockup ?? lockups.find((one) => one >= cost) ?? null;
  if (lockup === null || lockup < cost) {
    const highest = (command.lockup ?? lockups.at(-1)!).toString();
    return refuse("BID_ABOVE_LOCKUP", { amount: cost.toString(), highest });
  }
  const fee = feeFor(peer, from, bodyOf(auction, lockup), command.fee ?? null);
  const refusal = busyIn(peer, "critical", nowMs) ?? bidRefusal(peer, key, auction, lockup, fee, nowMs);
  if (refusal !== null) return refused(refusal);
  const publishAtMs = publicationOf(peer, auction, delayMs, nowMs);
  const replaces = liveBid(peer, auction.id, key);
  const terms = { bid, lockup, publishAtMs, fee: command.fee ?? null };
  const kept = keepBid(peer, key, auction, terms, effects);
  if (!kept.ok) return refused(kept.error);
  const placed: PlacedBid = {
    commitment: kept.value.commitment,
    lockup,
    publishesAtMs: publishAtMs,
    replaces,
    cannotWin: direction === "sell" ? command.amount < reserve : command.amount > reserve,
  };
  if (publishAtMs > nowMs || auction.phase.kind !== "open") {
    return { ok: true, operation: null, auction: auction.id, bid: placed };
  }
  const posted = publishCommit(peer, key, kept.value, nowMs, effects);
  return posted.ok
    ? { ok: true, operation: operationId(posted.value), auction: auction.id, fee, bid: placed }
    : refused(posted.error);
}

const isWellFormed = ({ amount: bid, units, lockup, delayMs, fee }: PlaceBid): boolean =>
  fits(amount, bid) &&
  (units === null || fits(uint(undefined, 1), units)) &&
  (lockup === null || fits(amount, lockup)) &&
  (fee === undefined || fits(amount, fee)) &&
  (typeof delayMs === "number" ? fits(uint(), delayMs) : fits(uint(UNIFORM_RANGE - 1), delayMs.uniform));

/** The commitment of the agent's last bid in an auction, kept here or in the log; null: it has none. */
function liveBid(peer: Peer, auction: AuctionId, { publicKey }: AgentKey): Hash | null {
  const kept = peer.custody.openingsOf(auction).filter(({ bidder }) => equalBytes(bidder, publicKey));
  const last = kept.reduce<(typeof kept)[number] | null>(
    (newest, one) => (newest === null || one.counter > newest.counter ? one : newest),
    null,
  );
  return last?.commitment ?? commitOf(peer.ledger, auction, publicKey)?.commitment ?? null;
}

function bidRefusal(
  peer: Peer,
  key: AgentKey,
  auction: Auction,
  lockup: bigint,
  fee: bigint,
  nowMs: number,
): Refusal | null {
  if (auction.phase.kind === "scheduled") return earlyRefusal(peer, key, auction, lockup, fee, nowMs);
  return wouldRefuse(peer, key, bodyOf(auction, lockup), fee, nowMs);
}

const bodyOf = ({ id }: Auction, lockup: bigint) =>
  commitBody({ auction: id, commitment: new Uint8Array(32), lockup });

/** A bid for an auction that is not open yet: what its commit will need then, asked of today's state. */
function earlyRefusal(
  peer: Peer,
  key: AgentKey,
  auction: Auction,
  lockup: bigint,
  fee: bigint,
  nowMs: number,
): Refusal | null {
  const { minFee } = peer.ledger.params;
  if (fee < minFee) return reject("FEE_BELOW_MINIMUM", { fee: fee.toString(), minimum: minFee.toString() });
  const account = peer.ledger.accountOf(key.publicKey);
  if (account === null) return reject("ACCOUNT_UNKNOWN");
  if (nextAuthority(peer, key.publicKey, "commit", fee, nowMs) === null) return tooManyWaiting();
  if (equalBytes(auction.creator, key.publicKey)) return reject("BIDDER_IS_CREATOR");
  const { lockups } = auction.terms;
  if (!lockups.includes(lockup)) {
    return reject("LOCKUP_NOT_OFFERED", { lockup: lockup.toString(), lockups: lockups.join(",") });
  }
  const isLien = lockupIsLien(auction.terms, peer.ledger.params);
  const earlier = lockOf(account, { id: auction.id, reason: "bid" });
  if (!isLien && earlier === null && account.locks.size >= MAX_LOCKS) return reject("TOO_MANY_LOCKS");
  const short = isLien ? lienFault(peer.ledger, key.publicKey, auction.id, lockup) : null;
  if (short !== null) return short;
  const wish = { account: toHex(key.publicKey), fee, body: bodyOf(auction, lockup), auction: auction.id };
  return promisedFunds(peer, wish, { bidIn: auction.id }) ?? promisedStake(peer, key.publicKey, wish.body);
}

/**
 * When the commit is published, on the own clock: after the wished delay, but early enough in the window to be in time.
 * Ledger time says how much of the window is left: a clock that is slow must not make a bid late.
 */
function publicationOf(peer: Peer, auction: Auction, delay: Delay, nowMs: number): number {
  const ledgerMs = nextMoment(peer, nowMs).timeMs;
  const opensMs = Math.max(ledgerMs, auction.terms.openMs);
  const closesMs =
    auction.phase.kind === "open"
      ? closeMsOf(auction.phase, peer.ledger.clock)
      : auction.terms.openMs + auction.terms.commitMs;
  const latest = (BigInt(Math.max(0, closesMs - opensMs)) * DELAY_SHARE_BP) / BASIS_POINTS;
  const delayMs =
    typeof delay === "number"
      ? Math.min(delay, Number(latest))
      : Number((latest * BigInt(delay.uniform)) / BigInt(UNIFORM_RANGE));
  return nowMs + (opensMs - ledgerMs) + delayMs;
}
