// The outcome of a Vickrey auction, computed again in the dullest way from what is in the log (spec/auctions#reveals, spec/auctions#outcome).
import { compareBytes, encode, equalBytes, type Hex, toHex } from "../../src/base/index.js";
import { taggedHash } from "../../src/crypto/index.js";
import { bid } from "../../src/market/index.js";
import { type AuctionRecord, commitmentHash } from "./auction-record.js";
import { depositFor } from "./deposit.js";
import type { Testimony } from "./testimony.js";
import { Windows } from "./windows.js";

export interface NaiveOutcome {
  readonly winner: Hex | null;
  readonly price: bigint;
  /** a bid was valid, and the lot had lapsed when REVEAL was due to close */
  readonly isVoid: boolean;
  /**
   * whole lockups of commits that were never opened, the bond of a seller who hid its reserve to the end, and the
   * deposit of one whose lot had lapsed
   */
  readonly burned: bigint;
  /** by bidder: the lockups of `burned` */
  readonly forfeits: ReadonlyMap<Hex, bigint>;
  /** the seller's part of `burned` */
  readonly sellerForfeit: bigint;
  /** how many opened their commit */
  readonly opened: number;
  readonly withheld: number;
}

interface Opened {
  readonly bidder: Uint8Array;
  readonly amount: bigint;
  readonly salt: Uint8Array;
}

/** Of an auction that settled: its two closing heights are known. */
type SettledRecord = AuctionRecord & { readonly revealHeight: number; readonly settleHeight: number };

export function naiveOutcome(
  testimony: Pick<Testimony, "network" | "log" | "pace" | "deposits">,
  record: SettledRecord,
): NaiveOutcome {
  const live = new Map<Hex, { readonly commitment: Uint8Array; readonly lockup: bigint }>();
  for (const { height, from, body } of record.commits) {
    if (height < record.revealHeight) live.set(from, body);
  }
  const opened = new Map<Hex, Opened>();
  for (const { height, body } of record.reveals) {
    if (height < record.revealHeight || height >= record.settleHeight) continue;
    const bidder = toHex(body.bidder);
    const commit = live.get(bidder);
    if (commit === undefined || body.bid.amount > commit.lockup) continue;
    const hash = commitmentHash(testimony, record.id, body.bidder, encode(bid, body.bid), body.salt);
    if (equalBytes(hash, commit.commitment)) {
      opened.set(bidder, { bidder: body.bidder, amount: body.bid.amount, salt: body.salt });
    }
  }
  const { reserve, bondForfeit } = effectiveReserve(record);
  const forfeits = new Map(
    [...live].filter(([bidder]) => !opened.has(bidder)).map(([who, { lockup }]) => [who, lockup]),
  );
  const ranked = rank(
    record,
    [...opened.values()].filter(({ amount }) => amount >= reserve),
  );
  const isVoid = ranked.length > 0 && hasLapsed(testimony, record);
  const [first, second] = isVoid ? [] : ranked;
  const sellerForfeit =
    bondForfeit + (isVoid ? depositFor(record.terms, record.createdMs, testimony.deposits) : 0n);
  return {
    winner: first === undefined ? null : toHex(first.bidder),
    price: first === undefined ? 0n : (second?.amount ?? reserve),
    isVoid,
    burned: [...forfeits.values()].reduce((sum, lockup) => sum + lockup, sellerForfeit),
    forfeits,
    sellerForfeit,
    opened: opened.size,
    withheld: forfeits.size,
  };
}

/** By when REVEAL was due: at the end of its window, or when it ended before; whoever settles has no say (ADR 0027). */
function hasLapsed(
  { log, pace }: Pick<Testimony, "log" | "pace">,
  { terms, revealHeight, settleHeight }: SettledRecord,
): boolean {
  if (terms.lot.toMs === null) return false;
  const windows = new Windows(log, pace);
  const began = windows.knownAt(revealHeight, settleHeight);
  const endedMs = windows.timeMs(settleHeight);
  const closeMs = began === null ? endedMs : windows.closeMs(began, terms.revealMs, settleHeight);
  return terms.lot.toMs <= Math.min(closeMs, endedMs);
}

/** The hidden reserve where its seller opened it in time, not under the public one nor above what can be bid; otherwise the public one, and the bond is lost. */
function effectiveReserve(record: SettledRecord): { readonly reserve: bigint; readonly bondForfeit: bigint } {
  const { terms } = record;
  if (terms.reserveHash === null) return { reserve: terms.reserve, bondForfeit: 0n };
  const shown = record.openedReserves.find(
    ({ height, reserve }) =>
      height >= record.revealHeight &&
      height < record.settleHeight &&
      reserve >= terms.reserve &&
      terms.lockups.some((lockup) => reserve <= lockup),
  );
  if (shown !== undefined) return { reserve: shown.reserve, bondForfeit: 0n };
  return { reserve: terms.reserve, bondForfeit: terms.sellerBond };
}

/** By amount, greatest first; equals by H('tie', auction ‖ sorted salts of the tied ‖ bidder), least first. */
function rank(record: AuctionRecord, valid: readonly Opened[]): readonly Opened[] {
  const saltsAt = new Map<bigint, Uint8Array[]>();
  for (const { amount, salt } of valid) saltsAt.set(amount, [...(saltsAt.get(amount) ?? []), salt]);
  return valid
    .map((one) => ({
      one,
      key: taggedHash("tie", record.id, ...saltsAt.get(one.amount)!.sort(compareBytes), one.bidder),
    }))
    .sort((a, b) =>
      a.one.amount === b.one.amount ? compareBytes(a.key, b.key) : a.one.amount > b.one.amount ? -1 : 1,
    )
    .map(({ one }) => one);
}
