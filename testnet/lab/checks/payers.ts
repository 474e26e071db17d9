// Who pays for whom: lives through a log once more for budgets alone, told by nobody (spec/budgets).
import { type Hex, toHex } from "../../../src/base/index.js";
import type { Params } from "../../../src/ledger/params.js";
import { auctionIdOf, type BodyOf, type OperationBody } from "../../../src/market/index.js";
import type { AuctionRecord, LoggedOperation } from "./auctions.js";
import { closingWrong, openingWrong } from "./budget-openings.js";
import { BudgetTree, type Counted, type Payer } from "./budget-tree.js";
import { depositFor } from "./deposit-rates.js";
import type { History } from "./history.js";
import { Holdings } from "./holdings.js";
import { dueOf, type Turns, takeTurns } from "./log-turns.js";
import { BY_UNITS } from "./oracle/index.js";
import { type Reckoning, reckon } from "./outcome.js";
import { bondLost, type TradeCourse } from "./trade-ends.js";
import { type TradeRates, tradesOf } from "./trades.js";

export type PayerRates = TradeRates & Pick<Params, "budgetBurn" | "retainMs">;

/** What a log makes of its budgets up to a height. */
export interface Payers {
  readonly tree: BudgetTree;
  readonly holdings: Pick<Holdings, "lent" | "holderOf" | "earnerOf">;
  /** of the last entry */
  readonly period: number;
  /** what each has paid in fees, and burned for openings: for itself, and for those who spend of its funds */
  readonly paid: ReadonlyMap<Hex, bigint>;
  /** auctions, and trades that may be disputed, that the state still has */
  readonly alive: ReadonlySet<Hex>;
  /** agents whose deposits are due, so that nobody can tell yet whether they are back */
  readonly unsure: ReadonlySet<Hex>;
  /** what operations did by budgets and may not, or did not and might */
  readonly misdeeds: readonly string[];
}

/** What is due to be forgotten is, within so many entries. */
const ENTRIES_TO_FORGET = 10;

/** @param look is shown what the log makes of each height @returns of the last; null: the log does not tell */
export function payersOf(
  history: History,
  rates: PayerRates,
  upTo: number,
  look: (height: number, payers: Payers) => void = () => {},
): Payers | null {
  const courses = tradesOf(history, rates, upTo)?.courses;
  if (courses === undefined) return null;
  const due = dueOf(history, courses, rates.retainMs).map(({ record, dueMs }) => ({
    creator: toHex(record.creator),
    dueMs,
  }));
  const replay = new Replay(history, rates, courses, due, look);
  takeTurns(history, courses, rates.retainMs, upTo, (height) => replay.begin(height), replay);
  return replay.isKnown ? replay : null;
}

/** How many budgets a log opens. */
export const budgetsOpened = (history: History): number =>
  history
    .operations()
    .filter(({ operation, isRefused }) => !isRefused && operation.body.kind === "openBudget").length;

class Replay implements Payers, Turns {
  readonly tree = new BudgetTree();
  readonly holdings = new Holdings(this.tree);
  readonly paid = new Map<Hex, bigint>();
  readonly alive = new Set<Hex>();
  readonly misdeeds: string[] = [];
  isKnown = true;
  /** by auction and bidder */
  private readonly lockups = new Map<Hex, Map<Hex, bigint>>();
  private readonly bonds = new Map<Hex, bigint>();
  /** how many budgets each child was given */
  private readonly given = new Map<Hex, number>();
  private height = 0;

  constructor(
    private readonly history: History,
    private readonly rates: PayerRates,
    private readonly trades: readonly TradeCourse[],
    private readonly due: readonly { readonly creator: Hex; readonly dueMs: number }[],
    private readonly look: (height: number, payers: Payers) => void,
  ) {}

  get period(): number {
    return Math.floor((this.timeMs - this.history.pace.genesisMs) / this.rates.periodMs);
  }

  private get timeMs(): number {
    return this.history.windows().timeMs(this.height);
  }

  get unsure(): ReadonlySet<Hex> {
    const earlierMs = this.history.windows().timeMs(Math.max(0, this.height - ENTRIES_TO_FORGET));
    const late = this.due.filter(({ dueMs }) => dueMs > earlierMs && dueMs <= this.timeMs);
    return new Set(late.map(({ creator }) => creator));
  }

  begin(height: number): void {
    this.height = height;
  }

  over(height: number): void {
    if (this.isKnown) this.look(height, this);
  }

  said(logged: LoggedOperation): void {
    const { authority, body } = logged.operation;
    if (authority === null) return;
    const from = toHex(authority.from);
    const payer = this.tree.payerOf(from, this.timeMs);
    const about = this.aboutOf(logged);
    const before = this.tree.limits(payer.levels, this.period, about);
    const name = `${body.kind} ${logged.id.slice(0, 8)} of ${from.slice(0, 8)}`;
    this.judgeRefusal(logged, payer, before, name);
    if (logged.isPassedOver) return;
    const isThere = about !== null && (!logged.isRefused || this.alive.has(about));
    this.spend(payer, isThere ? about : null, authority.fee);
    if (!logged.isRefused) this.apply(body, from, payer, about);
    for (const what of exceeded(before, this.tree.limits(payer.levels, this.period, about)))
      this.wrong(`${name} ${what}`);
  }

  settled(record: AuctionRecord): void {
    const reckoning = reckon(this.history, this.rates, record, this.height);
    if (reckoning === null) this.isKnown = false;
    else this.settle(record, reckoning);
  }

  ended(trade: TradeCourse): void {
    const { id, auction, performer, buyer, ending } = trade;
    const { received, fee, returned } = ending!;
    const lost = bondLost(trade);
    this.holdings.earn(auction, performer);
    this.holdings.letGo(auction, buyer, received + fee);
    this.holdings.giveBack(auction, buyer, returned);
    this.holdings.letGo(id, buyer, lost);
    this.holdings.giveBack(id, buyer, (this.bonds.get(id) ?? 0n) - lost);
  }

  expired(): void {
    this.tree.expire(this.timeMs);
  }

  forgotten(record: AuctionRecord): void {
    const auction = toHex(record.id);
    this.holdings.giveAllBack(auction, toHex(record.creator));
    this.alive.delete(auction);
    for (const trade of this.trades) if (trade.auction === auction) this.alive.delete(trade.id);
  }

  /** The auction or dispute against whose limit it counts: one that the state has, or that it would make. */
  private aboutOf({ operation: { authority, body } }: LoggedOperation): Hex | null {
    if (body.kind === "createAuction")
      return toHex(auctionIdOf(this.history.network, authority!.from, authority!.nonce));
    const about =
      body.kind === "commit" || body.kind === "cancel"
        ? toHex(body.auction)
        : body.kind === "dispute"
          ? toHex(body.trade)
          : null;
    return about !== null && this.alive.has(about) ? about : null;
  }

  private spend(payer: Payer, about: Hex | null, amount: bigint): void {
    this.paid.set(payer.who, (this.paid.get(payer.who) ?? 0n) + amount);
    this.tree.move(payer, about, this.period, amount, 0n);
  }

  private apply(body: OperationBody, from: Hex, payer: Payer, about: Hex | null): void {
    if (body.kind === "createAuction") {
      this.alive.add(about!);
      this.take(about!, from, this.takenBy(body));
    } else if (body.kind === "commit") this.commit(body, from);
    else if (body.kind === "cancel") {
      this.holdings.giveAllBack(toHex(body.auction), from);
      this.alive.delete(toHex(body.auction));
    } else if (body.kind === "dispute") {
      this.bonds.set(toHex(body.trade), body.bond);
      this.take(toHex(body.trade), from, body.bond);
    } else if (body.kind === "openBudget") this.open(body, from, payer);
    else if (body.kind === "closeBudget") {
      const child = toHex(body.child);
      this.wrong(closingWrong(this.tree, child, from));
      if (this.tree.of(child) !== null) this.tree.close(child);
    }
  }

  private take(about: Hex, agent: Hex, amount: bigint): void {
    this.holdings.take(about, agent, amount, this.tree.payerOf(agent, this.timeMs), this.period);
  }

  private commit({ auction: id, lockup }: BodyOf<"commit">, from: Hex): void {
    const auction = toHex(id);
    const { terms } = this.history.auctions().get(auction)!;
    if (terms.direction === "buy" && terms.deliverMs > 0 && this.rates.lienBp > 0) {
      this.holdings.standBehind(auction, from, this.tree.payerOf(from, this.timeMs));
      return;
    }
    const lockups = this.lockups.get(auction) ?? new Map<Hex, bigint>();
    this.holdings.giveBack(auction, from, lockups.get(from) ?? 0n);
    this.lockups.set(auction, lockups.set(from, lockup));
    this.take(auction, from, lockup);
  }

  private open({ child: id, terms, nth }: BodyOf<"openBudget">, from: Hex, payer: Payer): void {
    const child = toHex(id);
    const had = this.given.get(child) ?? 0;
    this.wrong(openingWrong(this.tree, { from, child, nth, had, timeMs: this.timeMs }));
    this.given.set(child, had + 1);
    this.spend(payer, null, this.rates.budgetBurn);
    this.tree.open(from, child, terms);
  }

  /** What an operation locks, deposits or burns. */
  private takenBy(body: OperationBody): bigint {
    if (body.kind === "commit") return body.lockup;
    if (body.kind === "dispute") return body.bond;
    if (body.kind === "openBudget") return this.rates.budgetBurn;
    if (body.kind !== "createAuction") return 0n;
    return depositFor(body, this.timeMs, this.rates) + body.bond + ceilingOf(body);
  }

  /** Budgets refuse what does not fit, and nothing else: of what was passed over, the fee. */
  private judgeRefusal(
    { operation: { authority, body }, code, isPassedOver }: LoggedOperation,
    { hasEnded }: Payer,
    before: readonly Counted[],
    name: string,
  ): void {
    if (code === "BUDGET_ENDED" && body.kind !== "closeBudget" && !hasEnded)
      this.wrong(`${name} was refused by a budget that has not ended`);
    const most = authority!.fee + (isPassedOver ? 0n : this.takenBy(body));
    if (code === "BUDGET_EXCEEDED" && before.every((one) => one.counted + most <= one.most))
      this.wrong(`${name} was refused, although every limit has room`);
  }

  private settle(record: AuctionRecord, { awards, forfeits, creatorForfeit, isVoid }: Reckoning): void {
    const { terms } = record;
    const [auction, creator] = [toHex(record.id), toHex(record.creator)];
    const { holdings } = this;
    for (const { bidder } of awards) holdings.earn(auction, bidder);
    holdings.earn(auction, creator);
    const isPaidNow = terms.deliverMs === 0;
    const price = new Map(awards.map(({ bidder, pays }) => [bidder, pays]));
    for (const [bidder, lockup] of this.lockups.get(auction) ?? []) {
      const pays = price.get(bidder) ?? 0n;
      const gone = forfeits.has(bidder) ? lockup : isPaidNow ? pays : 0n;
      holdings.letGo(auction, bidder, gone);
      if (!forfeits.has(bidder)) holdings.giveBack(auction, bidder, lockup - pays);
    }
    const received = awards.reduce((sum, { receives }) => sum + receives, 0n);
    holdings.letGo(auction, creator, isPaidNow ? received : 0n);
    holdings.giveBack(auction, creator, ceilingOf(terms) - received);
    const deposit = depositFor(terms, this.history.windows().timeMs(record.height), this.rates);
    const isBondLost = creatorForfeit > (isVoid ? deposit : 0n);
    holdings.letGo(auction, creator, (isVoid ? deposit : 0n) + (isBondLost ? terms.bond : 0n));
    holdings.giveBack(auction, creator, isBondLost ? 0n : terms.bond);
    for (const trade of this.trades) if (trade.auction === auction) this.alive.add(trade.id);
  }

  private wrong(what: string | null): void {
    if (what !== null) this.misdeeds.push(`at height ${this.height} ${what}`);
  }
}

/** Limits that an operation has drawn on, and is beyond. */
const exceeded = (before: readonly Counted[], after: readonly Counted[]): readonly string[] =>
  after.flatMap(({ level, limit, most, counted }, i) =>
    counted > before[i]!.counted && counted > most
      ? [`makes ${counted} of ${most} ${limit} in the budget of ${level.child.slice(0, 8)}`]
      : [],
  );

/** The most that a purchase costs. */
const ceilingOf = ({ format, direction, lot, reserve }: AuctionRecord["terms"]): bigint =>
  direction === "sell" ? 0n : BY_UNITS[format.kind] ? reserve * BigInt(lot.units) : reserve;
