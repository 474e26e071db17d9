// Broken rules of budgets: what each level counts, when, for how long, and whose is what comes back.
import {
  ACCOUNTS,
  BUDGETS,
  type Budget,
  type Ledger,
  levelsOf,
  OUTLAYS,
  ownerOf,
} from "../../../src/ledger/index.js";
import {
  type BodyOf,
  OPERATION_RULES,
  type Operation,
  type OperationBody,
  tradeOf,
} from "../../../src/market/index.js";
import type { Conduct } from "../../../src/peer/conduct.js";
import { acts, forgives, type Mutant } from "./mutant.js";

/** What an operation has done to the budgets by which its sender spends is counted otherwise. */
const recounts = (
  happens: (ledger: Ledger, op: Operation, before: readonly Budget[]) => void,
): Partial<Conduct> => ({
  operations: {
    ...OPERATION_RULES,
    apply(ledger, op, at) {
      const before = op.authority === null ? [] : levelsOf(ledger, op.authority.from);
      const known = before.map((level) => ({ ...level }));
      const outcome = OPERATION_RULES.apply(ledger, op, at);
      happens(ledger, op, known);
      return outcome;
    },
  },
});

/** Of operations of one kind. */
const on =
  <K extends OperationBody["kind"]>(
    kind: K,
    happens: (ledger: Ledger, body: BodyOf<K>, before: readonly Budget[]) => void,
  ) =>
  (ledger: Ledger, { body }: Operation, before: readonly Budget[]): void => {
    if (body.kind === kind) happens(ledger, body as BodyOf<K>, before);
  };

/** Sets counts of levels that are still there. */
function recount(
  ledger: Ledger,
  levels: readonly Budget[],
  counts: (now: Budget, before: Budget) => Partial<Pick<Budget, "inPeriod" | "spent">>,
): void {
  for (const before of levels) {
    const now = ledger.get(BUDGETS, before.child);
    if (now === null) continue;
    ledger.change(BUDGETS, before.child, (row) => void Object.assign(row, counts(now, before)));
  }
}

export const BUDGET_MUTANTS = {
  "budget-counts-one-level": acts(
    "only the sender's own budget counts what it draws, and none above it (spec/budgets#N1)",
    "budgets",
    recounts((ledger, _, [, ...above]) =>
      recount(ledger, above, (_now, { inPeriod, spent }) => ({ inPeriod, spent })),
    ),
  ),
  "budget-forgets-fees": acts(
    "a budget counts what is locked and not what it costs (spec/budgets#N1)",
    "budgets",
    recounts((ledger, { authority }, levels) =>
      recount(ledger, levels, ({ inPeriod, spent }) => ({
        inPeriod: inPeriod - authority!.fee,
        spent: spent - authority!.fee,
      })),
    ),
  ),
  "budget-period-goes-on": acts(
    "what was drawn in an earlier period counts in the next (spec/budgets#N1)",
    "budgets",
    recounts((ledger, _, levels) =>
      recount(ledger, levels, (now, before) =>
        now.period === before.period ? {} : { inPeriod: now.inPeriod + before.inPeriod },
      ),
    ),
  ),
  "budget-period-begins-anew": acts(
    "each operation begins a period of its own (spec/budgets#N1)",
    "budgets",
    recounts((ledger, _, levels) =>
      recount(ledger, levels, (now, before) =>
        now.period === before.period ? { inPeriod: now.inPeriod - before.inPeriod } : {},
      ),
    ),
  ),
  "budget-forgets-earlier-bids": acts(
    "of an auction only the last operation counts, and a second bid has all of the limit (spec/budgets#N1)",
    "budgets",
    recounts(
      on("commit", (ledger, { auction }, levels) => {
        for (const { child } of levels) forgetOutlay(ledger, auction, child);
      }),
    ),
  ),
  "budget-never-closes": acts(
    "a budget that was closed goes on paying (spec/budgets#B5)",
    "budgets",
    recounts(
      on("closeBudget", (ledger, _, [own]) => {
        if (own !== undefined) ledger.put(BUDGETS, own.child, { ...own, state: "open" });
      }),
    ),
  ),
  "budget-closed-by-anybody": acts(
    "who is neither owner nor child may close a budget (spec/budgets#B4)",
    "budgets",
    forgives("NOT_THE_OWNER"),
  ),
  "consent-counts-twice": acts(
    "a child's old word opens a budget again (spec/budgets#C2)",
    "budgets",
    forgives("CONSENT_USED"),
  ),
  "price-back-to-the-child": acts(
    "what comes back of an owner's funds stays with the child that had it (spec/budgets#P2)",
    "funds",
    recounts(on("fail", (ledger, { trade }) => keepReturned(ledger, trade))),
  ),
} as const satisfies Record<string, Mutant>;

function forgetOutlay(ledger: Ledger, auction: Uint8Array, child: Uint8Array): void {
  if (ledger.get(OUTLAYS, [auction, child]) === null) return;
  ledger.change(OUTLAYS, [auction, child], (row) => {
    row.amount = 0n;
  });
}

function keepReturned(ledger: Ledger, trade: Uint8Array): void {
  const { buyer, price } = tradeOf(ledger, trade)!;
  ledger.change(ACCOUNTS, ownerOf(ledger, buyer), (one) => {
    one.free -= price;
  });
  ledger.change(ACCOUNTS, buyer, (one) => {
    one.free += price;
  });
}
