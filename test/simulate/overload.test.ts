// The law of goodput over more seeds, speeds and kinds of load: overload slows a network down, and does not stop it.
import { describe, expect, it } from "vitest";
import { goodputOf } from "../../testnet/lab/simulate/checkers/goodput.js";
import {
  FOUR_SLOW,
  HURRIED_MS,
  type OverloadWishes,
  overloadScenario,
  SLOW,
  scaled,
  TWICE_THE_BEST,
} from "../../testnet/lab/simulate/overload.js";
import { run } from "../../testnet/lab/simulate/run.js";

const PLAIN: OverloadWishes = { speeds: FOUR_SLOW, stages: TWICE_THE_BEST };

function lives(seed: number, wishes: OverloadWishes): void {
  const scenario = overloadScenario(seed, wishes);
  const { violation, load, auctionsSettled } = run(scenario, null);
  expect([seed, violation]).toEqual([seed, null]);
  expect(auctionsSettled).toBe(1);
  const { peak, offered } = goodputOf(scenario.load!, load);
  expect(offered).toBeGreaterThanOrEqual(2 * peak);
}

describe("twice its best", () => {
  it.each([2, 3, 4])("slow members, seed %i", (seed) => lives(seed, PLAIN));

  it.each([1, 2])("one member is half as fast as the others, seed %i", (seed) =>
    lives(seed, { ...PLAIN, speeds: [SLOW, SLOW / 2, SLOW, SLOW], calmMs: 50_000 }),
  );

  it.each([1, 2])("one member is stopped for 5 s, seed %i", (seed) =>
    lives(seed, { ...PLAIN, pauses: [{ atMs: 16_000, host: 1, durationMs: 5_000 }] }),
  );

  it.each([1, 2])("Δ is as short as such members bear, seed %i", (seed) =>
    lives(seed, { ...PLAIN, deltaMs: HURRIED_MS }),
  );

  it("members are twice as fast, and all is twice as much", () =>
    lives(1, { speeds: FOUR_SLOW.map((speed) => 2 * speed), stages: scaled(TWICE_THE_BEST, 2) }));
});

it("authors who keep eight operations each under way and wait after a refusal bring no standstill", () => {
  const stages = [...TWICE_THE_BEST.slice(0, -1), { kind: "closed", window: 8, forMs: 16_000 } as const];
  const { violation } = run(overloadScenario(1, { ...PLAIN, stages }), null);
  expect(violation).toBeNull();
});

it("a run under load has one history for a seed", () => {
  const wishes = { ...PLAIN, stages: [{ kind: "open", perSecond: 100, forMs: 10_000 } as const] };
  const [one, two] = [run(overloadScenario(7, wishes), null), run(overloadScenario(7, wishes), null)];
  expect(one).toEqual(two);
  expect(one.load.at(-1)!.final).toBeGreaterThan(200);
});
