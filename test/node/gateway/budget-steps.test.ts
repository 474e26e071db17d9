// What the ledger is told, so that it holds the budgets of a gateway's agents: each step is one that it takes, and they come to an end.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextStep, type Step } from "../../../node/gateway/budgets/steps.js";
import { isAsWanted, wantedBudgets } from "../../../node/gateway/budgets/wanted.js";
import {
  type NamedAgent,
  NO_SPENDING_LIMITS,
  USUAL_UNKNOWN,
} from "../../../node/gateway/named/named-agent.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import { fromHex, type Hex, MAX_AMOUNT, toHex } from "../../../src/base/index.js";
import { type Budget, isLive, MAX_BUDGET_DEPTH, MAX_BUDGET_MS } from "../../../src/ledger/index.js";

const NOON_MS = Date.parse("2026-03-06T12:00:00Z");
const DAY_MS = 86_400_000;
const idOf = (name: string): Hex => Buffer.from(name.padEnd(32)).toString("hex") as Hex;
const OWNER = idOf("owner");

/** The budgets of a ledger, with the rules of spec/budgets that a tree can break. */
class DullLedger {
  readonly budgets = new Map<Hex, Budget>();

  readonly budgetOf = (child: Hex): Budget | null => this.budgets.get(child) ?? null;

  take(step: Step, nowMs: number): void {
    const { child, owner } = step;
    const before = this.budgetOf(child);
    if (step.kind === "close") {
      expect(before !== null && toHex(before.owner)).toBe(owner);
      this.budgets.set(child, { ...before!, state: "closed" });
      this.dropFrom(child);
      return;
    }
    const above = this.levelsOf(owner);
    expect(above.every((level) => isLive(level, nowMs))).toBe(true);
    expect(above.length).toBeLessThan(MAX_BUDGET_DEPTH);
    if (before === null) expect(this.childrenOf(child)).toEqual([]);
    else expect(toHex(before.owner)).toBe(owner);
    expect(step.terms.untilMs >= nowMs && step.terms.untilMs <= nowMs + MAX_BUDGET_MS).toBe(true);
    expect(step.terms.perPeriod > 0n && step.terms.total !== 0n).toBe(true);
    const [ids, held] = [
      { child: fromHex(child)!, owner: fromHex(owner)! },
      { spent: 0n, held: 0n },
    ];
    this.budgets.set(child, { ...ids, ...held, terms: step.terms, state: "open", period: 0, inPeriod: 0n });
  }

  private levelsOf(agent: Hex): readonly Budget[] {
    const budget = this.budgetOf(agent);
    return budget === null ? [] : [budget, ...this.levelsOf(toHex(budget.owner))];
  }

  private childrenOf(owner: Hex): readonly Hex[] {
    return [...this.budgets].filter(([, one]) => toHex(one.owner) === owner).map(([child]) => child);
  }

  /** A closed one leaves once it has no children. */
  private dropFrom(child: Hex): void {
    const budget = this.budgetOf(child);
    if (budget?.state !== "closed" || this.childrenOf(child).length > 0) return;
    this.budgets.delete(child);
    this.dropFrom(toHex(budget.owner));
  }
}

function world(named = NamedAgents.open(null), ledger = new DullLedger()) {
  const agents = () => new Map(named.values().map((one) => [one.name, one]));
  /** @returns the steps, in order */
  const settle = async (nowMs = NOON_MS): Promise<readonly string[]> => {
    const told: string[] = [];
    for (const { name } of named.values()) await named.settle(name, { ledgerAgent: idOf(name) });
    for (;;) {
      const holding = { agents: agents(), orphans: named.orphans, owner: OWNER, budgetOf: ledger.budgetOf };
      const step = nextStep(holding, new Set(), nowMs);
      if (step === null) break;
      expect(told.length).toBeLessThan(100);
      ledger.take(step, nowMs);
      told.push(`${step.kind} ${Buffer.from(step.child, "hex").toString().trim()}`);
    }
    const wanted = wantedBudgets(agents(), nowMs);
    for (const { name } of named.values())
      await named.settle(name, { isSettled: true, hasBudget: wanted.has(name) });
    return told;
  };
  const add = (name: string, change: Partial<NamedAgent["limits"]> = {}, parent: string | null = null) =>
    named.add(name, { weight: 1, band: "normal", parent, limits: { ...NO_SPENDING_LIMITS, ...change } }, 0n);
  return { named, ledger, agents, settle, add };
}

describe("the ledger is told", () => {
  test("of who has such limits and of those above, from above, once", async () => {
    const { add, settle, ledger } = world();
    await add("boss");
    await add("mid", {}, "boss");
    await add("ada", { perDay: 5n }, "mid");
    await add("kim", { perWeek: 5n }, "boss");
    expect(await settle()).toEqual(["open boss", "open mid", "open ada"]);
    const terms = (name: string) => ledger.budgetOf(idOf(name))!.terms;
    expect(terms("ada")).toMatchObject({ perAuction: MAX_AMOUNT, perPeriod: 5n, total: null });
    expect(terms("boss")).toMatchObject({ perPeriod: MAX_AMOUNT, total: null });
    expect(await settle()).toEqual([]);
  });

  test("of new terms as a renewal, of none as an end, and of those above as long as somebody needs them", async () => {
    const { add, settle, named, ledger } = world();
    await add("boss");
    await add("ada", { perDay: 5n }, "boss");
    await settle();
    await named.set("ada", { limits: { perDay: 9n, total: 20n } });
    expect(await settle()).toEqual(["open ada"]);
    expect(ledger.budgetOf(idOf("ada"))!.terms).toMatchObject({ perPeriod: 9n, total: 20n });
    await named.set("boss", { limits: { total: 50n } });
    expect(await settle()).toEqual(["open boss"]);
    await named.set("ada", { limits: { perDay: null, total: null } });
    expect(await settle()).toEqual(["close ada"]);
    await named.set("boss", { limits: { total: null } });
    expect(await settle()).toEqual(["close boss"]);
  });

  test("of another parent: what moves is closed from below, and opened where it belongs", async () => {
    const { add, settle, named } = world();
    await add("a", { perDay: 1n });
    await add("b", { perDay: 1n }, "a");
    await add("c", { perDay: 1n }, "b");
    await add("d", { perDay: 1n });
    await settle();
    await named.set("b", { parent: "d" });
    expect(await settle()).toEqual(["close c", "close b", "open b", "open c"]);
    await named.set("b", { parent: null });
    expect(await settle()).toEqual(["close c", "close b", "open b", "open c"]);
  });

  test("of who is removed, and not of what a person closed there, until its owner says something of it", async () => {
    const { add, settle, named, ledger } = world();
    await add("ada", { perDay: 1n });
    await add("kim", { perDay: 1n });
    await settle();
    await named.remove("kim");
    ledger.take({ kind: "close", child: idOf("ada"), owner: OWNER }, NOON_MS);
    expect(await settle()).toEqual(["close kim"]);
    await named.set("ada", { limits: { perDay: 2n } });
    expect(await settle()).toEqual(["open ada"]);
  });

  test("again before a budget without an end comes to one; one with an end has it to the millisecond", async () => {
    const { add, settle, named, ledger } = world();
    await add("ada", { perDay: 1n });
    await add("kim", { perDay: 1n, untilMs: NOON_MS + 100 * DAY_MS });
    await add("far", { perDay: 1n, untilMs: NOON_MS + 900 * DAY_MS });
    await settle();
    const untilMs = (name: string) => ledger.budgetOf(idOf(name))!.terms.untilMs;
    expect(untilMs("kim")).toBe(NOON_MS + 100 * DAY_MS);
    expect(await settle(NOON_MS + 180 * DAY_MS)).toEqual([]);
    expect(await settle(NOON_MS + 190 * DAY_MS)).toEqual(["open ada", "open far"]);
    for (let day = 200; day < 900; day += 100) await settle(NOON_MS + day * DAY_MS);
    expect(untilMs("far")).toBe(NOON_MS + 900 * DAY_MS);
    expect(untilMs("ada")).toBeGreaterThan(NOON_MS + 980 * DAY_MS);
    await named.set("kim", { limits: { untilMs: NOON_MS - 1 } });
    expect(await settle(NOON_MS)).toEqual(expect.not.arrayContaining(["open kim"]));
  });

  test("of a tree as it came to be, whatever was said in between: each step is one that the ledger takes", async () => {
    const name = fc.constantFrom("a", "b", "c", "d", "e", "f");
    const perDay = fc.constantFrom(null, 1n, 2n);
    const word = fc.tuple(
      fc.constantFrom("add", "set", "move", "remove", "settle"),
      name,
      fc.option(name),
      perDay,
    );
    const first = fc.array(fc.option(name, { freq: 3 }), { minLength: 3, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(first, fc.array(word, { maxLength: 20 }), async (parents, words) => {
        const { named, settle, add, agents, ledger } = world();
        for (const [nth, parent] of parents.entries()) await add("abcdef"[nth]!, { perDay: 1n }, parent);
        await settle();
        for (const [what, one, other, limit] of words) {
          if (what === "add") await add(one, { perDay: limit }, other);
          else if (what === "set") await named.set(one, { limits: { perDay: limit } });
          else if (what === "move") await named.set(one, { parent: other });
          else if (what === "remove") await named.remove(one);
          else await settle();
        }
        await settle();
        const wanted = wantedBudgets(agents(), NOON_MS);
        for (const [key, one] of wanted) {
          const budget = ledger.budgetOf(idOf(key));
          expect(budget !== null && isAsWanted(budget, one, NOON_MS)).toBe(true);
          expect(toHex(budget!.owner)).toBe(one.agent.parent === null ? OWNER : idOf(one.agent.parent));
        }
        expect(ledger.budgets.size).toBe(wanted.size);
      }),
      { numRuns: 100 },
    );
  });
});

test("nothing is told of an agent that the ledger would never know", () => {
  const agents = new Map([
    ["ada", { ...USUAL_UNKNOWN, name: "ada", limits: { ...NO_SPENDING_LIMITS, perDay: 1n } }],
  ]);
  expect(nextStep({ agents, orphans: [], owner: OWNER, budgetOf: () => null }, new Set(), NOON_MS)).toBe(
    null,
  );
});
