// outcome: winner, price and forfeits of every settled auction, recomputed naively from what was told and logged. VOID too:
// a lot that had lapsed when REVEAL was due to close, which the headers tell and the settling entry does not (ADR 0027).
import { type Bytes, compareBytes, type Hex, toHex } from "../../../src/base/index.js";
import { taggedHash } from "../../../src/crypto/index.js";
import type { Network } from "../../../src/ledger/index.js";
import type { AuctionTerms } from "../../../src/market/index.js";
import type { Notice } from "../../../src/peer/ready.js";
import { type DepositRates, depositFor } from "../../checks/deposit.js";
import { type Pace, Windows } from "../../checks/windows.js";
import type { Checker, Trial } from "./checker.js";
import type { Chronicle, LoggedOperation } from "./chronicle.js";
import { type Offer, offersOf } from "./offers.js";
import { revealCloseMs } from "./outage.js";

type Settled = Extract<Notice, { readonly kind: "auctionSettled" }>;

interface Reveal {
  readonly bidder: Bytes;
  readonly amount: bigint;
  readonly salt: Bytes;
}

export interface Outcome {
  readonly winner: Hex | null;
  readonly price: bigint;
  readonly burned: bigint;
  /** a bid was valid, and no trade was possible any more */
  readonly isVoid: boolean;
}

export function outcomeChecker(
  trial: Trial,
  chronicle: Chronicle,
  network: Network,
  deposits: DepositRates,
  pace: Pace,
): Checker {
  return {
    ended() {
      const logged = chronicle.operations();
      const windows = new Windows(chronicle.steps(), pace);
      const offers = new Map(offersOf(chronicle, network).map((offer) => [offer.id, offer]));
      for (const { height, notices } of chronicle.told()) {
        for (const notice of notices) {
          if (notice.kind !== "auctionSettled") continue;
          const offer = offers.get(toHex(notice.auction));
          if (offer === undefined || !chronicle.isComplete(offer.height, height)) continue;
          const sale = recomputed(logged, notice.auction, offer.terms, height);
          const isLapsed = lapsed(windows, offer, height);
          if (isLapsed === null) continue;
          judge(
            notice,
            isLapsed ? called(sale, depositFor(offer.terms, windows.timeMs(offer.height), deposits)) : sale,
          );
        }
      }
    },
  };

  function judge(told: Settled, expected: Outcome): void {
    const winner = told.winner === null ? null : toHex(told.winner);
    const was: Outcome = {
      winner,
      price: told.price,
      burned: told.burned,
      isVoid: told.outcome === "void",
    };
    const say = (one: Outcome): string =>
      `${one.winner?.slice(0, 8) ?? (one.isVoid ? "nobody any more" : "nobody")} for ${one.price}, ${one.burned} burned`;
    if (say(was) === say(expected) && winner === expected.winner) return;
    const auction = toHex(told.auction).slice(0, 8);
    trial.report("outcome", `auction ${auction} went to ${say(was)}; the oracle says ${say(expected)}`);
  }
}

/** Whether the lot had lapsed when REVEAL was due: at the end of its window, or when it ended before; null: unknown. */
function lapsed(windows: Windows, offer: Offer, ended: number): boolean | null {
  const { toMs } = offer.terms.lot;
  if (toMs === null) return false;
  const closeMs = revealCloseMs(windows, { ...offer, course: { ...offer.course, ended } });
  return closeMs === null ? null : toMs <= Math.min(closeMs, windows.timeMs(ended));
}

/** A sale that its own terms called off: everybody keeps what was shown, and the seller's deposit burns. */
const called = (sale: Outcome, deposit: bigint): Outcome =>
  sale.winner === null ? sale : { winner: null, price: 0n, burned: sale.burned + deposit, isVoid: true };

function recomputed(
  logged: readonly LoggedOperation[],
  auction: Bytes,
  terms: AuctionTerms,
  until: number,
): Outcome {
  const id = toHex(auction);
  const lockups = new Map<Hex, bigint>();
  const reveals: Reveal[] = [];
  let hidden: bigint | null = null;
  for (const { height, operation, isRefused } of logged) {
    const { authority, body } = operation;
    if (isRefused || height > until || !("auction" in body) || toHex(body.auction) !== id) continue;
    if (body.kind === "commit") lockups.set(toHex(authority!.from), body.lockup);
    if (body.kind === "reveal")
      reveals.push({ bidder: body.bidder, amount: body.bid.amount, salt: body.salt });
    if (body.kind === "openReserve") hidden = body.reserve;
  }
  for (const { bidder } of reveals) lockups.delete(toHex(bidder));
  let burned = [...lockups.values()].reduce((sum, lockup) => sum + lockup, 0n);
  if (terms.reserveHash !== null && hidden === null) burned += terms.sellerBond;
  const reserve = hidden ?? terms.reserve;
  return { ...vickrey(auction, reveals, reserve), burned, isVoid: false };
}

/** spec/auctions#outcome, word by word. */
export function vickrey(
  auction: Bytes,
  reveals: readonly Reveal[],
  reserve: bigint,
): Pick<Outcome, "winner" | "price"> {
  const valid = reveals.filter(({ amount }) => amount >= reserve);
  if (valid.length === 0) return { winner: null, price: 0n };
  const best = valid.reduce((most, { amount }) => (amount > most ? amount : most), 0n);
  const tied = valid.filter(({ amount }) => amount === best);
  const salts = tied.map(({ salt }) => salt).sort(compareBytes);
  const keyed = tied.map(({ bidder }) => ({ bidder, key: taggedHash("tie", auction, ...salts, bidder) }));
  const winner = toHex(keyed.sort((a, b) => compareBytes(a.key, b.key))[0]!.bidder);
  const others = valid.filter(({ bidder }) => toHex(bidder) !== winner).map(({ amount }) => amount);
  const price = others.reduce((most, amount) => (amount > most ? amount : most), reserve);
  return { winner, price };
}
