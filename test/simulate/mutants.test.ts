// Every broken rule is convicted by the checker that is there for it, and by nothing when the rule is whole.
import { describe, expect, it, vi } from "vitest";
import { CONVICTION, convictingScenario } from "../../testnet/lab/simulate/convict.js";
import { MUTANT, MUTANTS } from "../../testnet/lab/simulate/mutants.js";
import { run } from "../../testnet/lab/simulate/run.js";

vi.setConfig({ testTimeout: 300_000 });

describe("a broken rule is caught by the checker that ought to catch it", () => {
  it.each(MUTANTS)("%s", (name) => {
    const scenario = convictingScenario(name, CONVICTION[name].seed);
    expect(run(scenario, MUTANT[name]).violation?.invariant).toBe(MUTANT[name].breaks);
    expect(run(scenario, null).violation).toBeNull();
  });
});
