// Budgets: what an agent may spend of its owner's funds. An owner may spend of another's itself: a tree, each level counted.
import {
  amount,
  fromHex,
  type Hash,
  type Hex,
  invariant,
  oneOf,
  optional,
  struct,
  type TypeOf,
  toHex,
  uint,
} from "../base/index.js";
import { ACCOUNTS, type Account } from "./account.js";
import { type AgentId, agentId } from "./agent.js";
import { Deadlines } from "./deadlines.js";
import { Groups } from "./groups.js";
import type { Ledger } from "./ledger.js";
import { MAX_BUDGET_DEPTH } from "./limits.js";
import { ID_PART, table } from "./table.js";

/** What an owner lets a child spend; every limit counts the child and all below it. */
export const budgetTerms = struct({
  /** in one auction: locks, deposit, what was paid of them, fees */
  perAuction: [0, amount],
  /** in one period: what was newly locked or paid in it */
  perPeriod: [1, amount],
  /** since the budget was opened; absent: no limit */
  total: [2, optional(amount)],
  /** ledger time after which nothing is spent */
  untilMs: [3, uint()],
});
export type BudgetTerms = TypeOf<typeof budgetTerms>;

const budgetRow = struct({
  owner: [0, agentId],
  terms: [1, budgetTerms],
  state: [2, oneOf(["open", "closed"])],
  /** the last period in which something was counted */
  period: [3, uint()],
  /** of what was locked or paid in it: what has not come back within it */
  inPeriod: [4, amount],
  /** since it was opened: what is held, and what has gone for good */
  spent: [5, amount],
  /** of what is locked or deposited now: this level's */
  held: [6, amount],
});

/** A level of the tree, under its child: an agent has one owner. */
export type Budget = TypeOf<typeof budgetRow> & { readonly child: AgentId };

export const BUDGETS = table({
  name: "budget",
  parts: [ID_PART],
  codec: budgetRow,
  stored: (budget: Budget) => budget,
  row: (row, [child]): Budget => ({ ...row, child: fromHex(child!)! }),
  indices: () => ({
    /** children, by owner */
    children: new Groups<Budget>(({ owner }) => toHex(owner)),
    /** open ones, by their last moment */
    ends: new Deadlines<Budget>(({ state, terms }) => (state === "open" ? terms.untilMs : null)),
  }),
});

/** What a level has spent in an auction, under the auction and the level's child. It goes with the auction. */
export const OUTLAYS = table({
  name: "outlay",
  parts: [ID_PART, ID_PART],
  codec: struct({
    /** what is held and what has gone for good, fees included */
    amount: [0, amount],
    /** the child's own lock or deposit in it comes from its budget, since this period; absent: it comes from its own funds */
    backedIn: [1, optional(uint())],
  }),
  stored: (outlay: Outlay) => outlay,
  row: (row): Outlay => row,
  indices: () => ({ byAuction: new Groups<Outlay>((_, path) => path.slice(0, path.indexOf("/"))) }),
});
export interface Outlay {
  readonly amount: bigint;
  readonly backedIn: number | null;
}

/** The budgets that an agent spends by, its own first, the one that its topmost owner gave last: open, closed or expired. */
export function levelsOf(ledger: Ledger, agent: AgentId | Hex): readonly Budget[] {
  const budgets = ledger.table(BUDGETS);
  if (budgets.size === 0) return NO_LEVELS;
  const chain: Budget[] = [];
  for (let one = budgets.get(agent); one !== null; one = budgets.get(one.owner)) {
    chain.push(one);
    invariant(chain.length <= MAX_BUDGET_DEPTH, "no tree of budgets is deeper, or goes in a circle");
  }
  return chain;
}
const NO_LEVELS: readonly Budget[] = [];

/** Whether a level lets something be spent at a ledger time. */
export const isLive = ({ state, terms }: Budget, timeMs: number): boolean =>
  state === "open" && timeMs <= terms.untilMs;

/** Who an agent's operations are paid by. */
export interface Payer {
  /** whose free funds; null: it has no account */
  readonly account: Account | null;
  /** the budgets that let it, the agent's own first; none: the account is the agent's own */
  readonly levels: readonly Budget[];
  /** the level that would let it, had it not ended; null: none has */
  readonly ended: Budget | null;
}

/**
 * The one place that says who pays for an agent at a ledger time: the owner at the top of its budgets while every one of
 * them is live, else itself.
 */
export function payerOf(ledger: Ledger, agent: AgentId | Hex, timeMs: number): Payer {
  const levels = levelsOf(ledger, agent);
  const ended = levels.find((level) => !isLive(level, timeMs)) ?? null;
  if (levels.length === 0 || ended !== null) {
    return { account: ledger.get(ACCOUNTS, agent), levels: NO_LEVELS, ended };
  }
  return { account: topOf(ledger, levels), levels, ended: null };
}

/** The account at the top of a chain of budgets. */
export const topOf = (ledger: Ledger, levels: readonly Budget[]): Account =>
  ledger.accountOf(levels.at(-1)!.owner)!;

/** The owner at the top of an agent's budgets, live or not; the agent itself, if it has none. */
export const ownerOf = (ledger: Ledger, agent: AgentId): AgentId =>
  levelsOf(ledger, agent).at(-1)?.owner ?? agent;

/** The agents below an owner and itself, each level in the order of ids. */
export function treeBelow(ledger: Ledger, owner: Hex): readonly Hex[] {
  const tree = [owner];
  for (const one of tree) for (const child of childrenOf(ledger, one)) tree.push(child);
  return tree;
}

const childrenOf = (ledger: Ledger, owner: Hex): readonly Hex[] =>
  [...ledger.table(BUDGETS).index.children.of(owner)].sort();

/** The period since which an agent's locks and deposit in an auction come from its budget; null: they are its own funds. */
export const backingOf = (ledger: Ledger, auction: Hash, agent: AgentId): number | null =>
  ledger.table(OUTLAYS).size === 0 ? null : (ledger.get(OUTLAYS, [auction, agent])?.backedIn ?? null);

/**
 * Whose money an agent has in an auction, or in a dispute: what it locked there came from that account, and what it earns
 * there goes to it.
 */
export const behind = (ledger: Ledger, auction: Hash, agent: AgentId): AgentId =>
  backingOf(ledger, auction, agent) === null ? agent : ownerOf(ledger, agent);

/** What a level has spent in an auction. */
export const outlayOf = (ledger: Ledger, auction: Hash | Hex, { child }: Pick<Budget, "child">): bigint =>
  ledger.get(OUTLAYS, [auction, child])?.amount ?? 0n;
