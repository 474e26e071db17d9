// Books: where a peer's ledger says that all money is, added up row by row and not by the ledger itself.
import { toHex } from "../../src/base/index.js";
import { ACCOUNTS, type Ledger, TOTALS } from "../../src/ledger/index.js";
import type { Account, Books } from "../checks/testimony.js";
import type { WatchedPeer } from "./watched-peer.js";

const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((total, amount) => total + amount, 0n);

/** Every account's money, by agent. */
export const accountsOf = (ledger: Ledger): readonly Account[] =>
  [...ledger.table(ACCOUNTS).values()].map((account) => ({
    agent: toHex(account.id),
    free: account.free,
    locked:
      account.deposits +
      sum([...account.locks.values()].map(({ fromFree, fromStake }) => fromFree + fromStake)),
    stake: account.stake,
  }));

export function booksOf({ ledger, tip }: WatchedPeer["peer"]): Books {
  const holdings = accountsOf(ledger).flatMap(({ agent, free, locked, stake }) => [
    { what: `free of ${agent}`, amount: free },
    { what: `locked of ${agent}`, amount: locked },
    { what: `stake of ${agent}`, amount: stake },
  ]);
  const unbonding = [...ledger.table(ACCOUNTS).values()].flatMap((account) =>
    account.unbonding.map(({ amount }) => amount),
  );
  return {
    height: tip.height,
    minted: ledger.one(TOTALS).minted,
    holdings: [
      ...holdings,
      { what: "unbonding", amount: sum(unbonding) },
      { what: "burned", amount: ledger.one(TOTALS).burned },
      { what: "insurance", amount: ledger.one(TOTALS).insurance },
    ],
  };
}
