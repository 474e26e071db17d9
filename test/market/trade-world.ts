// Trades for tests: auctions with delivery brought to their outcome, and what must hold of locks and liens then.
import { expect } from "vitest";
import { type Bytes, toHex } from "../../src/base/index.js";
import { lienAmount, lockedAmount, lockOf } from "../../src/ledger/index.js";
import {
  AUCTIONS,
  type AuctionId,
  type AuctionTerms,
  type Bid,
  hasEnded,
  type Operation,
  type Trade,
  tradesOf,
} from "../../src/market/index.js";
import { agent, salt, type World } from "./world.js";

export const DELIVER_MS = 4000;
export const SETTLE_MS = 3000;
/** Stake that is enough for each promise of these tests. */
export const STAKE = 200_000_000n;

/** Terms of a sale of the lot as a whole. */
export const delivered = (terms: Partial<AuctionTerms> = {}): Partial<AuctionTerms> => ({
  deliverMs: DELIVER_MS,
  settleMs: SETTLE_MS,
  ...terms,
});

/** Terms of a purchase of the lot as a whole. */
export const bought = (terms: Partial<AuctionTerms> = {}): Partial<AuctionTerms> =>
  delivered({ direction: "buy", reserve: 900n, lockups: [1000n], ...terms });

/** An auction with these bids, all of them shown, once it has ended. @returns its trades, by bidder where it sells */
export function ended(
  w: World,
  creator: string,
  terms: Partial<AuctionTerms>,
  bids: Readonly<Record<string, bigint | Bid>>,
): { readonly auction: AuctionId; readonly trades: readonly Trade[] } {
  const lockup = terms.lockups?.at(-1) ?? 1000n;
  const auction = w.create(creator, terms);
  w.until(auction, "open");
  const commits = Object.entries(bids).map(([name, bid]) => w.op(name, w.commit(auction, name, bid, lockup)));
  for (const { code } of w.entry(commits).receipts) expect(code).toBeNull();
  w.until(auction, "reveal");
  w.entry(Object.entries(bids).map(([name, bid]) => w.reveal(auction, name, bid)));
  w.until(auction, "done");
  return { auction, trades: tradesOf(w.ledger, auction) };
}

/** The one trade of an auction. */
export function oneTrade(
  w: World,
  creator: string,
  terms: Partial<AuctionTerms>,
  bids: Readonly<Record<string, bigint>>,
): Trade {
  const { trades } = ended(w, creator, terms, bids);
  expect(trades).toHaveLength(1);
  return { ...trades[0]! };
}

export const deliver = (w: World, who: string, trade: Bytes, ahead = 0): Operation =>
  w.op(who, { kind: "deliver", trade, hash: salt("work") }, ahead);
export const accept = (w: World, who: string, trade: Bytes, ahead = 0): Operation =>
  w.op(who, { kind: "accept", trade }, ahead);
export const fail = (w: World, who: string, trade: Bytes, ahead = 0): Operation =>
  w.op(who, { kind: "fail", trade }, ahead);

export const codesOf = (w: World, ops: readonly Operation[], afterMs = 50): readonly (string | null)[] =>
  w.entry(ops, { afterMs }).receipts.map(({ code }) => code);

/** Each ended auction's locks and liens are those of its open trades, and nothing more. */
export function auditTrades({ ledger }: World): void {
  for (const { id, phase, terms } of ledger.table(AUCTIONS).values()) {
    if (phase.kind !== "done") continue;
    const open = tradesOf(ledger, id).filter((trade) => !hasEnded(trade));
    const sums = (part: (trade: Trade) => readonly [who: Bytes, amount: bigint]) => {
      const sum = new Map<string, bigint>();
      for (const [who, amount] of open.map(part)) sum.set(toHex(who), (sum.get(toHex(who)) ?? 0n) + amount);
      return sum;
    };
    const reason = terms.direction === "sell" ? "bid" : "ceiling";
    for (const [who, sum] of sums(({ buyer, price }) => [buyer, price])) {
      const lock = lockOf(ledger.accountOf(Uint8Array.from(Buffer.from(who, "hex")))!, { id, reason });
      expect(lock === null ? 0n : lockedAmount(lock)).toBe(sum);
    }
    for (const [who, sum] of sums(({ performer, lien }) => [performer, lien]))
      expect(lienAmount(ledger.accountOf(Uint8Array.from(Buffer.from(who, "hex")))!, id)).toBe(sum);
  }
}

export const accountOf = (w: World, name: string) => w.ledger.accountOf(agent(name))!;
