// outcome: every auction ended as its oracle and the signed operations in the log say (spec/auctions#reveals, #outcome).
// VOID too: a lot that had lapsed when REVEAL was due to close, which the headers tell and the settling entry does not (ADR 0027).
import { encode, equalBytes, type Hex, toHex } from "../../../src/base/index.js";
import { taggedHash } from "../../../src/crypto/index.js";
import type { Network } from "../../../src/ledger/index.js";
import { type BodyOf, bid } from "../../../src/market/index.js";
import type { Notice } from "../../../src/peer/ready.js";
import type { AuctionRecord } from "./auctions.js";
import { type DepositRates, depositFor } from "./deposit-rates.js";
import type { History } from "./history.js";
import { BY_UNITS, ORACLES } from "./oracle/index.js";
import type { Award, ShownBid } from "./oracle/oracle.js";
import type { Windows } from "./windows.js";

/** Everyone's standing, in bp, as long as no rating counts (spec/auctions#score). */
const PRIOR = 5_000;

export type Settled = Extract<Notice, { readonly kind: "auctionSettled" }>;

/** What follows from the log. */
export interface Reckoning {
  readonly awards: readonly Award[];
  readonly clearingPrice: bigint | null;
  /** a bid was valid, and the lot had lapsed when REVEAL was due to close */
  readonly isVoid: boolean;
  /** by bidder: whole lockups of commits that were never opened */
  readonly forfeits: ReadonlyMap<Hex, bigint>;
  /** the bond of a seller who hid its reserve to the end, and the deposit of one whose lot had lapsed */
  readonly creatorForfeit: bigint;
}

/** What is wrong with the end of an auction as a peer told it; null: nothing, or the log does not tell. */
export function outcomeWrong(history: History, deposits: DepositRates, told: Settled): string | null {
  const record = history.auctions().get(toHex(told.auction));
  if (record === undefined || !history.isComplete(record.height, told.height)) return null;
  const expected = reckon(history, deposits, record, told.height);
  if (expected === null) return null;
  const burned = [...expected.forfeits.values()].reduce(
    (sum, lockup) => sum + lockup,
    expected.creatorForfeit,
  );
  const won = shown(told.awards.map((one) => ({ ...one, bidder: toHex(one.bidder) })));
  if (won !== shown(expected.awards)) return `won by ${won}, by the log ${shown(expected.awards)}`;
  if (told.clearingPrice !== expected.clearingPrice)
    return `price ${told.clearingPrice}, by the log ${expected.clearingPrice}`;
  if ((told.outcome === "void") !== expected.isVoid)
    return `said to be ${told.outcome}, by the log the lot ${expected.isVoid ? "had" : "had not"} lapsed`;
  return told.burned === burned ? null : `${told.burned} burned, by the log ${burned}`;
}

/** Awards as text, in the order of their bidders. */
const shown = (awards: readonly Award[]): string =>
  awards
    .map(({ bidder, units, pays, receives }) => `${bidder.slice(0, 16)} ×${units} −${pays} +${receives}`)
    .sort()
    .join(", ") || "nobody";

/** Of every end that was told. */
export const outcomeWrongs = (history: History, deposits: DepositRates): readonly string[] =>
  history.told().flatMap(({ notices }) =>
    notices.flatMap((told) => {
      if (told.kind !== "auctionSettled") return [];
      const wrong = outcomeWrong(history, deposits, told);
      return wrong === null ? [] : [`auction ${toHex(told.auction).slice(0, 8)}: ${wrong}`];
    }),
  );

/** @param ended the entry that settled it @returns null: the log does not tell */
export function reckon(
  history: History,
  deposits: DepositRates,
  record: AuctionRecord,
  ended: number,
): Reckoning | null {
  const { id, terms, course } = record;
  if (course.reveal === undefined) return null;
  const { sealed, opened, hidden } = openingsOf(history.network, record, course.reveal, ended);
  const forfeits = new Map(
    [...sealed].flatMap(([who, { lockup }]): [Hex, bigint][] => (opened.has(who) ? [] : [[who, lockup]])),
  );
  const bond = terms.reserveHash !== null && hidden === null ? terms.bond : 0n;
  const { direction, lot } = terms;
  const standingWeight = terms.standingWeight ?? 0;
  const reserve = hidden ?? terms.reserve;
  const offered = { auction: id, direction, units: lot.units, reserve, standingWeight };
  const verdict = ORACLES[terms.format.kind](offered, [...opened.values()]);
  const windows = history.windows();
  const isLapsed = hasLapsed(windows, record, ended);
  if (isLapsed === null) return null;
  if (!isLapsed || verdict.awards.length === 0)
    return { ...verdict, isVoid: false, forfeits, creatorForfeit: bond };
  const deposit = depositFor(terms, windows.timeMs(record.height), deposits);
  return { awards: [], clearingPrice: null, isVoid: true, forfeits, creatorForfeit: bond + deposit };
}

interface Openings {
  /** the last commit of each bidder */
  readonly sealed: ReadonlyMap<Hex, BodyOf<"commit">>;
  readonly opened: ReadonlyMap<Hex, ShownBid>;
  /** the hidden reserve, if its seller opened it in time, not under the public one nor above what can be bid */
  readonly hidden: bigint | null;
}

/** Commits before the close, and what opens them or the reserve between the close and the end. */
function openingsOf(
  network: Network,
  { id, terms, operations }: AuctionRecord,
  closed: number,
  ended: number,
): Openings {
  const sealed = new Map<Hex, BodyOf<"commit">>();
  const opened = new Map<Hex, ShownBid>();
  let hidden: bigint | null = null;
  for (const { height, operation } of operations) {
    const { authority, body } = operation;
    if (body.kind === "commit" && height < closed) sealed.set(toHex(authority!.from), body);
    if (height < closed || height >= ended) continue;
    if (body.kind === "reveal" && opens(network, { id, terms }, sealed.get(toHex(body.bidder)), body)) {
      const { bidder, salt } = body;
      opened.set(toHex(bidder), { bidder, ...body.bid, salt, standing: PRIOR });
    }
    if (body.kind !== "openReserve" || terms.reserveHash === null || body.reserve < terms.reserve) continue;
    if (terms.lockups.some((lockup) => body.reserve <= lockup)) hidden ??= body.reserve;
  }
  return { sealed, opened, hidden };
}

/** H('commit', chain ‖ market ‖ auction ‖ bidder ‖ bid ‖ salt), spelled out once more (spec/auctions#B1). */
function opens(
  { chain, market }: Network,
  { id, terms }: Pick<AuctionRecord, "id" | "terms">,
  sealed: BodyOf<"commit"> | undefined,
  reveal: BodyOf<"reveal">,
): boolean {
  if (sealed === undefined || !suits(terms, sealed, reveal)) return false;
  const bytes = encode(bid, reveal.bid);
  const hash = taggedHash("commit", chain, market, id, reveal.bidder, bytes, reveal.salt);
  return equalBytes(hash, sealed.commitment);
}

/** Of a lot as a whole no units are named, else one to all; of a sale the whole bid is within its lockup. */
function suits(
  { format, direction, lot }: AuctionRecord["terms"],
  { lockup }: BodyOf<"commit">,
  { bid: { amount, units } }: BodyOf<"reveal">,
): boolean {
  if (BY_UNITS[format.kind] ? units === null || units > lot.units : units !== null) return false;
  return direction === "buy" || amount * BigInt(units ?? 1) <= lockup;
}

/** By when REVEAL was due: at the end of its window, or when it ended before; whoever settles has no say. Null: unknown. */
function hasLapsed(windows: Windows, { terms, course }: AuctionRecord, ended: number): boolean | null {
  const { toMs } = terms.lot;
  if (toMs === null) return false;
  if (ended > windows.height) return null;
  const endedMs = windows.timeMs(ended);
  const closeMs = windows.revealCloseMs({ ...course, ended }, terms.revealMs) ?? endedMs;
  return toMs <= Math.min(closeMs, endedMs);
}
