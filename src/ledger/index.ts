// Ledger: accounts, locks, stake and auctions as rows under one root; operations, and the rules of money.
export type { Account, Lien, LienKind, Lock, Unbonding } from "./account.js";
export {
  ACCOUNTS,
  type AccountRow,
  accountRow,
  freeStake,
  holdings,
  lockedAmount,
  newAccount,
} from "./account.js";
export { LEDGER_RULES } from "./articles.js";
export * from "./auction.js";
export * from "./auctions.js";
export * from "./birth.js";
export * from "./clock.js";
export * from "./commit.js";
export * from "./conservation.js";
export * from "./context.js";
export * from "./deposit.js";
export * from "./face.js";
export * from "./genesis.js";
export { Ledger, type RowFault } from "./ledger.js";
export * from "./limits.js";
export * from "./money.js";
export * from "./operation.js";
export * from "./params.js";
export * from "./records.js";
export { RevealLoad, type Stretch } from "./reveal-load.js";
export * from "./row-proof.js";
export * from "./rulebook.js";
export * from "./sender.js";
export * from "./slashing.js";
export { StateTree } from "./state-tree.js";
export { type Draft, keyText, type RowKey } from "./table.js";
export { TreePast } from "./tree-past.js";
export { untouchedRows } from "./untouched.js";
