// The fuzzer's runs in CI: a million inputs over all targets, each of which must keep its laws.
//   MABEAM_FUZZ_INPUTS=20000000  more of them      MABEAM_FUZZ_SEED=7  others
//   MABEAM_FUZZ_ONLY=operation   some targets      MABEAM_FUZZ_KEEP=1  writes the corpus anew
//   MABEAM_FUZZ_REPLAY=<target>:<hex>  one input alone
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromHex } from "../../src/base/index.js";
import { corpusOf, keep } from "./corpus.js";
import { fuzz, replayLine } from "./fuzzer.js";
import { install } from "./meter.js";
import { TARGETS } from "./targets/index.js";

const { MABEAM_FUZZ_INPUTS, MABEAM_FUZZ_SEED, MABEAM_FUZZ_ONLY, MABEAM_FUZZ_KEEP, MABEAM_FUZZ_REPLAY } =
  process.env;
const INPUTS = Number(MABEAM_FUZZ_INPUTS ?? 1_020_000);
const SEED = Number(MABEAM_FUZZ_SEED ?? 1);
const [REPLAYED, REPLAYED_HEX] = MABEAM_FUZZ_REPLAY?.split(":") ?? [];
const chosen = TARGETS.filter(({ name }) =>
  REPLAYED === undefined ? name.includes(MABEAM_FUZZ_ONLY ?? "") : name === REPLAYED,
);
const shares = chosen.reduce((sum, { share }) => sum + share, 0);

beforeAll(install);

describe.runIf(REPLAYED === undefined)("hostile bytes break no law of", () => {
  const counts: string[] = [];
  let total = 0;
  afterAll(() => console.info(`${counts.join("\n")}\n${total} inputs in all, seed ${SEED}`));

  it.each(chosen.map((target) => [target.name, target] as const))(
    "%s",
    async (_, target) => {
      const wanted = Math.ceil((INPUTS * target.share) / shares);
      const outcome = await fuzz(target, corpusOf(target.name), SEED, wanted);
      const { finding, inputs, accepted, signals } = outcome;
      total += inputs;
      counts.push(`${target.name}: ${inputs} inputs, ${accepted} accepted, ${signals} signals`);
      if (finding !== null) throw new Error(`${finding.error.stack}\n${replayLine(finding)}`);
      expect(inputs).toBeGreaterThanOrEqual(wanted);
      expect(accepted).toBeGreaterThan(0);
      if (MABEAM_FUZZ_KEEP !== undefined) keep(outcome);
    },
    600_000,
  );
});

describe.runIf(REPLAYED !== undefined)("the replayed input", () => {
  it("breaks no law", async () => {
    const input = fromHex(REPLAYED_HEX ?? "");
    expect(chosen).toHaveLength(1);
    expect(input).not.toBeNull();
    chosen[0]!.seeds();
    console.info(await chosen[0]!.take(input!));
  });
});
