// The seller's rules: what an auction may be when it is created, and when it may be called off (spec/auctions#terms, spec/auctions#cancelling).
import { equalBytes, toHex } from "../base/index.js";
import {
  ACCOUNTS,
  AUCTIONS,
  type AuctionTerms,
  auctionOf,
  depositOf,
  fundsAreFree,
  isEnded,
  LOT_HORIZON_MS,
  MAX_LOCKS,
  MAX_UNFINISHED_PER_SELLER,
  type Rule,
  reject,
} from "../ledger/index.js";

const opensSoonEnough: Rule<"createAuction"> = (ledger, body, _, at) => {
  const latestMs = at.timeMs + ledger.params.maxScheduleMs;
  return body.openMs <= latestMs ? null : reject("OPENS_TOO_LATE", { openMs: body.openMs, latestMs });
};

const windowsAreAllowed: Rule<"createAuction"> = (ledger, { commitMs, revealMs }) => {
  const { minCommitMs, maxCommitMs, minRevealMs, maxRevealMs } = ledger.params;
  const allowed =
    commitMs >= minCommitMs && commitMs <= maxCommitMs && revealMs >= minRevealMs && revealMs <= maxRevealMs;
  return allowed
    ? null
    : reject("WINDOW_OUT_OF_RANGE", {
        commitMs,
        minCommitMs,
        maxCommitMs,
        revealMs,
        minRevealMs,
        maxRevealMs,
      });
};

/**
 * A lot must outlast the earliest close of its auction by what a healthy network may need beyond the windows: phases
 * wait for their leaders. A lot that lapses sooner would let its seller see every bid and sell nothing.
 */
const lotOutlivesAuction: Rule<"createAuction"> = (ledger, body, _, at) => {
  const closesMs = Math.max(body.openMs, at.timeMs) + body.commitMs + body.revealMs;
  const { toMs } = body.lot;
  const earliestMs = closesMs + ledger.params.lotSlackMs;
  return toMs === null || toMs >= earliestMs
    ? null
    : reject("LOT_LAPSES_BEFORE_CLOSE", { toMs, closesMs, earliestMs });
};

/** A lot years ahead says nothing that a bidder could price. */
const lotIsNear: Rule<"createAuction"> = (ledger, { lot }, _, at) => {
  const latestMs = at.timeMs + ledger.params.maxScheduleMs + LOT_HORIZON_MS;
  const { fromMs, toMs } = lot;
  return Math.max(fromMs ?? 0, toMs ?? 0) <= latestMs
    ? null
    : reject("LOT_TOO_FAR_AHEAD", { fromMs, toMs, latestMs });
};

/** 0 without lockups: terms that are decoded have one. */
export const highestLockup = (terms: Pick<AuctionTerms, "lockups">): bigint => terms.lockups.at(-1) ?? 0n;

/** A bid is at most its lockup: with every lockup under the reserve nobody could win. */
const lockupReachesReserve: Rule<"createAuction"> = (_, body) =>
  highestLockup(body) >= body.reserve
    ? null
    : reject("LOCKUP_BELOW_RESERVE", {
        highest: highestLockup(body).toString(),
        reserve: body.reserve.toString(),
      });

/**
 * The least bond of a seller: the highest lockup if the reserve is hidden. No price is above it, so a seller who sees
 * the bids and does not open its reserve gains nothing: the bidders' own rule, turned to the seller (spec/auctions#T5).
 */
export const leastSellerBond = (terms: Pick<AuctionTerms, "lockups">, hidesReserve: boolean): bigint =>
  hidesReserve ? highestLockup(terms) : 0n;

const bondBacksHiddenReserve: Rule<"createAuction"> = (_, body) => {
  const least = leastSellerBond(body, body.reserveHash !== null);
  return body.sellerBond >= least
    ? null
    : reject("SELLER_BOND_TOO_SMALL", { sellerBond: body.sellerBond.toString(), least: least.toString() });
};

const sellerHasRoom: Rule<"createAuction"> = (ledger, body, by) => {
  const seller = toHex(by.from);
  if (ledger.table(AUCTIONS).index.unfinished.of(seller).size >= MAX_UNFINISHED_PER_SELLER)
    return reject("TOO_MANY_AUCTIONS");
  const locks = ledger.get(ACCOUNTS, seller)?.locks.size ?? 0;
  return body.sellerBond === 0n || locks < MAX_LOCKS ? null : reject("TOO_MANY_LOCKS");
};

/** The bond is for what the seller promises, the deposit for what everyone keeps of the auction. */
const bondAndDepositAreFree: Rule<"createAuction"> = (ledger, body, by, at) => {
  const deposit = depositOf(body, at.timeMs, ledger.params);
  const taken = body.sellerBond + deposit;
  const fault = fundsAreFree(ledger, by, taken);
  if (fault === null) return null;
  const short = by.fee + taken - (ledger.accountOf(by.from)?.free ?? 0n);
  return reject(fault.code, { ...fault.detail, deposit: deposit.toString(), short: short.toString() });
};

export const CREATE_RULES: readonly Rule<"createAuction">[] = [
  opensSoonEnough,
  windowsAreAllowed,
  lotOutlivesAuction,
  lotIsNear,
  lockupReachesReserve,
  bondBacksHiddenReserve,
  sellerHasRoom,
  bondAndDepositAreFree,
];

const auctionToCancelExists: Rule<"cancel"> = (ledger, body) =>
  auctionOf(ledger, body.auction) === null ? reject("AUCTION_UNKNOWN") : null;

const senderIsSeller: Rule<"cancel"> = (ledger, body, by) =>
  equalBytes(auctionOf(ledger, body.auction)!.seller, by.from) ? null : reject("NOT_THE_SELLER");

const auctionHasNotEnded: Rule<"cancel"> = (ledger, body) => {
  const { phase } = auctionOf(ledger, body.auction)!;
  return isEnded(phase) ? reject("AUCTION_ENDED", { phase: phase.kind }) : null;
};

/** Whoever could call off an auction after a commit would have a free look at who comes. */
const nobodyHasCommitted: Rule<"cancel"> = (ledger, body) => {
  const { commits } = auctionOf(ledger, body.auction)!;
  return commits === 0 ? null : reject("AUCTION_HAS_COMMITS", { commits });
};

export const CANCEL_RULES: readonly Rule<"cancel">[] = [
  auctionToCancelExists,
  senderIsSeller,
  auctionHasNotEnded,
  nobodyHasCommitted,
];
