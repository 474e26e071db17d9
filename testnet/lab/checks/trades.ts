// The trades that follow from a log: who owes what to whom at which price, and how each ended — told by nobody (spec/trades).
import { type Hex, toHex, unreachable } from "../../../src/base/index.js";
import { taggedHash } from "../../../src/crypto/index.js";
import type { Params } from "../../../src/ledger/params.js";
import type { BodyOf } from "../../../src/market/index.js";
import type { AuctionRecord, LoggedOperation } from "./auctions.js";
import type { DepositRates } from "./deposit-rates.js";
import {
  type DisputeCourse,
  type DisputeRates,
  jurySize,
  leastBond,
  seatOfJuror,
  verdictOf,
} from "./disputes.js";
import type { History } from "./history.js";
import { Ladder } from "./ladder.js";
import { reckon } from "./outcome.js";
import { type End, type Ending, endingOf, type TradeCourse } from "./trade-ends.js";

export type TradeRates = DepositRates & DisputeRates & Pick<Params, "lienBp" | "tradeFeeBp" | "periodMs">;

/** What a log makes of its trades. */
export interface Trades {
  readonly courses: readonly TradeCourse[];
  /** what the log's operations did to trades and may not, or did not and should */
  readonly misdeeds: readonly string[];
}

/** Trades that one entry may end by their deadlines. */
const MOST_ENDS = 128;
const WHOLE_BP = 10_000n;

type Saying = BodyOf<"deliver" | "accept" | "fail" | "dispute" | "verdict">;

interface Open extends Omit<TradeCourse, "ending" | "dispute"> {
  dispute: DisputeCourse | null;
  ending: Ending | null;
  readonly settleMs: number;
  stage: "due" | "delivered" | "disputed";
  /** live time up to which somebody is waited for */
  deadlineMs: number;
}

/** How a trade ends in which nobody says a word in time. */
const SILENCE = { due: "timedOut", delivered: "unopposed", disputed: "hung" } as const;

/** Codes by which a trade's own rules refuse. */
const REFUSALS = new Set<string>([
  "TRADE_UNKNOWN",
  "NOT_THE_PERFORMER",
  "NOT_THE_BUYER",
  "TRADE_ENDED",
  "TRADE_NOT_DUE",
  "TRADE_NOT_DELIVERED",
  "TRADE_DEADLINE_PASSED",
  "NOT_A_JUROR",
  "JUROR_IS_PARTY",
  "NO_JURY",
  "TRADE_NOT_DISPUTED",
  "DISPUTE_BOND_TOO_SMALL",
  "VERDICT_REPEATED",
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
    const end = (trade: Open, how: End): void => {
      trade.ending = endingOf(trade, how, height, rates, ladder);
    };
    for (const trade of overdue(all.values(), liveMs)) end(trade, { cause: SILENCE[trade.stage] });
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
      const wrong = hear(all, logged, liveMs, rates, end);
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
  switch (body.kind) {
    case "deliver":
    case "accept":
    case "fail":
    case "dispute":
    case "verdict":
      return body;
    default:
      return null;
  }
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
      stage: "due",
      dispute: null,
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
  liveMs: number,
  rates: TradeRates,
  end: (trade: Open, how: End) => void,
): string | null {
  const body = saying(logged)!;
  const from = toHex(logged.operation.authority!.from);
  const trade = all.get(toHex(body.trade));
  const may = trade !== undefined && isAllowed(trade, body, from, liveMs, rates);
  const says = `${body.kind} of trade ${toHex(body.trade).slice(0, 8)}`;
  if (logged.isRefused)
    return may && REFUSALS.has(logged.code ?? "") ? `${says} was refused (${logged.code})` : null;
  if (!may) return `${says} was applied`;
  if (body.kind === "deliver") {
    trade.stage = "delivered";
    trade.deadlineMs = liveMs + trade.settleMs;
  } else if (body.kind === "dispute") {
    trade.stage = "disputed";
    trade.dispute = { bond: body.bond, votes: [] };
    trade.deadlineMs = liveMs + rates.verdictMs;
  } else if (body.kind === "verdict") {
    const { bond, votes } = trade.dispute!;
    const vote = { seat: seatOfJuror(from, trade, rates.seats)!, share: body.share };
    trade.dispute = { bond, votes: [...votes, vote] };
    const verdict = verdictOf(trade.dispute.votes, jurySize(trade, rates.seats));
    if (verdict !== null) end(trade, verdict);
  } else end(trade, { cause: body.kind === "accept" ? "accepted" : "failed" });
  return null;
}

function isAllowed(trade: Open, body: Saying, from: Hex, liveMs: number, rates: TradeRates): boolean {
  if (trade.ending !== null || liveMs > trade.deadlineMs) return false;
  const { stage, performer, buyer, price } = trade;
  switch (body.kind) {
    case "deliver":
    case "fail":
      return from === performer && stage === "due";
    case "accept":
      return from === buyer && stage === "delivered";
    case "dispute":
      return (
        from === buyer &&
        stage === "delivered" &&
        jurySize(trade, rates.seats) > 0 &&
        body.bond >= leastBond(price, rates)
      );
    case "verdict": {
      const seat = seatOfJuror(from, trade, rates.seats);
      return seat !== null && stage === "disputed" && trade.dispute!.votes.every((one) => one.seat !== seat);
    }
    default:
      return unreachable(body);
  }
}
