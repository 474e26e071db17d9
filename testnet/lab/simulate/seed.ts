// All that a seed chooses: members, faults, clocks and work, and people who turn the rules to their own use.
import { withBudgets } from "./budget-work.js";
import { withPeople } from "./people.js";
import { plainScenarioOf, type Scenario, type ScenarioWishes } from "./scenario.js";
import { Random } from "./world/random.js";

/** People and budgets are drawn from streams of their own: without them a run is what it was. */
export const scenarioOf = (seed: number, wishes: ScenarioWishes): Scenario =>
  withBudgets(
    new Random(seed, "scenario/budgets"),
    withPeople(new Random(seed, "scenario/people"), plainScenarioOf(seed, wishes)),
  );
