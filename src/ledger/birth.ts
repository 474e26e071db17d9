// How a ledger begins: from genesis, or from the rows that an earlier run wrote.
import { type Bytes, equalBytes, err, type Hash, ok, type Result, toHex } from "../base/index.js";
import { type Account, newAccount } from "./account.js";
import { type Genesis, genesisMint } from "./genesis.js";
import { Ledger } from "./ledger.js";
import type { AgentId } from "./operation.js";
import { CLOCK_KEY, granterKey, type RowKey } from "./row-key.js";
import { type RowFault, restoreRow } from "./rows.js";

/** The state of height 0. `commitRows` gives its rows and the genesis root. @param genesis sound (`genesisFault`) */
export function createLedger(genesis: Genesis): Ledger {
  const ledger = new Ledger(genesis);
  for (const { agent, free } of genesis.accounts) accountIn(ledger, agent).free += free;
  for (const { key, agent, bond } of genesis.seats) {
    const account = accountIn(ledger, agent);
    account.stake += bond;
    account.liens.set(toHex(key), { kind: "seat", amount: bond });
  }
  for (const { agent, allowance } of genesis.granters) {
    ledger.granters.set(toHex(agent), { remaining: allowance });
    ledger.touch(granterKey(agent));
  }
  ledger.totals.minted = genesisMint(genesis);
  ledger.touchTotals();
  ledger.touchCongestion();
  ledger.touch(CLOCK_KEY);
  return ledger;
}

function accountIn(ledger: Ledger, agent: AgentId): Account {
  const known = ledger.accountOf(agent);
  if (known !== null) return known;
  const account = newAccount(agent, 0n);
  ledger.addAccount(account);
  return account;
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
  const ledger = new Ledger(genesis);
  for (const [key, value] of rows) {
    const restored = restoreRow(ledger, key, value);
    if (!restored.ok) return restored;
    ledger.tree.set(key, value);
  }
  if (expectedRoot !== null && !equalBytes(ledger.tree.root(), expectedRoot)) {
    return err({ key: "", reason: "the rows are not those of the state with this root" });
  }
  return ok(ledger);
}
