// What everybody owes, reckoned from auctions, bids, trades and budgets alone: of money that is not free no other is there.
import { expect } from "vitest";
import { type Hash, toHex } from "../../src/base/index.js";
import {
  ACCOUNTS,
  type AgentId,
  BUDGETS,
  conservation,
  type LockReason,
  lockKey,
  OUTLAYS,
} from "../../src/ledger/index.js";
import {
  AUCTIONS,
  type Auction,
  COMMITS,
  ceilingOf,
  commitsOf,
  depositOf,
  isEnded,
  STANDINGS,
  TALLIES,
  TRADES,
  type Trade,
  tradesOf,
} from "../../src/market/index.js";
import type { World } from "./world.js";

/** An assertion of what is asked a million times. @param what says which, where it fails */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

type Sums = Map<string, bigint>;
const add = (sums: Sums, key: string, amount: bigint): void => {
  if (amount > 0n) sums.set(key, (sums.get(key) ?? 0n) + amount);
};

/** Sums by account and what they are for. */
interface Owed {
  readonly locks: Sums;
  /** of trades: seats' bonds have no row that says how much is left of them */
  readonly liens: Sums;
  readonly deposits: Sums;
}

const lock = (owed: Owed, who: AgentId, id: Hash, reason: LockReason, amount: bigint): void =>
  add(owed.locks, `${toHex(who)} ${lockKey({ id, reason })}`, amount);
const lien = (owed: Owed, who: AgentId, id: Hash, amount: bigint): void =>
  add(owed.liens, `${toHex(who)} ${toHex(id)}`, amount);

const partOf = (value: bigint, bp: number): bigint => (value * BigInt(bp) + 9999n) / 10_000n;

/** While an auction runs: what it was created with, and each bid's lockup. */
function oweRunning(world: World, owed: Owed, { id, creator, terms }: Auction): void {
  const { lienBp } = world.ledger.params;
  const promises = terms.deliverMs > 0;
  lock(owed, creator, id, "bond", terms.bond);
  lock(owed, creator, id, "ceiling", ceilingOf(terms));
  if (terms.direction === "sell" && promises)
    lien(owed, creator, id, partOf(terms.value ?? terms.lockups.at(-1)!, lienBp));
  for (const { bidder, lockup } of commitsOf(world.ledger, id)) {
    if (terms.direction === "buy" && promises && lienBp > 0) lien(owed, bidder, id, lockup);
    else lock(owed, bidder, id, "bid", lockup);
  }
}

/** While a trade runs: its price, its part of the lien, and the bond of its dispute. */
function oweTrade(owed: Owed, { direction }: Auction["terms"], trade: Trade): void {
  const { id, auction, buyer, performer, price, state } = trade;
  if (state.kind === "ended") return;
  lock(owed, buyer, auction, direction === "sell" ? "bid" : "ceiling", price);
  lien(owed, performer, auction, trade.lien);
  if (state.kind === "disputed") lock(owed, buyer, id, "dispute", state.dispute.bond);
}

function owedIn(world: World): Owed {
  const { ledger } = world;
  const owed: Owed = { locks: new Map(), liens: new Map(), deposits: new Map() };
  for (const auction of ledger.table(AUCTIONS).values()) {
    const { creator, terms, createdMs, phase } = auction;
    if (phase.kind !== "void") add(owed.deposits, toHex(creator), depositOf(terms, createdMs, ledger.params));
    if (!isEnded(phase)) oweRunning(world, owed, auction);
  }
  for (const trade of ledger.table(TRADES).values())
    oweTrade(owed, ledger.get(AUCTIONS, trade.auction)!.terms, trade);
  return owed;
}

/** What accounts say that they have locked, deposited and under liens. */
function heldIn({ ledger }: World): Owed {
  const held: Owed = { locks: new Map(), liens: new Map(), deposits: new Map() };
  const bonds = new Set(ledger.genesis.seats.map((seat) => `${toHex(seat.agent)} ${toHex(seat.key)}`));
  for (const { id, locks, liens, deposits } of ledger.table(ACCOUNTS).values()) {
    const who = toHex(id);
    for (const [name, { fromFree, fromStake }] of locks) {
      must(fromFree >= 0n && fromStake >= 0n && fromFree + fromStake > 0n, `a lock of nothing: ${name}`);
      add(held.locks, `${who} ${name}`, fromFree + fromStake);
    }
    for (const [name, { kind, amount }] of liens) {
      must(amount > 0n, `a lien of nothing: ${name}`);
      if (kind === "trade") add(held.liens, `${who} ${name}`, amount);
      else must(kind === "seat" && bonds.has(`${who} ${name}`), `a bond of no seat: ${name}`);
    }
    add(held.deposits, who, deposits);
  }
  return held;
}

const isSame = (one: Sums, other: Sums): boolean =>
  one.size === other.size && [...one].every(([key, amount]) => other.get(key) === amount);

/** What is locked, deposited and under liens is what somebody waits for, by account and by cause, to the last micro-credit. */
export function auditObligations(world: World): void {
  const [held, owed] = [heldIn(world), owedIn(world)];
  const parts = ["locks", "liens", "deposits"] as const;
  if (!parts.every((part) => isSame(held[part], owed[part]))) expect(held).toEqual(owed);
}

/** Each row says something, and names only what is there. */
export function auditRows({ ledger }: World): void {
  const auctions = ledger.table(AUCTIONS);
  for (const path of ledger.table(COMMITS).keys())
    must(auctions.has(path.split("/")[0]!), `a bid of no auction: ${path}`);
  for (const { id, commits, reveals } of auctions.values()) {
    const bids = commitsOf(ledger, id);
    const shown = bids.filter(({ opening }) => opening !== null).length;
    must(bids.length === commits && shown === reveals, `bids are not counted: ${toHex(id)}`);
  }
  for (const { id, auction } of ledger.table(TRADES).values())
    must(ledger.table(TALLIES).has(auction), `a trade that is not counted: ${toHex(id)}`);
  for (const path of ledger.table(TALLIES).keys()) {
    const trades = tradesOf(ledger, auctions.get(path)!.id);
    const open = trades.filter(({ state }) => state.kind !== "ended").length;
    must(trades.length > 0 && ledger.get(TALLIES, path)!.open === open, `trades are not counted: ${path}`);
  }
  for (const { recent, weight, score } of ledger.table(STANDINGS).values())
    must(recent.length > 0 || weight > 0 || score !== 5000, "a standing that says nothing");
  for (const path of ledger.table(OUTLAYS).keys()) {
    const about = path.split("/")[0]!;
    must(auctions.has(about) || ledger.table(TRADES).has(about), `an outlay in nothing: ${path}`);
  }
}

/** Each budget holds what it and those below it have locked and deposited of its owner's, and is there for a reason. */
export function auditBudgets({ ledger }: World): void {
  const budgets = ledger.table(BUDGETS);
  const held: Sums = new Map([...budgets.keys()].map((child) => [child, 0n]));
  const back = (agent: string, id: Hash, amount: bigint): void => {
    if ((ledger.get(OUTLAYS, [toHex(id), agent])?.backedIn ?? null) === null) return;
    for (let one = budgets.get(agent); one !== null; one = budgets.get(one.owner))
      held.set(toHex(one.child), held.get(toHex(one.child))! + amount);
  };
  for (const account of ledger.table(ACCOUNTS).values())
    for (const { id, fromFree } of account.locks.values()) back(toHex(account.id), id, fromFree);
  for (const { id, creator, terms, createdMs, phase } of ledger.table(AUCTIONS).values())
    if (phase.kind !== "void") back(toHex(creator), id, depositOf(terms, createdMs, ledger.params));
  const owners = new Set([...budgets.values()].map(({ owner }) => toHex(owner)));
  for (const { child, state, held: said, spent, inPeriod } of budgets.values()) {
    const name = toHex(child);
    must(
      said === held.get(name),
      `what is held is not what is backed: ${said}, ${held.get(name)} of ${name}`,
    );
    must(said <= spent && inPeriod >= 0n, `more is held than spent: ${name}`);
    must(state === "open" || said > 0n || owners.has(name), `a budget that is over: ${name}`);
  }
}

/** No money was made or lost, and none is owed by who has it not. @param minted what genesis and grants have made */
export function auditMoney({ ledger }: World, minted: bigint): void {
  const parts = conservation(ledger);
  must(
    parts.holds && parts.minted === minted,
    `${minted} were minted, and there is ${JSON.stringify(parts, text)}`,
  );
  must(parts.burned >= 0n && parts.insurance >= 0n, "less than nothing has gone");
  for (const { id, free, stake, slashDebt, deposits, unbonding, liens } of ledger.table(ACCOUNTS).values()) {
    let freeStake = stake;
    for (const { amount } of liens.values()) freeStake -= amount;
    must(
      free >= 0n && freeStake >= 0n && slashDebt >= 0n && deposits >= 0n,
      `less than nothing is ${toHex(id)}'s`,
    );
    must(
      unbonding.every(({ amount }) => amount > 0n),
      `nothing unbonds of ${toHex(id)}`,
    );
    must(slashDebt === 0n || unbonding.length === 0, `${toHex(id)} owes, and withdraws`);
  }
}

const text = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}` : value);
