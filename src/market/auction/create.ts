// Creating an auction: what a creator may offer, and what is set aside for it (spec/auctions#terms).
import { toHex } from "../../base/index.js";
import {
  ACCOUNTS,
  drawFault,
  LOT_HORIZON_MS,
  type LockReason,
  lockDeposit,
  MAX_LOCKS,
  MAX_UNFINISHED_PER_CREATOR,
  type Params,
  reject,
  setAside,
  takeLien,
} from "../../ledger/index.js";
import { payerMultiplierBp } from "../standing/credit.js";
import { AT_ONCE, type Signed } from "../subject.js";
import { newAuction } from "./auction.js";
import { AUCTIONS } from "./auctions.js";
import { depositOf, type HeldTerms } from "./deposit.js";
import { FORMATS } from "./formats/index.js";
import { auctionIdOf } from "./id.js";
import { lienFault, lienOfCreation } from "./lien.js";
import type { AuctionBody, AuctionFact, AuctionRefusal, SignedRule } from "./rules.js";
import { type AuctionTerms, highestLockup, isDelivered } from "./terms.js";

/** The most that the creator of a purchase may have to pay; 0 of a sale. */
export function ceilingOf({ format, direction, lot, reserve }: Priced): bigint {
  if (direction === "sell") return 0n;
  return FORMATS[format.kind].isDivisible ? reserve * BigInt(lot.units) : reserve;
}
type Priced = Pick<AuctionTerms, "format" | "direction" | "lot" | "reserve">;

/** The bond is for what a creator promises, the ceiling what a buyer pays out of. */
const lockedByCreation = (terms: Priced & Pick<AuctionTerms, "bond">): bigint =>
  terms.bond + ceilingOf(terms);

/** And the deposit for what everyone keeps. */
export const takenByCreation = (
  terms: Priced & Pick<AuctionTerms, "bond"> & HeldTerms,
  timeMs: number,
  params: Params,
): bigint => lockedByCreation(terms) + depositOf(terms, timeMs, params);

const opensSoonEnough: SignedRule<"createAuction"> = (ledger, body, _, at) => {
  const latestMs = at.timeMs + ledger.params.maxScheduleMs;
  return body.openMs <= latestMs ? null : reject("OPENS_TOO_LATE", { openMs: body.openMs, latestMs });
};

const windowsAreAllowed: SignedRule<"createAuction"> = (ledger, { commitMs, revealMs }) => {
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

/** Neither side may be asked for what nobody could keep, nor bind the other's money for ever. */
const deliveryIsAllowed: SignedRule<"createAuction"> = (ledger, { deliverMs, settleMs }) => {
  if (!isDelivered({ deliverMs })) return null;
  const { minDeliverMs, maxDeliverMs, minSettleMs, maxSettleMs } = ledger.params;
  const allowed =
    deliverMs >= minDeliverMs &&
    deliverMs <= maxDeliverMs &&
    settleMs >= minSettleMs &&
    settleMs <= maxSettleMs;
  return allowed
    ? null
    : reject("DELIVERY_OUT_OF_RANGE", {
        deliverMs,
        minDeliverMs,
        maxDeliverMs,
        settleMs,
        minSettleMs,
        maxSettleMs,
      });
};

/** No sale brings more than its units at the highest lockup. */
const valueIsAllowed: SignedRule<"createAuction"> = (_, body) => {
  if (body.value === null) return null;
  const most = BigInt(body.lot.units) * highestLockup(body);
  return body.value > 0n && body.value <= most
    ? null
    : reject("VALUE_OUT_OF_RANGE", { value: body.value.toString(), most: most.toString() });
};

/**
 * A lot must outlast the earliest close of its auction by what a healthy network may need beyond the windows: phases
 * wait for their leaders. A lot that lapses sooner would let its seller see every bid and sell nothing.
 */
const lotOutlivesAuction: SignedRule<"createAuction"> = (ledger, body, _, at) => {
  const closesMs = Math.max(body.openMs, at.timeMs) + body.commitMs + body.revealMs;
  const { toMs } = body.lot;
  const earliestMs = closesMs + ledger.params.lotSlackMs;
  return toMs === null || toMs >= earliestMs
    ? null
    : reject("LOT_LAPSES_BEFORE_CLOSE", { toMs, closesMs, earliestMs });
};

/** A lot years ahead says nothing that a bidder could price. */
const lotIsNear: SignedRule<"createAuction"> = (ledger, { lot }, _, at) => {
  const latestMs = at.timeMs + ledger.params.maxScheduleMs + LOT_HORIZON_MS;
  const { fromMs, toMs } = lot;
  return Math.max(fromMs ?? 0, toMs ?? 0) <= latestMs
    ? null
    : reject("LOT_TOO_FAR_AHEAD", { fromMs, toMs, latestMs });
};

/** Who is sold to bids at most its lockup: with every lockup under the reserve nobody could win. */
const lockupReachesReserve: SignedRule<"createAuction"> = (_, body) =>
  body.direction === "buy" || highestLockup(body) >= body.reserve
    ? null
    : reject("LOCKUP_BELOW_RESERVE", {
        highest: highestLockup(body).toString(),
        reserve: body.reserve.toString(),
      });

/**
 * The least bond: the highest lockup if the reserve is hidden. No price is above it, so a seller who sees
 * the bids and does not open its reserve gains nothing: the bidders' own rule, turned to the seller (spec/auctions#T5).
 */
export const leastBondOf = (terms: Pick<AuctionTerms, "lockups">, hidesReserve: boolean): bigint =>
  hidesReserve ? highestLockup(terms) : 0n;

const bondBacksHiddenReserve: SignedRule<"createAuction"> = (_, body) => {
  const least = leastBondOf(body, body.reserveHash !== null);
  return body.bond >= least
    ? null
    : reject("BOND_TOO_SMALL", { bond: body.bond.toString(), least: least.toString() });
};

const creatorHasRoom: SignedRule<"createAuction"> = (ledger, body, by) => {
  const creator = toHex(by.from);
  if (ledger.table(AUCTIONS).index.unfinished.of(creator).size >= MAX_UNFINISHED_PER_CREATOR)
    return reject("TOO_MANY_AUCTIONS");
  const locks = ledger.get(ACCOUNTS, creator)?.locks.size ?? 0;
  const needed = [body.bond, ceilingOf(body)].filter((one) => one > 0n).length;
  return needed === 0 || locks + needed <= MAX_LOCKS ? null : reject("TOO_MANY_LOCKS");
};

/** What a seller promises, its stake answers for from the beginning. */
const sellerHasStake: SignedRule<"createAuction"> = (ledger, body, by) =>
  lienFault(ledger, by.from, null, lienOfCreation(body, ledger.params));

const creationIsFree: SignedRule<"createAuction"> = (ledger, body, by, at) => {
  const { from, fee, nonce } = by;
  const deposit = depositOf(body, at.timeMs, ledger.params);
  const locks = {
    amount: lockedByCreation(body),
    multiplierBp: payerMultiplierBp(ledger, from, at.timeMs),
    lien: lienOfCreation(body, ledger.params),
  };
  const auction = auctionIdOf(ledger.network, from, nonce);
  const draw = { fee, taken: deposit, locks, own: 0n, auction, replaces: null };
  const fault = drawFault(ledger, from, at.timeMs, draw);
  if (fault?.code !== "FUNDS_TOO_LOW") return fault;
  const { free, needed } = fault.detail;
  const short = BigInt(needed!) - BigInt(free!);
  return reject(fault.code, { ...fault.detail, deposit: deposit.toString(), short: short.toString() });
};

const CREATE_RULES: readonly SignedRule<"createAuction">[] = [
  opensSoonEnough,
  windowsAreAllowed,
  deliveryIsAllowed,
  valueIsAllowed,
  lotOutlivesAuction,
  lotIsNear,
  lockupReachesReserve,
  bondBacksHiddenReserve,
  creatorHasRoom,
  sellerHasStake,
  creationIsFree,
];

export const CREATE_AUCTION: Signed<AuctionBody<"createAuction">, AuctionRefusal, AuctionFact> = {
  by: "sender",
  lane: "bulk",
  rules: CREATE_RULES,
  effect(ledger, terms, by, at) {
    const auction = newAuction(ledger.network, by.from, by.nonce, terms, at, ledger.clock);
    const creator = ledger.accountOf(by.from)!;
    const lock = (reason: LockReason, sum: bigint): void => {
      if (sum > 0n) setAside(ledger, creator, { id: auction.id, reason }, sum, at.timeMs);
    };
    lockDeposit(ledger, creator, auction.id, depositOf(terms, at.timeMs, ledger.params), at.timeMs);
    lock("bond", terms.bond);
    lock("ceiling", ceilingOf(terms));
    const lien = lienOfCreation(terms, ledger.params);
    if (lien > 0n) takeLien(ledger, creator, auction.id, { kind: "trade", amount: lien });
    ledger.put(AUCTIONS, auction.id, auction);
    return [{ kind: "created", auction }];
  },
  ...AT_ONCE,
  takes: ({ params }, terms, _, timeMs) => takenByCreation(terms, timeMs, params),
  locks: (_, terms) => lockedByCreation(terms),
  takesStake: ({ params }, terms) => lienOfCreation(terms, params),
  about: (_, by, network) => auctionIdOf(network, by.from, by.nonce),
};
