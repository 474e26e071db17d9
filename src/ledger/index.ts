// Ledger: accounts and money as rows under one root, and the envelope of operations. It knows no subject.
export type { Account, Lien, LienKind, Lock, LockName, LockParts, LockReason, Unbonding } from "./account.js";
export {
  ACCOUNTS,
  type AccountRow,
  accountRow,
  freeStake,
  holdings,
  lockedAmount,
  lockKey,
  lockOf,
  newAccount,
} from "./account.js";
export * from "./agent.js";
export {
  BUDGETS,
  type Budget,
  type BudgetTerms,
  behind,
  budgetTerms,
  isLive,
  levelsOf,
  OUTLAYS,
  ownerOf,
  type Payer,
  payerOf,
  treeBelow,
} from "./budget.js";
export * from "./clock.js";
export * from "./commit.js";
export * from "./conservation.js";
export { closeExpired, dropIfOver, forgetOutlays } from "./counting.js";
export {
  creditLeft,
  creditMultiplierBp,
  lockableWith,
  type Means,
  meansOf,
  ownFunds,
  type Reputation,
} from "./credit.js";
export { Deadlines, earlier } from "./deadlines.js";
export * from "./deposits.js";
export * from "./envelope.js";
export * from "./genesis.js";
export { Groups } from "./groups.js";
export { Ledger, type RowFault } from "./ledger.js";
export * from "./liens.js";
export * from "./limits.js";
export * from "./locks.js";
export * from "./member-file.js";
export type { Moment } from "./moment.js";
export * from "./money.js";
export * from "./params.js";
export { periodOf } from "./period.js";
export { type Rejection, reject } from "./rejection.js";
export * from "./row-proof.js";
export { type Place, Snapshot, SnapshotCheck, type SnapshotFault, type SnapshotRow } from "./snapshot.js";
export { earnerOf, standBehind } from "./source.js";
export * from "./spending.js";
export * from "./stake.js";
export { BUCKET_HASHES_BYTES, rootOfBuckets, StateTree } from "./state-tree.js";
export {
  DECIMAL_PART,
  type Draft,
  ID_PART,
  type Index,
  keyText,
  pathIn,
  plainTable,
  type RowKey,
  type SingleForm,
  single,
  type TableForm,
  table,
} from "./table.js";
export { TreePast } from "./tree-past.js";
export { untouchedRows } from "./untouched.js";
