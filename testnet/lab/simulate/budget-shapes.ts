// Shapes of runs in which a broken rule of budgets does harm: an owner, its child, and the child's own, who bids.
import type { BudgetDeed, BudgetPlan, Party } from "./budget-plan.js";
import { auction } from "./flood.js";
import type { Scenario } from "./scenario.js";
import { type DeliveryPlan, LOCKUP } from "./workload.js";

/** Far more than anybody spends in a run. */
const MOST = 64n * LOCKUP;
const LASTS_MS = 1_000_000;
const OWNER: Party = { host: 0 };
const STRANGER: Party = { host: 1 };
const [CHILD, GRANDCHILD] = [0, 1];
/** The grandchild bids before, and what happens to the tree happens then. */
const MEANWHILE_MS = 7_000;

/** Nothing happens after it: no auction, and no fault. */
const SHORT = { healMs: 9_000, endMs: 14_000 };

const gives = (owner: Party, child: number, atMs: number): BudgetDeed => ({
  ...{ kind: "open", owner, child, atMs, lastsMs: LASTS_MS },
  terms: { perAuction: MOST, perPeriod: MOST, total: null },
});

const treeOf = (bids: BudgetPlan["bids"], ...deeds: readonly BudgetDeed[]): BudgetPlan => ({
  children: [{ homes: [0] }, { homes: [0] }],
  deeds: [gives(OWNER, CHILD, 400), gives({ child: CHILD }, GRANDCHILD, 1_600), ...deeds],
  bids,
  sales: [],
});

interface TreeWishes {
  readonly periodMs?: number;
  readonly delivery?: DeliveryPlan;
  readonly meanwhile?: readonly BudgetDeed[];
}

/** The grandchild alone bids in one auction, and wins it. */
export const oneTree =
  ({ periodMs = 600_000, delivery, meanwhile = [] }: TreeWishes = {}) =>
  (scenario: Scenario): Scenario => {
    // It costs all that is locked, so that nothing comes back with the outcome.
    const all = { reserve: LOCKUP, bids: [], delivery: delivery ?? null };
    const lot = auction(scenario, 1, { atMs: 3_500, ...all });
    const bid = { child: GRANDCHILD, auction: lot.name, amount: LOCKUP };
    return {
      ...scenario,
      ...SHORT,
      periodMs,
      workload: { auctions: [lot], payments: [] },
      budgets: treeOf([bid], ...meanwhile),
    };
  };

export const GIVES_UP: DeliveryPlan = {
  deliverMs: 3_000,
  settleMs: 2_000,
  performs: "givesUp",
  isAccepted: true,
  dispute: null,
  meddles: false,
};

const late = { child: GRANDCHILD, atMs: MEANWHILE_MS };
export const CLOSED: BudgetDeed = { ...late, kind: "close", by: { child: GRANDCHILD } };
export const MEDDLED: BudgetDeed = { ...late, kind: "meddle", by: STRANGER };
export const REPLAYED: BudgetDeed = { ...late, kind: "replay", owner: { child: CHILD } };
