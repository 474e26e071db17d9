// All that a seed chooses: members, faults, clocks and work, and people who turn the rules to their own use.
import { withPeople } from "./people.js";
import { plainScenarioOf, type Scenario, type ScenarioWishes } from "./scenario.js";
import { Random } from "./world/random.js";

/** The people are drawn from a stream of their own: without them a run is what it was. */
export const scenarioOf = (seed: number, wishes: ScenarioWishes): Scenario =>
  withPeople(new Random(seed, "scenario/people"), plainScenarioOf(seed, wishes));
