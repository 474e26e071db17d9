// docs/spec/scenarios.md: each scenario has a test that is there and names its number, or is told as not built.
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Scenario {
  readonly n: number;
  /** what happens, and what must hold */
  readonly said: readonly [string, string];
  readonly played: string;
}

const ROW = /^\| <a id="(\d+)"><\/a>(\d+) \| (.+) \| (.+) \| (.+) \|$/;
const SCENARIOS = readFileSync("docs/spec/scenarios.md", "utf8")
  .split("\n")
  .flatMap((line): Scenario[] => {
    const row = ROW.exec(line);
    if (row === null || row[1] !== row[2]) return [];
    return [{ n: Number(row[1]), said: [row[3]!, row[4]!], played: row[5]! }];
  });

/** What is told as not built: a scenario leaves this list in the commit that builds it, and no other way. */
const NOT_BUILT = [24, 28, 29, 39, 40, 41, 47, 48, 49, 50, 54, 55, 58, 59, 60, 69, 71, 72, 73, 74];

const isBuilt = ({ n }: Scenario): boolean => !NOT_BUILT.includes(n);
const testsOf = ({ played }: Scenario): readonly string[] =>
  [...played.matchAll(/`([^`]+)`/g)].map(([, path]) => path!);

/** The numbers that a test names: `scenario 7`, `Scenarios 3, 4 and 6`, `Scenarios 9–13`. */
function namedIn(text: string): ReadonlySet<number> {
  const lists = [...text.matchAll(/scenarios? (\d+(?:(?:–|, | and )\d+)*)/gi)].map(([, list]) => list!);
  const numbers = lists
    .flatMap((list) => list.split(/, | and /))
    .flatMap((part) => {
      const [first, last] = part.split("–").map(Number) as [number, number?];
      return Array.from({ length: (last ?? first) - first + 1 }, (_, i) => first + i);
    });
  return new Set(numbers);
}

describe("docs/spec/scenarios.md", () => {
  it("tells of 75 scenarios in their order, each in two lines at most", () => {
    expect(SCENARIOS.map(({ n }) => n)).toEqual(Array.from({ length: 75 }, (_, i) => i + 1));
    expect(SCENARIOS.filter(({ said }) => said.join(" ").length > 240).map(({ n }) => n)).toEqual([]);
  });

  it("tells of what is not built what it waits for, and names no test", () => {
    const waiting = SCENARIOS.filter(({ played }) => /^not built: waits for [A-Za-z]/.test(played));
    expect(waiting.map(({ n }) => n)).toEqual(NOT_BUILT);
    expect(waiting.filter((one) => testsOf(one).length > 0)).toEqual([]);
  });

  it.each(SCENARIOS.filter(isBuilt).map((one) => [one.n, one] as const))(
    "scenario %d is played by tests that are there, each of which names it",
    (n, one) => {
      const tests = testsOf(one);
      expect(tests.length).toBeGreaterThan(0);
      expect(tests.filter((path) => !/^test\/.+\.test\.ts$/.test(path) || !existsSync(path))).toEqual([]);
      expect(tests.filter((path) => !namedIn(readFileSync(path, "utf8")).has(n))).toEqual([]);
    },
  );

  it("finds numbers in lists and ranges, and none where there is none", () => {
    expect([...namedIn("Scenarios 3, 4 and 6 of …; scenario 9–11: …")]).toEqual([3, 4, 6, 9, 10, 11]);
    expect([...namedIn("a scenario of 3 members")]).toEqual([]);
  });
});
