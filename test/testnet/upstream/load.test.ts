// The load has the shape that was recorded, the same by the same seed, and the upstream's cache finds in it what was found there.
import { describe, expect, test } from "vitest";
import { callsOf, type LoadRules, runOf } from "../../../testnet/upstream/load.js";
import { sentOf } from "../../../testnet/upstream/load-bodies.js";
import { worldOf } from "./world.js";

const RULES: LoadRules = { seed: 5, scale: 0.01, maxTokens: 8_192 };

describe("the load", () => {
  const runs = Array.from({ length: 400 }, (_, agent) => [...runOf(agent, 1, RULES)]);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, one) => sum + one, 0) / values.length;

  test("has 33 calls a run, half of the runs no more than 30, one in a hundred more than 90", () => {
    const lengths = runs.map((calls) => calls.length).sort((a, b) => a - b);
    expect(mean(lengths)).toBeGreaterThan(31);
    expect(mean(lengths)).toBeLessThan(36);
    expect(Math.abs(lengths[200]! - 30)).toBeLessThanOrEqual(3);
    expect(lengths[396]).toBeGreaterThan(70);
    expect(lengths[396]).toBeLessThan(120);
  });

  test("grows from 12.4 k tokens to 84.5 k in 33 calls, and writes 17.2 k a run", () => {
    for (const calls of runs) expect(calls[0]!.promptTokens).toBe(124);
    const at33 = runs.filter((calls) => calls.length >= 33).map((calls) => calls[32]!.promptTokens);
    expect(Math.abs(mean(at33) / 845 - 1)).toBeLessThan(0.1);
    const written = runs.map((calls) => calls.reduce((sum, { outputTokens }) => sum + outputTokens, 0));
    expect(Math.abs(mean(written) / 172 - 1)).toBeLessThan(0.1);
  });

  test("each call says all that was said before, and no call allows less than it wants", () => {
    for (const calls of runs.slice(0, 20)) {
      for (const [at, call] of calls.entries()) {
        expect(call.outputTokens).toBeLessThanOrEqual(call.maxTokens);
        expect(call.promptTokens * 4).toBe(call.said.reduce((sum, { text }) => sum + text.length, 0));
        if (at > 0) expect(call.said.slice(0, -2)).toEqual(calls[at - 1]!.said);
      }
    }
  });

  test("is the same by the same seed, and every agent's and every run's own", () => {
    const first = (agent: number, seed: number): string =>
      callsOf(agent, { ...RULES, seed }).next().value.said[0]!.text;
    expect(first(1, 5)).toBe(first(1, 5));
    expect(new Set([first(1, 5), first(2, 5), first(1, 6)]).size).toBe(3);
    const calls = callsOf(1, RULES);
    let call = calls.next().value;
    const begun = call.said[0]!.text;
    while (call.run === 1) call = calls.next().value;
    expect(call).toMatchObject({ run: 2, nth: 1 });
    expect(call.said[0]!.text).not.toBe(begun);
  });

  test.each(["openai", "anthropic", "google"] as const)(
    "of what agents send to %s the cache finds 94 in a hundred, and the model writes what is wished",
    async (dialect) => {
      const { post, journal } = await worldOf(dialect);
      const agent = runs.findIndex(({ length }) => length === 33);
      const calls = [...runOf(agent, 1, { ...RULES, scale: 0.25 })];
      for (const [at, call] of calls.entries()) {
        const { path, body } = sentOf(dialect, "upstream", call, at % 2 === 0);
        await (await post(path, body)).text();
      }
      const usages = journal.visits.map(({ usage }) => usage!);
      expect(usages.map(({ output }) => output)).toEqual(calls.map(({ outputTokens }) => outputTokens));
      const share = sum(usages.map(({ cached }) => cached)) / sum(usages.map(({ prompt }) => prompt));
      expect(Math.abs(share - 0.94)).toBeLessThan(0.03);
    },
  );
});

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
