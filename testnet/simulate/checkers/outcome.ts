// outcome: winner, price and forfeits of every settled auction, recomputed naively from what was told and logged.
import { type Bytes, compareBytes, type Hex, toHex } from "../../../src/base/index.js";
import { taggedHash } from "../../../src/crypto/index.js";
import { type AuctionTerms, auctionIdOf, type Network } from "../../../src/ledger/operation.js";
import type { Notice } from "../../../src/peer/ready.js";
import type { Checker, Trial } from "./checker.js";
import type { Chronicle, LoggedOperation } from "./chronicle.js";

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
}

export function outcomeChecker(trial: Trial, chronicle: Chronicle, network: Network): Checker {
  return {
    ended() {
      const logged = chronicle.operations();
      for (const { height, notices } of chronicle.told()) {
        for (const notice of notices) {
          if (notice.kind !== "auctionSettled") continue;
          const created = creationOf(logged, network, toHex(notice.auction));
          if (created === null || !chronicle.isComplete(created.height, height)) continue;
          judge(notice, recomputed(logged, notice.auction, created.terms, height));
        }
      }
    },
  };

  function judge(told: Settled, expected: Outcome): void {
    const winner = told.winner === null ? null : toHex(told.winner);
    if (winner === expected.winner && told.price === expected.price && told.burned === expected.burned)
      return;
    const say = (one: Outcome): string =>
      `${one.winner?.slice(0, 8) ?? "nobody"} for ${one.price}, ${one.burned} burned`;
    const auction = toHex(told.auction).slice(0, 8);
    const was = say({ winner, price: told.price, burned: told.burned });
    trial.report("outcome", `auction ${auction} went to ${was}; the oracle says ${say(expected)}`);
  }
}

function creationOf(
  logged: readonly LoggedOperation[],
  network: Network,
  auction: Hex,
): { readonly height: number; readonly terms: AuctionTerms } | null {
  for (const { height, operation, isRefused } of logged) {
    const { authority, body } = operation;
    if (isRefused || body.kind !== "createAuction" || authority === null) continue;
    if (toHex(auctionIdOf(network, authority.from, authority.nonce)) === auction)
      return { height, terms: body };
  }
  return null;
}

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
  return { ...vickrey(auction, reveals, reserve), burned };
}

/** PROTOCOL §2.6, word by word. */
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
