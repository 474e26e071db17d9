// Seeds that once broke an invariant, and what it was: they run for ever.
//
// To add one: take the seed, the options and the `only` of the line that `mabeam simulate` prints for the violation,
// and say in a sentence what was wrong. A change to how seeds choose scenarios gives an old seed another story; the law
// that it broke keeps its own test beside the code that was mended.
import type { ScenarioWishes } from "../../testnet/lab/simulate/scenario.js";

export interface Regression {
  readonly seed: number;
  readonly wishes: Partial<ScenarioWishes>;
  /** the parts that were enough; null: all */
  readonly only: readonly string[] | null;
  readonly was: string;
}

export const REGRESSIONS: readonly Regression[] = [
  {
    seed: 207,
    wishes: {},
    only: null,
    was: "a message ten seconds late held up its link beyond the healing, and liveness was owed too early",
  },
  {
    seed: 433,
    wishes: {},
    only: null,
    was: "the same with an equivocating leader, who had the next turn",
  },
  {
    seed: 90,
    wishes: {},
    only: null,
    was: "a seller whose clock was ten minutes ahead opened an auction that nobody could see the end of",
  },
  {
    seed: 178,
    wishes: {},
    only: null,
    was: "the same by a seat that lost its store before, and was in amnesia when it sold",
  },
  {
    seed: 170,
    wishes: {},
    only: null,
    was: "the same by a flooder of openings, who was chosen whatever its clock showed",
  },
];
