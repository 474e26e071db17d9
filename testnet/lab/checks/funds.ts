// funds: every agent ends with what it began with, whichever part of it is free, locked or staked, moved by what the log says it paid, earned, lost and was given.
import { type Hex, toHex } from "../../../src/base/index.js";
import { type AccountBook, bookOf, type Executed } from "./books.js";
import type { History } from "./history.js";
import { reckon } from "./outcome.js";
import { type PayerRates, payersOf } from "./payers.js";
import { bondLost } from "./trade-ends.js";
import { tradesOf } from "./trades.js";

export type Funds = Pick<AccountBook, "agent" | "free" | "locked" | "stake" | "unbonding">;

export interface FundsTerms extends PayerRates {
  /** accounts as genesis made them */
  readonly opening: readonly Funds[];
}

const holdingOf = ({ free, locked, stake, unbonding }: Funds): bigint =>
  unbonding.reduce((sum, { amount }) => sum + amount, free + locked + stake);

/**
 * Compares all money together: where an auction or a trade still runs, its locks are their payer's own, and stake is its
 * staker's. Who was convicted as a seat, or had too little stake for what a trade cost, is left out: there
 * `caught`, `trade-money` and `conservation` look.
 */
export function fundsWrongs(
  history: History,
  terms: FundsTerms,
  { height, accounts }: Executed,
): readonly string[] {
  const expected = expectedFunds(history, terms, height);
  const leftOut = leftOutIn(history);
  const held = new Map(accounts.map((one) => [one.agent, holdingOf(one)]));
  return [...new Set([...expected.keys(), ...held.keys()])].flatMap((agent) => {
    const has = held.get(agent) ?? 0n;
    const owed = expected.get(agent) ?? 0n;
    return has === owed || leftOut.has(agent)
      ? []
      : [`at height ${height} ${agent.slice(0, 8)} has ${has}, and the log leaves it ${owed}`];
  });
}

const leftOutIn = (history: History): ReadonlySet<Hex> =>
  new Set(
    history
      .told()
      .flatMap(({ notices }) => notices)
      .flatMap((notice) => {
        if (notice.kind === "slashed") return [toHex(notice.agent)];
        const trade = notice.kind === "trade" ? bookOf(notice.trade) : null;
        return trade?.ending != null && trade.ending.taken < trade.ending.due ? [trade.performer] : [];
      }),
  );

/** By agent: what is another's own, as budgets let it be spent, lies with whoever has locked it. */
function expectedFunds(history: History, terms: FundsTerms, height: number): ReadonlyMap<Hex, bigint> {
  const funds = new Map(terms.opening.map((one) => [one.agent, holdingOf(one)]));
  const credit = (agent: Hex, amount: bigint): void => {
    if (amount !== 0n) funds.set(agent, (funds.get(agent) ?? 0n) + amount);
  };
  const payers = payersOf(history, terms, height);
  const holder = (about: Hex, agent: Hex): Hex => payers?.holdings.holderOf(about, agent) ?? agent;
  const earner = (auction: Hex, agent: Hex): Hex => payers?.holdings.earnerOf(auction, agent) ?? agent;
  for (const [agent, amount] of payers?.paid ?? []) credit(agent, -amount);
  for (const { agent, payer, amount } of payers?.holdings.lent ?? []) {
    credit(agent, amount);
    credit(payer, -amount);
  }
  for (const { height: at, operation, isRefused, isPassedOver } of history.operations()) {
    const { authority, body } = operation;
    if (at > height || authority === null || isPassedOver) continue;
    const from = toHex(authority.from);
    if (isRefused) continue;
    if (body.kind === "transfer") credit(from, -body.amount);
    if (body.kind === "transfer") credit(toHex(body.to), body.amount);
    if (body.kind === "grant") credit(toHex(body.to), body.free + body.stake);
  }
  for (const record of history.auctions().values()) {
    const { ended } = record.course;
    const isOver = ended !== undefined && ended <= height;
    const reckoning = isOver ? reckon(history, terms, record, ended) : null;
    if (reckoning === null) continue;
    const [id, creator] = [toHex(record.id), toHex(record.creator)];
    // What is delivered is paid at the end of its trade.
    for (const { bidder, pays, receives } of record.terms.deliverMs === 0 ? reckoning.awards : []) {
      credit(holder(id, bidder), -pays);
      credit(earner(id, creator), pays);
      credit(holder(id, creator), -receives);
      credit(earner(id, bidder), receives);
    }
    for (const [bidder, lockup] of reckoning.forfeits) credit(holder(id, bidder), -lockup);
    credit(holder(id, creator), -reckoning.creatorForfeit);
  }
  for (const course of tradesOf(history, terms, height)?.courses ?? []) {
    const { id, auction, performer, buyer, ending } = course;
    if (ending === null) continue;
    const bond = bondLost(course);
    credit(earner(auction, performer), ending.received + bond);
    credit(performer, -ending.due);
    credit(holder(auction, buyer), -ending.received - ending.fee);
    credit(holder(id, buyer), -bond);
  }
  return funds;
}
