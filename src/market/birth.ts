// How a ledger begins: from genesis, or from the rows that an earlier run wrote.
import { type Bytes, equalBytes, err, type Hash, ok, type Result, toHex } from "../base/index.js";
import {
  ACCOUNTS,
  type Account,
  type AgentId,
  type Draft,
  type Genesis,
  genesisMint,
  Ledger,
  newAccount,
  type RowFault,
  type RowKey,
  TOTALS,
} from "../ledger/index.js";
import { GRANTERS } from "./money/money.js";
import { SINGLES, TABLES } from "./subjects.js";

/** A state without accounts: nobody owns anything. */
export const emptyLedger = (genesis: Genesis): Ledger => new Ledger(genesis, TABLES, SINGLES);

/** The state of height 0. `commitRows` gives its rows and the genesis root. @param genesis sound (`genesisFault`) */
export function createLedger(genesis: Genesis): Ledger {
  const ledger = emptyLedger(genesis);
  const change = (agent: AgentId, write: (account: Draft<Account>) => void): void => {
    if (ledger.accountOf(agent) === null) ledger.put(ACCOUNTS, agent, newAccount(agent, 0n));
    ledger.change(ACCOUNTS, agent, write);
  };
  for (const { agent, free, stake } of genesis.accounts) {
    change(agent, (account) => {
      account.free += free;
      account.stake += stake;
    });
  }
  for (const { key, agent, bond } of genesis.seats) {
    change(agent, (account) => {
      account.stake += bond;
      account.liens.set(toHex(key), { kind: "seat", amount: bond });
    });
  }
  for (const { agent, allowance } of genesis.granters) ledger.put(GRANTERS, agent, { remaining: allowance });
  for (const form of SINGLES) ledger.touched.add(form.name);
  ledger.changeOne(TOTALS, (totals) => {
    totals.minted = genesisMint(genesis);
  });
  return ledger;
}

/**
 * The ledger whose rows these are, in any order.
 * @param expectedRoot the root that was certified for this state; null: it is not known, and not compared
 * @returns the ledger, with nothing touched; or which row is damaged, or that the rows are not that state's
 */
export function restoreLedger(
  genesis: Genesis,
  rows: Iterable<readonly [key: RowKey, value: Bytes]>,
  expectedRoot: Hash | null,
): Result<Ledger, RowFault> {
  const ledger = emptyLedger(genesis);
  for (const [key, value] of rows) {
    const restored = ledger.restore(key, value);
    if (!restored.ok) return restored;
    ledger.tree.set(key, value);
  }
  if (expectedRoot !== null && !equalBytes(ledger.tree.root(), expectedRoot)) {
    return err({ key: "", reason: "the rows are not those of the state with this root" });
  }
  return ok(ledger);
}
