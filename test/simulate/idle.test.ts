// No honest leader ever packs what is idle, even where nothing idle is allowed and no entry is too small to be judged.
import { describe, expect, it, vi } from "vitest";
import { HONEST_CONDUCT } from "../../src/peer/conduct.js";
import { HONEST_RULES } from "../../src/quorum/index.js";
import { FAULT_KINDS } from "../../testnet/lab/simulate/faults.js";
import type { Mutant } from "../../testnet/lab/simulate/mutant.js";
import { run } from "../../testnet/lab/simulate/run.js";
import { scenarioOf } from "../../testnet/lab/simulate/seed.js";

vi.setConfig({ testTimeout: 300_000 });

let judged = 0;
/** The honest rules with an allowance of nothing: a leader that cannot judge itself then includes nothing. */
const STRICT: Mutant = {
  says: "nothing may be idle",
  breaks: "turn",
  rules: {
    ...HONEST_RULES,
    unjudged: { operations: 0, bytes: 0 },
    mayCarry({ operations }) {
      judged++;
      return operations === 0;
    },
  },
  conduct: HONEST_CONDUCT,
  losesRow: () => false,
  acknowledgesFirst: false,
  stepsAllThatWaits: false,
};

describe("an allowance of nothing", () => {
  // In these an honest leader lacked what lay below its entry; with the allowance it repeated some of it.
  it.each([1007, 1008, 1010, 1014, 1015, 1016])("costs no honest leader its turn (seed %i)", (seed) => {
    const before = judged;
    const wishes = { peers: null, quorum: 4, byzantine: 1, faults: new Set(FAULT_KINDS) };
    const { violation, entriesFinalised } = run(scenarioOf(seed, wishes), STRICT);
    expect(violation).toBeNull();
    expect(entriesFinalised).toBeGreaterThan(10);
    expect(judged - before).toBeGreaterThan(10);
  });
});
