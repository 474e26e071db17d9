// funds: every agent ends with what it began with, whichever part of it is free, locked or staked, moved by what the log says it paid, earned, lost and was given.
import { type Hex, toHex } from "../../../src/base/index.js";
import { type AccountBook, bookOf, type Executed } from "./books.js";
import type { History } from "./history.js";
import { reckon } from "./outcome.js";
import { bondLost } from "./trade-ends.js";
import { type TradeRates, tradesOf } from "./trades.js";

export type Funds = Pick<AccountBook, "agent" | "free" | "locked" | "stake" | "unbonding">;

export interface FundsTerms extends TradeRates {
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

/** By agent. */
function expectedFunds(history: History, terms: FundsTerms, height: number): ReadonlyMap<Hex, bigint> {
  const funds = new Map(terms.opening.map((one) => [one.agent, holdingOf(one)]));
  const credit = (agent: Hex, amount: bigint): void => {
    if (amount !== 0n) funds.set(agent, (funds.get(agent) ?? 0n) + amount);
  };
  for (const { height: at, operation, isRefused, isPassedOver } of history.operations()) {
    const { authority, body } = operation;
    if (at > height || authority === null || isPassedOver) continue;
    const from = toHex(authority.from);
    credit(from, -authority.fee);
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
    const creator = toHex(record.creator);
    // What is delivered is paid at the end of its trade.
    for (const { bidder, pays, receives } of record.terms.deliverMs === 0 ? reckoning.awards : []) {
      credit(bidder, receives - pays);
      credit(creator, pays - receives);
    }
    for (const [bidder, lockup] of reckoning.forfeits) credit(bidder, -lockup);
    credit(creator, -reckoning.creatorForfeit);
  }
  for (const course of tradesOf(history, terms, height)?.courses ?? []) {
    const { performer, buyer, ending } = course;
    if (ending === null) continue;
    const bond = bondLost(course);
    credit(performer, ending.received + bond - ending.due);
    credit(buyer, -ending.received - ending.fee - bond);
  }
  return funds;
}
