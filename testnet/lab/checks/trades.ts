// The trades that follow from a log: who owes what to whom at which price, and how each ended — told by nobody (spec/trades).
import { type Hex, toHex } from "../../../src/base/index.js";
import { taggedHash } from "../../../src/crypto/index.js";
import type { Params } from "../../../src/ledger/params.js";
import type { BodyOf } from "../../../src/market/index.js";
import type { AuctionRecord, LoggedOperation } from "./auctions.js";
import type { DepositRates } from "./deposit-rates.js";
import type { History } from "./history.js";
import { Ladder } from "./ladder.js";
import { reckon } from "./outcome.js";

export type TradeRates = DepositRates & Pick<Params, "lienBp" | "tradeFeeBp" | "periodMs">;

export type Cause = "accepted" | "unopposed" | "failed" | "timedOut";

export interface Ending {
  readonly cause: Cause;
  readonly height: number;
  /** by the performer; the rest of what it was due burns */
  readonly received: bigint;
  readonly fee: bigint;
  readonly returned: bigint;
  /** what the performer pays out of its stake for ending so; 0: nothing, or it was a warning */
  readonly due: bigint;
}

export interface TradeCourse {
  readonly id: Hex;
  readonly auction: Hex;
  readonly performer: Hex;
  readonly buyer: Hex;
  readonly price: bigint;
  /** of the performer's stake */
  readonly lien: bigint;
  readonly ending: Ending | null;
}

/** What a log makes of its trades. */
export interface Trades {
  readonly courses: readonly TradeCourse[];
  /** what the log's operations did to trades and may not, or did not and should */
  readonly misdeeds: readonly string[];
}

/** Trades that one entry may end by their deadlines. */
const MOST_ENDS = 256;
const WHOLE_BP = 10_000n;

type Saying = BodyOf<"deliver" | "accept" | "fail">;

interface Open extends Omit<TradeCourse, "ending"> {
  ending: Ending | null;
  readonly settleMs: number;
  isDelivered: boolean;
  /** live time up to which somebody is waited for */
  deadlineMs: number;
}

/** Codes by which a trade's own rules refuse. */
const REFUSALS = new Set<string>([
  "TRADE_UNKNOWN",
  "NOT_THE_PERFORMER",
  "NOT_THE_BUYER",
  "TRADE_ENDED",
  "TRADE_NOT_DUE",
  "TRADE_NOT_DELIVERED",
  "TRADE_DEADLINE_PASSED",
]);

/** Lives through the log up to a height, entry by entry: deadlines, outcomes, operations. Null: the log does not tell. */
export function tradesOf(history: History, rates: TradeRates, upTo: number): Trades | null {
  const windows = history.windows();
  const ends = outcomesOf(history, upTo);
  const said = sayingsOf(history, upTo);
  const all = new Map<Hex, Open>();
  const ladder = new Ladder((height) => (windows.timeMs(height) - history.pace.genesisMs) / rates.periodMs);
  const misdeeds: string[] = [];
  for (let height = 1; height <= upTo; height++) {
    const timeMs = windows.timeMs(height);
    const liveMs = timeMs - windows.outagesMs(height);
    for (const trade of overdue(all.values(), liveMs))
      end(trade, trade.isDelivered ? "unopposed" : "timedOut", height, rates, ladder);
    for (const record of ends.get(height) ?? []) {
      const reckoning = reckon(history, rates, record, height);
      if (reckoning === null) return null;
      const awards = reckoning.awards.map(({ bidder, pays, receives }) => ({
        bidder,
        price: pays + receives,
      }));
      const fromMs = Math.max(timeMs, record.terms.lot.fromMs ?? 0);
      const deadlineMs = fromMs + record.terms.deliverMs - windows.outagesMs(height);
      for (const trade of begun(record, awards, rates)) all.set(trade.id, { ...trade, deadlineMs });
    }
    for (const logged of said.get(height) ?? []) {
      const wrong = hear(all, logged, { height, liveMs }, rates, ladder);
      if (wrong !== null) misdeeds.push(`at height ${height} ${wrong}`);
    }
  }
  return { courses: [...all.values()], misdeeds };
}

const overdue = (all: Iterable<Open>, liveMs: number): readonly Open[] =>
  [...all]
    .filter(({ ending, deadlineMs }) => ending === null && deadlineMs < liveMs)
    .sort((a, b) => a.deadlineMs - b.deadlineMs || (a.id < b.id ? -1 : 1))
    .slice(0, MOST_ENDS);

/** Auctions with delivery by the height that settled them, each in the order in which they were created. */
function outcomesOf(history: History, upTo: number): ReadonlyMap<number, readonly AuctionRecord[]> {
  const ends = new Map<number, AuctionRecord[]>();
  for (const record of history.auctions().values()) {
    const { ended } = record.course;
    if (record.terms.deliverMs === 0 || ended === undefined || ended > upTo) continue;
    ends.set(ended, [...(ends.get(ended) ?? []), record]);
  }
  return ends;
}

function sayingsOf(history: History, upTo: number): ReadonlyMap<number, readonly LoggedOperation[]> {
  const said = new Map<number, LoggedOperation[]>();
  for (const one of history.operations()) {
    if (one.height > upTo || saying(one) === null) continue;
    said.set(one.height, [...(said.get(one.height) ?? []), one]);
  }
  return said;
}

function saying({ operation: { body } }: LoggedOperation): Saying | null {
  return body.kind === "deliver" || body.kind === "accept" || body.kind === "fail" ? body : null;
}

/** ⌈part of value⌉ is kept of a sale's stake, and each trade has its share of that; who is bought from answers with its lockup. */
function begun(
  { id, creator, terms, operations }: AuctionRecord,
  awards: readonly { readonly bidder: Hex; readonly price: bigint }[],
  rates: TradeRates,
): readonly Omit<Open, "deadlineMs">[] {
  const sum = awards.reduce((total, { price }) => total + price, 0n);
  const held = lienOf(terms, rates);
  const wanted = stakeFor(sum, rates);
  const kept = held < wanted ? held : wanted;
  const lockups = new Map<Hex, bigint>();
  for (const { operation } of operations) {
    const { body, authority } = operation;
    if (body.kind === "commit") lockups.set(toHex(authority!.from), body.lockup);
  }
  return awards.map(({ bidder, price }) => {
    const isSale = terms.direction === "sell";
    const [performer, buyer] = isSale ? [toHex(creator), bidder] : [bidder, toHex(creator)];
    const share = sum === 0n ? 0n : (kept * price) / sum;
    const lockup = rates.lienBp === 0 ? 0n : lockups.get(bidder)!;
    return {
      id: toHex(taggedHash("trade", id, bytesOf(performer), bytesOf(buyer))),
      auction: toHex(id),
      performer,
      buyer,
      price,
      lien: isSale ? share : lockup,
      settleMs: terms.settleMs,
      isDelivered: false,
      ending: null,
    };
  });
}

const bytesOf = (hex: Hex): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

/** ⌈`lienBp` of a value⌉. */
const stakeFor = (value: bigint, { lienBp }: Pick<TradeRates, "lienBp">): bigint => {
  const parts = value * BigInt(lienBp);
  return parts / WHOLE_BP + (parts % WHOLE_BP === 0n ? 0n : 1n);
};

/** What a sale with delivery takes of its creator's stake at its creation. */
export function lienOf(
  { direction, deliverMs, value, lockups }: AuctionRecord["terms"],
  rates: Pick<TradeRates, "lienBp">,
): bigint {
  if (direction === "buy" || deliverMs === 0) return 0n;
  const highest = lockups.reduce((most, one) => (one > most ? one : most), 0n);
  return stakeFor(value ?? highest, rates);
}

/** What an operation about a trade does; what is wrong with its fate, if anything. */
function hear(
  all: ReadonlyMap<Hex, Open>,
  logged: LoggedOperation,
  at: { readonly height: number; readonly liveMs: number },
  rates: TradeRates,
  ladder: Ladder,
): string | null {
  const body = saying(logged)!;
  const trade = all.get(toHex(body.trade));
  const may =
    trade !== undefined && isAllowed(trade, body, toHex(logged.operation.authority!.from), at.liveMs);
  const says = `${body.kind} of trade ${toHex(body.trade).slice(0, 8)}`;
  if (logged.isRefused)
    return may && REFUSALS.has(logged.code ?? "") ? `${says} was refused (${logged.code})` : null;
  if (!may) return `${says} was applied`;
  if (body.kind === "deliver") {
    trade.isDelivered = true;
    trade.deadlineMs = at.liveMs + trade.settleMs;
  } else end(trade, body.kind === "accept" ? "accepted" : "failed", at.height, rates, ladder);
  return null;
}

function isAllowed(trade: Open, body: Saying, from: Hex, liveMs: number): boolean {
  if (trade.ending !== null || liveMs > trade.deadlineMs) return false;
  const isBuyers = body.kind === "accept";
  return from === (isBuyers ? trade.buyer : trade.performer) && trade.isDelivered === isBuyers;
}

function end(trade: Open, cause: Cause, height: number, { tradeFeeBp }: TradeRates, ladder: Ladder): void {
  const isPaid = cause === "accepted" || cause === "unopposed";
  const earned = isPaid ? trade.price : 0n;
  const received = (earned * (WHOLE_BP - BigInt(tradeFeeBp))) / WHOLE_BP;
  const due = cause === "failed" || cause === "timedOut" ? ladder.dueFor(trade, cause, height) : 0n;
  trade.ending = { cause, height, received, fee: earned - received, returned: trade.price - earned, due };
}
