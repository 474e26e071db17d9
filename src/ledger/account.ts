// Accounts: what an agent owns, in which of its states, and in which order its operations come.
import {
  amount,
  fixed,
  fromHex,
  type Hash,
  type Hex,
  hash,
  invariant,
  list,
  oneOf,
  sortedEntries,
  struct,
  type TypeOf,
  toHex,
  uint,
} from "../base/index.js";
import type { AgentId, Lane } from "./agent.js";
import { Deadlines } from "./deadlines.js";
import { MAX_LIENS, MAX_LOCKS, MAX_UNBONDING } from "./limits.js";
import { ID_PART, table } from "./table.js";

/** What a lock secures of that which its id names; in the order of their codes. */
const LOCK_REASONS = ["bid", "bond", "ceiling", "dispute"] as const;
export type LockReason = (typeof LOCK_REASONS)[number];
invariant(LOCK_REASONS.length <= 10, "a code is one digit: keys of locks are in the order of codes");

/** The name of a lock: what it secures. */
export interface LockName {
  /** the auction's; of a dispute's bond the trade's */
  readonly id: Hash;
  readonly reason: LockReason;
}

/** A lock's name as text. Its order is that of rows: by id, then by the reason's code. */
export const lockKey = ({ id, reason }: LockName): string => `${toHex(id)}/${LOCK_REASONS.indexOf(reason)}`;

/** Where what a lock holds came from. */
export interface LockParts {
  readonly fromFree: bigint;
  /** credit: free stake that stands in for free funds (spec/money#credit) */
  readonly fromStake: bigint;
}

/** Money set aside; a release returns each part to where it came from (spec/money#L2). */
export interface Lock extends LockName, LockParts {}

export type LienKind = "seat" | "trade" | "event";

/** A part of stake that answers for one obligation. */
export interface Lien {
  readonly kind: LienKind;
  readonly amount: bigint;
}

/** Stake that was withdrawn: a slash still reaches it, until it is free. */
export interface Unbonding {
  readonly amount: bigint;
  /** ledger time from which the log sets it free */
  readonly releaseMs: number;
}

export interface Account {
  readonly id: AgentId;
  readonly free: bigint;
  /** the next nonce of each lane */
  readonly nonces: Readonly<Record<Lane, number>>;
  /** by `lockKey`: an account has at most one lock of a name */
  readonly locks: ReadonlyMap<string, Lock>;
  /** Σ of what locks hold that came from this account: its own, and those of whoever spends by its budgets */
  readonly locked: LockParts;
  /** of its auctions, until their rows are forgotten: one sum, as each is a function of the auction's terms */
  readonly deposits: bigint;
  /** liens included */
  readonly stake: bigint;
  /** by hex of the lien's id: of a seat's, its consensus key */
  readonly liens: ReadonlyMap<Hex, Lien>;
  /** by `releaseMs`, the earliest first: each was withdrawn after those before it, for as long */
  readonly unbonding: readonly Unbonding[];
  /** what slashes could not take: paid first out of every later credit to stake */
  readonly slashDebt: bigint;
  /** ledger time until which the agent is in jail; 0: never was */
  readonly jailedUntilMs: number;
  /** budgets that it was given so far: its next consent is numbered by it */
  readonly budgets: number;
}

export const newAccount = (id: AgentId, free: bigint): Account => ({
  id,
  free,
  nonces: { critical: 0, bulk: 0 },
  locks: new Map(),
  locked: { fromFree: 0n, fromStake: 0n },
  deposits: 0n,
  stake: 0n,
  liens: new Map(),
  unbonding: [],
  slashDebt: 0n,
  jailedUntilMs: 0,
  budgets: 0,
});

export const lockOf = (account: Account, name: LockName): Lock | null =>
  account.locks.get(lockKey(name)) ?? null;

export const lockedAmount = (lock: LockParts): bigint => lock.fromFree + lock.fromStake;

/** Stake that answers for nothing yet: stake − Σ liens (spec/money#S2). */
export function freeStake(account: Account): bigint {
  let bound = 0n;
  for (const lien of account.liens.values()) bound += lien.amount;
  invariant(bound <= account.stake, "liens are parts of stake");
  return account.stake - bound;
}

/** Everything that the account owns, in whatever state. */
export function holdings(account: Account): bigint {
  let sum = account.free + account.deposits + account.stake;
  for (const lock of account.locks.values()) sum += lockedAmount(lock);
  for (const part of account.unbonding) sum += part.amount;
  return sum;
}

/** An account's row, under its agent's key. */
export const accountRow = struct({
  free: [0, amount],
  criticalNonce: [1, uint()],
  bulkNonce: [2, uint()],
  locks: [
    3,
    list(
      struct({
        id: [0, hash],
        reason: [1, oneOf(LOCK_REASONS)],
        fromFree: [2, amount],
        fromStake: [3, amount],
      }),
      MAX_LOCKS,
    ),
  ],
  stake: [4, amount],
  liens: [
    5,
    list(
      struct({ id: [0, fixed(32)], kind: [1, oneOf(["seat", "trade", "event"])], amount: [2, amount] }),
      MAX_LIENS,
    ),
  ],
  unbonding: [6, list(struct({ amount: [0, amount], releaseMs: [1, uint()] }), MAX_UNBONDING)],
  slashDebt: [7, amount],
  jailedUntilMs: [8, uint()],
  deposits: [9, amount],
  budgets: [10, uint()],
  lockedFromFree: [11, amount],
  lockedFromStake: [12, amount],
});
export type AccountRow = TypeOf<typeof accountRow>;

const rowOfAccount = (account: Account): AccountRow => ({
  free: account.free,
  criticalNonce: account.nonces.critical,
  bulkNonce: account.nonces.bulk,
  locks: sortedEntries(account.locks).map(([, lock]) => lock),
  stake: account.stake,
  liens: sortedEntries(account.liens).map(([id, lien]) => ({ id: fromHex(id)!, ...lien })),
  unbonding: account.unbonding,
  slashDebt: account.slashDebt,
  jailedUntilMs: account.jailedUntilMs,
  deposits: account.deposits,
  budgets: account.budgets,
  lockedFromFree: account.locked.fromFree,
  lockedFromStake: account.locked.fromStake,
});

const accountOfRow = (id: AgentId, row: AccountRow): Account => ({
  id,
  free: row.free,
  nonces: { critical: row.criticalNonce, bulk: row.bulkNonce },
  locks: new Map(row.locks.map((lock) => [lockKey(lock), lock])),
  locked: { fromFree: row.lockedFromFree, fromStake: row.lockedFromStake },
  deposits: row.deposits,
  stake: row.stake,
  liens: new Map(row.liens.map((lien) => [toHex(lien.id), { kind: lien.kind, amount: lien.amount }])),
  unbonding: row.unbonding.map((part) => ({ ...part })),
  slashDebt: row.slashDebt,
  jailedUntilMs: row.jailedUntilMs,
  budgets: row.budgets,
});

export const ACCOUNTS = table({
  name: "account",
  parts: [ID_PART],
  codec: accountRow,
  stored: rowOfAccount,
  row: (row, [agent]) => accountOfRow(fromHex(agent!)!, row),
  indices: () => ({
    /** accounts with stake that is unbonding, by when the first part of it is free */
    releases: new Deadlines<Account>(({ unbonding: [first] }) => first?.releaseMs ?? null),
  }),
});
