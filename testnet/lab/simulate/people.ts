// People who turn the rules of the market to their own use. A seed may put them into any run.
import { CALM_FLOOD, floodAuctions } from "./flood.js";
import type { Scenario } from "./scenario.js";
import type { AuctionPlan, PaymentPlan } from "./workload.js";
import type { Random } from "./world/random.js";

/** How often a seed has each of them: of all sellers with a hidden reserve, of all lots, of all runs. */
export const CHANCE = {
  /** looks at the bids before it opens its reserve, or lets it lapse */
  looksFirst: 0.4,
  /** sells what lapses soon after the close, or before it when phases wait */
  lapses: 0.15,
  /** declares fees that it can pay one by one, and not together */
  underpays: 0.15,
  /** withdraws stake that a lien holds, or that it does not have */
  overreaches: 0.15,
  /** nobody delivers anything: of all runs */
  defaults: 0.1,
  /** of all performers: delivers too late, or twice, or gives up when it has delivered */
  cheats: 0.3,
  /** of all buyers: delivers to itself, and accepts what is not there */
  meddles: 0.2,
  /** opens more bids at once than a shelf holds */
  floods: 0.04,
  /** bids for more than can be revealed */
  crowds: 0.05,
  /** a peer without a seat that claims heights and logs nobody has */
  lies: 0.2,
};

/** What all that does to a scenario; faults, culprits and honest work stay as they are. */
export function withPeople(random: Random, scenario: Scenario): Scenario {
  const { workload, peers, quorum } = scenario;
  const traders = random.branch("traders");
  const defaults = traders.chance(CHANCE.defaults);
  const auctions = workload.auctions.map((plan) => withTraders(traders, withCreator(random, plan), defaults));
  const overdrafts = random.chance(CHANCE.underpays) ? chooseOverdrafts(random, scenario) : [];
  const overreach = chooseOverreach(random.branch("stake"), scenario);
  const strangers = Array.from({ length: peers - quorum }, (_, i) => quorum + i).filter(() =>
    random.chance(CHANCE.lies),
  );
  const crowded = random.chance(CHANCE.crowds) ? random.pick([2, 8, 24]) : scenario.revealCapacity;
  const floods = random.chance(CHANCE.floods) && peers >= 3;
  return {
    ...scenario,
    strangers,
    revealCapacity: crowded,
    openings: floods ? CALM_FLOOD.shelf : scenario.openings,
    endMs: floods ? Math.max(scenario.endMs, scenario.healMs + CALM_FLOOD.lastsMs) : scenario.endMs,
    workload: {
      auctions: floods ? [...auctions, ...floodAuctions(scenario, auctions.length)] : auctions,
      payments: [...workload.payments, ...overdrafts, ...overreach],
    },
  };
}

function withCreator(random: Random, plan: AuctionPlan): AuctionPlan {
  const looks = random.chance(CHANCE.looksFirst);
  const opensReserve = random.pick(["afterBids", "never"] as const);
  const lapses = random.chance(CHANCE.lapses);
  const lapsesInMs = random.between(20, 2_500);
  return {
    ...plan,
    opensReserve: looks && plan.hiddenReserve !== null ? opensReserve : plan.opensReserve,
    lapsesInMs: lapses ? lapsesInMs : plan.lapsesInMs,
  };
}

function withTraders(random: Random, plan: AuctionPlan, defaults: boolean): AuctionPlan {
  const cheats = random.chance(CHANCE.cheats);
  const performs = random.pick(["late", "twice", "failsAfter"] as const);
  const meddles = random.chance(CHANCE.meddles);
  if (plan.delivery === null) return plan;
  const way = defaults ? "forgets" : cheats ? performs : plan.delivery.performs;
  return { ...plan, delivery: { ...plan.delivery, performs: way, meddles } };
}

const chooseOverdrafts = (random: Random, { peers, endMs }: Scenario): readonly PaymentPlan[] =>
  Array.from({ length: random.between(1, 3) }, () => ({
    atMs: random.between(200, endMs - 3_000),
    kind: "overdraft" as const,
    from: random.between(0, peers - 1),
    to: random.between(0, peers - 1),
    amount: 1n,
  }));

function chooseOverreach(random: Random, { peers, endMs }: Scenario): readonly PaymentPlan[] {
  if (!random.chance(CHANCE.overreaches)) return [];
  const host = random.between(0, peers - 1);
  const atMs = random.between(200, endMs - 3_000);
  return [
    { atMs, kind: "overreach", from: host, to: host, amount: BigInt(random.between(1, 1_000_000_000)) },
  ];
}
