// liens: what of stake answers for trades is the parts of those that run and of sales and asks without an outcome; free stake is never below zero (spec/trades#liens).
import { type Hex, toHex } from "../../../src/base/index.js";
import type { AuctionRecord } from "./auctions.js";
import type { AccountBook, Executed } from "./books.js";
import type { History } from "./history.js";
import { lienOf, type TradeRates, tradesOf } from "./trades.js";

export function lienWrongs(
  history: History,
  rates: TradeRates,
  { height, accounts }: Executed,
): readonly string[] {
  const owed = expectedLiens(history, rates, height);
  if (owed === null) return [];
  return accounts.flatMap((account) =>
    wrongsWith(account, owed.get(account.agent) ?? new Map()).map(
      (what) => `at height ${height} ${account.agent.slice(0, 8)} ${what}`,
    ),
  );
}

function wrongsWith({ stake, liens }: AccountBook, owed: ReadonlyMap<Hex, bigint>): readonly string[] {
  const free = liens.reduce((left, { amount }) => left - amount, stake);
  const held = new Map(liens.filter(({ kind }) => kind === "trade").map(({ id, amount }) => [id, amount]));
  const wrongs = [...new Set([...held.keys(), ...owed.keys()])].flatMap((auction) => {
    const [has, due] = [held.get(auction) ?? 0n, owed.get(auction) ?? 0n];
    return has === due
      ? []
      : [`has ${has} under a lien for auction ${auction.slice(0, 8)}, and the log puts ${due} there`];
  });
  return free < 0n ? [...wrongs, `has ${free} of free stake`] : wrongs;
}

/** By agent and auction; null: the log does not tell. */
function expectedLiens(
  history: History,
  rates: TradeRates,
  height: number,
): ReadonlyMap<Hex, ReadonlyMap<Hex, bigint>> | null {
  const trades = tradesOf(history, rates, height);
  if (trades === null) return null;
  const owed = new Map<Hex, Map<Hex, bigint>>();
  const set = (agent: Hex, auction: Hex, amount: bigint): void => {
    const own = owed.get(agent) ?? new Map<Hex, bigint>();
    if (amount === 0n) own.delete(auction);
    else own.set(auction, amount);
    owed.set(agent, own);
  };
  for (const record of history.auctions().values()) {
    if (record.height > height || hasOutcome(record, height)) continue;
    set(toHex(record.creator), toHex(record.id), lienOf(record.terms, rates));
    if (record.terms.direction === "sell" || record.terms.deliverMs === 0 || rates.lienBp === 0) continue;
    for (const { height: at, operation } of record.operations) {
      const { body, authority } = operation;
      if (at <= height && body.kind === "commit") set(toHex(authority!.from), toHex(record.id), body.lockup);
    }
  }
  for (const { performer, auction, lien, ending } of trades.courses) {
    if (ending !== null) continue;
    set(performer, auction, (owed.get(performer)?.get(auction) ?? 0n) + lien);
  }
  return owed;
}

const hasOutcome = ({ course: { ended }, operations }: AuctionRecord, height: number): boolean =>
  (ended !== undefined && ended <= height) ||
  operations.some((one) => one.height <= height && one.operation.body.kind === "cancel");
