// Owners and their children: budgets within budgets, bids by who has nothing of its own, and what nobody may.
import type { BudgetTerms } from "../../../src/ledger/index.js";
import type { BudgetDeed, BudgetPlan, Party } from "./budget-plan.js";
import { auction } from "./flood.js";
import type { Scenario } from "./scenario.js";
import { type AuctionPlan, FUNDS, LOCKUP, type PaymentPlan } from "./workload.js";
import type { Random } from "./world/random.js";

/** How many runs have budgets. */
export const HAS_BUDGETS = 0.35;
const MOST_CHILDREN = 4;
/** Beside lockups: what fees, deposits and openings cost. */
const SMALL = 1n << 24n;

/** What budgets do to a scenario; everything else in it stays as it is. */
export function withBudgets(random: Random, scenario: Scenario): Scenario {
  if (!random.chance(HAS_BUDGETS)) return scenario;
  const budgets = chooseBudgets(random, scenario);
  const periodMs = random.pick([4_000, 10_000, 60_000]);
  const overspending = random.chance(0.3) ? [overspend(random, scenario, budgets)] : [];
  const { workload } = scenario;
  const payments = [...workload.payments, ...overspending];
  return { ...scenario, periodMs, budgets, workload: { ...workload, payments } };
}

function chooseBudgets(random: Random, scenario: Scenario): BudgetPlan {
  const { peers } = scenario;
  const hosts = Array.from({ length: peers }, (_, host) => host);
  const top = random.pick(hosts);
  const count = random.between(1, MOST_CHILDREN);
  // Each child is the owner's own, or its elder sibling's.
  const owners = Array.from(
    { length: count },
    (_, i): Party => (i > 0 && random.chance(0.6) ? { child: random.between(0, i - 1) } : { host: top }),
  );
  const children = owners.map(() => {
    const others = random.shuffled(hosts.filter((host) => host !== top));
    return { homes: [top, ...others.slice(0, random.between(0, 2))] };
  });
  const sales = random.chance(0.5)
    ? [{ child: 0, of: sale(scenario, 0, random.between(6_000, scenario.healMs)) }]
    : [];
  const names = [...scenario.workload.auctions, ...sales.map(({ of }) => of)].map(({ name }) => name);
  const bids = names.flatMap((name) =>
    owners.flatMap((_, child) =>
      random.chance(0.7) ? [{ child, auction: name, amount: chooseAmount(random) }] : [],
    ),
  );
  const deeds = owners.flatMap((owner, child) => deedsOf(random, scenario, owner, child, { host: top }));
  return { children, deeds, bids, sales };
}

function deedsOf(
  random: Random,
  { endMs, peers }: Scenario,
  owner: Party,
  child: number,
  top: { readonly host: number },
): readonly BudgetDeed[] {
  const later = (): number => random.between(4_000, endMs - 3_000);
  const opening = (atMs: number): BudgetDeed => ({
    ...{ kind: "open", atMs, child, owner },
    terms: chooseTerms(random),
    lastsMs: random.chance(0.3) ? random.between(1_000, 15_000) : 1_000_000,
  });
  const now = <T>(chance: number, make: () => T): readonly T[] => (random.chance(chance) ? [make()] : []);
  return [
    // An owner has its own budget first.
    opening(300 + 900 * child),
    ...now(0.5, () => opening(later())),
    ...now(0.5, (): BudgetDeed => ({ kind: "close", atMs: later(), child, by: owner })),
    ...now(0.3, () => opening(later())),
    ...now(
      0.3,
      (): BudgetDeed => ({
        ...{ kind: "meddle", atMs: later(), child },
        by: { host: (top.host + 1) % peers },
      }),
    ),
    ...now(0.3, (): BudgetDeed => ({ kind: "replay", atMs: later(), child, owner })),
    ...now(0.3, (): BudgetDeed => ({ kind: "circle", atMs: later(), child, owner: top })),
    ...now(0.5, (): BudgetDeed => ({ kind: "burst", atMs: later(), child })),
  ];
}

const chooseTerms = (random: Random): Omit<BudgetTerms, "untilMs"> => ({
  perAuction: random.pick([LOCKUP / 8n, LOCKUP + SMALL, LOCKUP + SMALL, 2n * LOCKUP]),
  perPeriod: random.pick([LOCKUP + SMALL, 2n * LOCKUP + SMALL, 8n * LOCKUP]),
  total: random.pick([null, null, LOCKUP + SMALL, 4n * LOCKUP]),
});

/** The nth of what children sell. */
export const sale = (scenario: Scenario, nth: number, atMs: number): AuctionPlan =>
  auction(scenario, nth, { name: `child-lot-${nth}`, atMs, bids: [] });

/** So wide that no two are the same. */
const chooseAmount = (random: Random): bigint =>
  (1n << 33n) + (((BigInt(random.word()) << 8n) | BigInt(random.word() >>> 24)) % (LOCKUP - (1n << 33n)));

/** The owner spends nearly all it has, whatever it has let others spend. */
const overspend = (random: Random, { endMs, peers }: Scenario, { children }: BudgetPlan): PaymentPlan => {
  const from = children[0]!.homes[0]!;
  const kind = "transfer";
  return {
    atMs: random.between(4_000, endMs - 3_000),
    kind,
    from,
    to: (from + 1) % peers,
    amount: (FUNDS * 7n) / 8n,
  };
};
