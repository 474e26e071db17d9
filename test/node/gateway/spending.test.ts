// Limits of spending: what is let go, what is not and why, and the law that no limit is ever passed nor in the way for nothing.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type NamedAgent,
  NO_SPENDING_LIMITS,
  USUAL_UNKNOWN,
  whoOf,
} from "../../../node/gateway/named/named-agent.js";
import type { Bound, LedgerBudget, Level, Purse } from "../../../node/gateway/spending/bounds.js";
import { boundsOf } from "../../../node/gateway/spending/bounds.js";
import { type Judgement, judge, type Over } from "../../../node/gateway/spending/judgement.js";
import { NO_LEDGER, Spending } from "../../../node/gateway/spending/spending.js";
import { nearWords, overBudget } from "../../../node/gateway/spending/words.js";
import { DullBooks, windowAt } from "./spending-world.js";

/** A Friday noon, the 6th. */
const NOON_MS = Date.parse("2026-03-06T12:00:00Z");
const DAY_MS = 86_400_000;
const CREDIT = 1_000_000;

const agent = (
  name: string,
  change: Partial<NamedAgent["limits"]> = {},
  more: Partial<NamedAgent> = {},
): NamedAgent => ({
  ...{ ...USUAL_UNKNOWN, name, limits: { ...NO_SPENDING_LIMITS, ...change } },
  ...more,
});
const credits = (amount: number): bigint => BigInt(Math.round(amount * CREDIT));

function world(line: readonly NamedAgent[], ledger = NO_LEDGER, fail: "open" | "closed" = "closed") {
  const books = new DullBooks();
  const near: Bound[] = [];
  const spending = new Spending(books, ledger, fail, (bound) => near.push(bound));
  const paying = { line, payers: ["agent:ada/session:s", ...line.map(({ name }) => whoOf(name))] };
  const ask = (cost: number, nowMs = NOON_MS) => spending.maySpend(paying, Math.round(cost * CREDIT), nowMs);
  const run = (cost: number) => books.begin(paying.payers, Math.round(cost * CREDIT));
  const spend = (cost: number, atMs = NOON_MS) => books.end(run(cost), Math.round(cost * CREDIT), atMs);
  return { books, near, spending, paying, ask, run, spend };
}

const boundOf = ({ over }: Judgement) =>
  over?.kind === "exceeded" ? `${over.bound.level} ${over.bound.window}` : over?.kind;

describe("G38 each window", () => {
  test.each([
    ["perDay", "day", "2026-03-07T00:00:00Z"],
    ["perWeek", "week", "2026-03-09T00:00:00Z"],
    ["perMonth", "month", "2026-04-01T00:00:00Z"],
    ["perSession", "session", null],
    ["total", "total", null],
  ] as const)("%s lets go what just fits, and nothing more until it is over", (limit, window, resets) => {
    const { ask, spend } = world([agent("ada", { [limit]: credits(5) })]);
    spend(4);
    expect(ask(1).over).toBe(null);
    const { over } = ask(1.000001);
    const resetsMs = resets === null ? null : Date.parse(resets);
    expect(over).toMatchObject({
      kind: "exceeded",
      isForNow: false,
      bound: { level: "ada", window, most: 5 * CREDIT, used: 4 * CREDIT, resetsMs },
    });
    expect(ask(5, resetsMs ?? NOON_MS + 400 * DAY_MS).over === null).toBe(resets !== null);
    if (resetsMs !== null) expect(ask(1.1, resetsMs - 1).over).not.toBe(null);
  });

  test("counts of all levels, and the one that stands longest is named", () => {
    const line = [
      agent("ada", { perDay: credits(3), perWeek: credits(4) }),
      agent("boss", { perDay: credits(2) }),
    ];
    const { ask, spend } = world(line);
    spend(1);
    expect(boundOf(ask(1.5))).toBe("boss day");
    spend(2, NOON_MS - DAY_MS);
    expect(boundOf(ask(1))).toBe(undefined);
    expect(boundOf(ask(1.5))).toBe("ada week");
    expect(boundOf(ask(0.5))).toBe(undefined);
  });

  test("what an earlier agent of the name has spent counts for nothing in all", () => {
    const { ask, spend } = world([agent("ada", { total: credits(2) }, { countedFrom: credits(5) })]);
    spend(5, NOON_MS - 40 * DAY_MS);
    expect(ask(2).over).toBe(null);
    spend(1);
    expect(boundOf(ask(1.1))).toBe("ada total");
  });

  test("a limit is never in the way of what costs nothing", () => {
    const { ask, spend } = world([agent("ada", { perDay: 1n })]);
    spend(5);
    expect(ask(0).over).toBe(null);
    expect(boundOf(ask(0.000001))).toBe("ada day");
  });

  test("a client that names no session has no limit by session; a subagent's is that of its topmost", () => {
    const { spending, books } = world([]);
    const line = [agent("ada", { perSession: credits(1) })];
    const asked = (...callers: string[]) => {
      const payers = [...callers, "agent:ada"];
      const { over } = spending.maySpend({ line, payers }, CREDIT, NOON_MS);
      if (over === null) books.end(books.begin(payers, CREDIT), CREDIT, NOON_MS);
      return over === null;
    };
    expect([asked(), asked(), asked("client:1"), asked("client:1")]).toEqual([true, true, true, true]);
    expect([asked("s/a/b", "s/a", "s"), asked("s"), asked("s/c", "s"), asked("t")]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});

describe("what runs", () => {
  test("counts at what is set aside for it; where that alone is in the way, a moment later mends it", () => {
    const { ask, run, books, spending, paying } = world([agent("ada", { perDay: credits(5) })]);
    const one = run(4.5);
    expect(ask(1).over).toMatchObject({ isForNow: true });
    expect(spending.mayWait(paying, CREDIT, NOON_MS)).toBe(null);
    expect(spending.mayWait(paying, 5.1 * CREDIT, NOON_MS)).toMatchObject({ isForNow: false });
    books.end(one, 0.5 * CREDIT, NOON_MS);
    expect(ask(1).over).toBe(null);
  });

  test("and costs more than was set aside is charged all the same: then nothing goes", () => {
    const { ask, run, books } = world([agent("ada", { perDay: credits(5) })]);
    books.end(run(1), 9 * CREDIT, NOON_MS);
    expect(ask(0.1).over).toMatchObject({ bound: { used: 9 * CREDIT } });
  });
});

describe("the ledger's budget", () => {
  const live: LedgerBudget = { isLive: true, perDay: credits(5), usedToday: 0n, total: null, usedInAll: 0n };
  const withBudget = (budget: LedgerBudget | null, more: Partial<NamedAgent> = {}, limits = {}) =>
    world([agent("ada", limits, { ledgerAgent: "ab", hasBudget: true, ...more })], {
      begun: null,
      trouble: null,
      budgetOf: (id) => (id === "ab" ? budget : null),
    });

  test("holds beside what the owner said, the narrower of both, and what the log has used counts", () => {
    expect(boundOf(withBudget(live).ask(5.1))).toBe("ada day");
    expect(boundOf(withBudget(live, {}, { perDay: credits(4) }).ask(4.1))).toBe("ada day");
    expect(boundOf(withBudget(live, {}, { perDay: credits(9) }).ask(5.1))).toBe("ada day");
    expect(boundOf(withBudget({ ...live, usedToday: credits(1) }).ask(4.1))).toBe("ada day");
    expect(boundOf(withBudget({ ...live, total: credits(3), usedInAll: credits(1) }).ask(2.1))).toBe(
      "ada total",
    );
    expect(withBudget({ ...live, total: credits(3), usedInAll: credits(1) }).ask(2).over).toBe(null);
  });

  test("that is closed, or gone from the log, ends all spending; one that is on its way does not yet hold", () => {
    expect(boundOf(withBudget({ ...live, isLive: false }).ask(0))).toBe("ended");
    expect(boundOf(withBudget(null).ask(0))).toBe("ended");
    expect(withBudget(null, { isSettled: false }).ask(9).over).toBe(null);
    expect(withBudget(null, { hasBudget: false }).ask(9).over).toBe(null);
    expect(boundOf(withBudget(live, {}, { untilMs: NOON_MS }).ask(1, NOON_MS + 1))).toBe("ended");
    expect(withBudget(live, {}, { untilMs: NOON_MS }).ask(1, NOON_MS).over).toBe(null);
  });

  test("of a level above ends it too", () => {
    const line = [agent("ada"), agent("boss", { untilMs: NOON_MS - 1 })];
    expect(world(line).ask(0).over).toEqual({ kind: "ended", level: "boss", untilMs: NOON_MS - 1 });
  });

  test("that cannot be read: nobody with one is served, or all are by what the owner said", () => {
    const line = [
      agent("ada", { perDay: credits(4) }),
      agent("boss", {}, { hasBudget: true, ledgerAgent: "ab" }),
    ];
    const broken = { begun: null, trouble: "the peer has stopped", budgetOf: () => null };
    expect(world(line, broken, "closed").ask(1).over).toEqual({
      kind: "unreadable",
      level: "boss",
      why: "the peer has stopped",
    });
    expect(world([agent("kim")], broken, "closed").ask(1).over).toBe(null);
    expect(world(line, broken, "open").ask(1).over).toBe(null);
    expect(boundOf(world(line, broken, "open").ask(5))).toBe("ada day");
  });
});

describe("a warning", () => {
  test("comes from 85 % on, with each request, and is told once in its window", () => {
    const { ask, spend, near } = world([agent("ada", { perDay: credits(10) })]);
    spend(8);
    expect(ask(0.499999).near).toEqual([]);
    expect(ask(0.5).near).toHaveLength(1);
    expect(ask(1).near).toMatchObject([{ level: "ada", window: "day" }]);
    expect(near.map(nearWords)).toEqual(["agent ada has spent 8 of 10 credits a day"]);
    expect(nearWords({ ...near[0]!, setAside: 2_000_000 })).toBe(
      "agent ada has spent 6, and set aside 2 for what runs, of 10 credits a day",
    );
    spend(9, NOON_MS + DAY_MS);
    ask(0.1, NOON_MS + DAY_MS);
    expect(near).toHaveLength(2);
  });

  test("does not come of a request that is refused", () => {
    const { ask, spend, near } = world([agent("ada", { perDay: credits(10), perWeek: credits(100) })]);
    spend(9);
    expect(ask(2).near).toEqual([]);
    expect(near).toEqual([]);
  });
});

describe("G40 little is left, and a request", () => {
  const judged = (line: NamedAgent[], spent: number, cost: number, most: number) => {
    const { spending, paying, spend } = world(line);
    spend(spent);
    return spending.maySpend(paying, cost * CREDIT, NOON_MS, most * CREDIT);
  };
  const ada = () => [agent("ada", { perDay: credits(100) })];

  test.each([
    // Below 85 % it is judged as it is estimated, and that is what is set aside.
    [83, 1, 50, undefined, 1],
    [84, 0.9, 50, undefined, 0.9],
    // From there on as it costs with all its output.
    [84, 1, 16, undefined, 16],
    [84, 1, 16.5, "ada day", null],
    [99, 1, 1, undefined, 1],
  ])("of %i spent, estimated at %d and %d at most: %s", (spent, cost, most, bound, aside) => {
    const judgement = judged(ada(), spent, cost, most);
    expect(boundOf(judgement)).toBe(bound);
    if (aside !== null) expect(judgement.cost).toBe(aside * CREDIT);
  });

  test("is told that it may ask for less, and when it is free again, if an empty limit holds its estimate", () => {
    const { over } = judged(ada(), 84, 1, 120);
    expect(over).toMatchObject({ cost: 120 * CREDIT, isByMost: true, isNever: false, isForNow: false });
    expect(overBudget(over!)).toMatchObject({
      message:
        "the agent ada may spend 100 credits a day, and this request may cost 120 at the most, with all the output that it allows and nothing in a cache, which counts as little is left, less if it allows fewer tokens of output",
      limit: { resetsMs: Date.parse("2026-03-07T00:00:00Z") },
    });
    expect(judged(ada(), 0, 86, 120).over).toMatchObject({ isNever: true });
  });

  test("waits, where only what is set aside makes it little", () => {
    const { spending, paying, run } = world(ada());
    run(84);
    expect(spending.maySpend(paying, CREDIT, NOON_MS, 50 * CREDIT).over).toMatchObject({ isForNow: true });
    expect(spending.mayWait(paying, CREDIT, NOON_MS, 50 * CREDIT)).toBe(null);
  });

  test("one level of which little is left is enough, and others are judged by the estimate", () => {
    const line = () => [agent("ada", { perDay: credits(100) }), agent("boss", { perDay: credits(1_000) })];
    expect(boundOf(judged(line(), 84, 1, 20))).toBe("ada day");
    const boss = [agent("ada", { perDay: credits(1_000) }), agent("boss", { perDay: credits(100) })];
    expect(boundOf(judged(boss, 84, 1, 20))).toBe("boss day");
  });

  test("no agent that asks for one after the other passes its limit, whatever it writes, but from below 85 %", () => {
    const asks = fc.record({ cost: fc.integer({ min: 1, max: 60 }), more: fc.integer({ min: 0, max: 60 }) });
    fc.assert(
      fc.property(fc.array(asks, { maxLength: 40 }), (story) => {
        const { spending, paying, spend, books } = world([agent("ada", { total: 100n })]);
        for (const { cost, more } of story) {
          const used = books.spent("agent:ada", "all", NOON_MS);
          const { over } = spending.maySpend(paying, cost, NOON_MS, cost + more);
          if (over !== null) continue;
          if (used + cost >= 85) expect(used + cost + more).toBeLessThanOrEqual(100);
          spend((cost + more) / CREDIT);
        }
      }),
    );
  });
});

describe("a refusal", () => {
  const exceeded = (isForNow: boolean): Over => ({
    kind: "exceeded",
    isForNow,
    ...{ cost: 250_000, isByMost: false, isNever: false },
    bound: {
      ...{ level: "ada", window: "day", who: "agent:ada", resetsMs: NOON_MS },
      ...{ most: 5 * CREDIT, used: 4_900_000, setAside: 400_000 },
    },
  });

  test("names level, window, amounts, when it is free again and the command that changes it; nobody tries again", () => {
    expect(overBudget(exceeded(false))).toEqual({
      status: 402,
      code: "BUDGET_EXCEEDED",
      message: "the agent ada may spend 5 credits a day, and this request may cost 0.25",
      retryMs: null,
      limit: {
        name: "budget",
        level: "ada",
        window: "day",
        used: 4_900_000,
        limit: 5_000_000,
        resetsMs: NOON_MS,
      },
      fix: "mabeam gateway agents set ada --per-day <credits>",
    });
  });

  test.each([
    [5 * CREDIT, NOON_MS, "cost 5"],
    [5 * CREDIT + 1, null, "cost 5.000001, less if it allows fewer tokens of output"],
  ])(
    "of %i micro-credits says that it is free again where an empty limit holds them",
    (cost, resetsMs, words) => {
      expect(overBudget({ ...exceeded(false), cost, isNever: cost > 5 * CREDIT } as Over)).toMatchObject({
        message: expect.stringMatching(new RegExp(`${words}$`)),
        limit: { resetsMs },
      });
    },
  );

  test("of what only runs is in the way says so, and is tried again", () => {
    expect(overBudget(exceeded(true))).toMatchObject({
      status: 429,
      code: "BUDGET_SET_ASIDE",
      message: expect.stringContaining("0.4 are set aside for requests that run"),
      retryMs: 2_000,
    });
  });

  test("of a budget that has ended, or cannot be read", () => {
    expect(overBudget({ kind: "ended", level: "ada", untilMs: NOON_MS })).toMatchObject({
      status: 402,
      code: "BUDGET_ENDED",
      message: "the budget of the agent ada ended at 2026-03-06T12:00:00.000Z",
    });
    expect(overBudget({ kind: "ended", level: "ada", untilMs: null }).message).toContain("is closed");
    expect(overBudget({ kind: "unreadable", level: "ada", why: "it broke" })).toMatchObject({
      status: 503,
      code: "LEDGER_UNREADABLE",
    });
  });
});

describe("G40 over any tree and story of requests that overlap", () => {
  type Judging = typeof judge;
  const amount = fc.integer({ min: 1, max: 30 });
  const limit = fc.option(amount.map(BigInt), { freq: 2 });
  const limits = fc.record({
    perDay: limit,
    total: limit,
    perWeek: limit,
    perMonth: limit,
    perSession: limit,
  });
  const tree = fc.array(fc.tuple(limits, fc.nat({ max: 3 })), { minLength: 1, maxLength: 6 });
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ asks: fc.nat(), session: fc.nat({ max: 2 }), cost: fc.nat({ max: 12 }) }),
    },
    { weight: 3, arbitrary: fc.record({ ends: fc.nat(), cost: fc.nat({ max: 12 }) }) },
    { weight: 1, arbitrary: fc.record({ passMs: fc.integer({ min: 0, max: 12 * DAY_MS }) }) },
  );

  /** What is wrong with a judgement, by adding up all that was ever charged; null: nothing. */
  function faultOf(
    books: DullBooks,
    line: readonly Level[],
    cost: number,
    nowMs: number,
    isLetGo: boolean,
  ): string | null {
    const windows = {
      perDay: "day",
      perWeek: "week",
      perMonth: "month",
      total: "all",
      perSession: "all",
    } as const;
    let fits = true;
    for (const { limits: own, who, session } of line) {
      for (const [kind, window] of Object.entries(windows)) {
        const most = own[kind as keyof typeof windows];
        const counted = kind === "perSession" ? session : who;
        if (most === null || counted === null) continue;
        const used = books.charges
          .filter(({ payers }) => payers.includes(counted))
          .filter(({ endedMs }) => endedMs === null || windowAt(window, endedMs) === windowAt(window, nowMs))
          .reduce((sum, one) => sum + one.cost, 0);
        if (used + cost > Number(most)) fits = false;
      }
    }
    if (isLetGo && !fits && cost > 0) return "a limit was passed";
    return !isLetGo && fits ? "all levels allow it" : null;
  }

  const law = (judging: Judging) =>
    fc.property(tree, fc.array(step, { maxLength: 60 }), (agents, story) => {
      const levels = agents.map(([own, parent], i) => ({
        ...{ name: `a${i}`, who: whoOf(`a${i}`), limits: { ...NO_SPENDING_LIMITS, ...own } },
        ...{ countedFrom: 0n, budget: null, session: null, parent: i === 0 ? null : Math.min(parent, i - 1) },
      }));
      const lineOf = (i: number): typeof levels => {
        const one = levels[i]!;
        return one.parent === null ? [one] : [one, ...lineOf(one.parent)];
      };
      const books = new DullBooks();
      let nowMs = NOON_MS;
      for (const one of story) {
        if ("passMs" in one) nowMs += one.passMs;
        else if ("ends" in one) {
          const { running } = books;
          if (running.length > 0) books.end(running[one.ends % running.length]!, one.cost, nowMs);
        } else {
          const at = one.asks % levels.length;
          const session = one.session === 0 ? null : `agent:a${at}/session:${one.session}`;
          const line = lineOf(at).map((level) => ({ ...level, session }));
          const { over } = judging(line, books, one.cost, nowMs);
          expect(faultOf(books, line, one.cost, nowMs, over === null)).toBe(null);
          const payers = [...(session === null ? [] : [session]), ...line.map(({ who }) => who)];
          if (over === null) books.begin(payers, one.cost);
        }
      }
    });

  test("no limit is passed when a request is let go, and none that all levels allow is refused", () => {
    fc.assert(law(judge), { numRuns: 300 });
  });

  const blind = (books: Purse): Purse => ({
    setAside: () => 0,
    spent: (who, window, nowMs) => books.spent(who, window, nowMs) - books.setAside(who),
  });
  test.each<[string, Judging]>([
    ["does not count what runs", (line, books, ...rest) => judge(line, blind(books), ...rest)],
    ["counts the agent's own level alone", ([own], ...rest) => judge([own!], ...rest)],
    [
      "forgets the topmost level",
      (line, ...rest) => judge(line.length > 1 ? line.slice(0, -1) : line, ...rest),
    ],
    [
      "refuses what just fits",
      (line, books, cost, nowMs) => judge(line, books, cost === 0 ? 0 : cost + 1, nowMs),
    ],
    ["does not count the request itself", (line, books, _, nowMs) => judge(line, books, 1, nowMs)],
    [
      "takes months for weeks",
      (line, books, cost, nowMs) =>
        judge(
          line,
          {
            ...blind(books),
            setAside: (who) => books.setAside(who),
            spent: (who, window, at) => books.spent(who, window === "week" ? "month" : window, at),
          },
          cost,
          nowMs,
        ),
    ],
    [
      "forgets sessions",
      (line, ...rest) =>
        judge(
          line.map((one) => ({ ...one, session: null })),
          ...rest,
        ),
    ],
  ])("a gate that %s is caught", (_, mutant) => {
    expect(fc.check(law(mutant), { seed: 5, numRuns: 5_000 }).failed).toBe(true);
  });

  test("the windows of a level are named once each, and none that has no limit", () => {
    const all = { perDay: 1n, perWeek: 1n, perMonth: 1n, perSession: 1n, total: 1n };
    const level = { name: "a", who: "agent:a", countedFrom: 0n, budget: null, session: "s" };
    const names = (limits: object) =>
      boundsOf({ ...level, limits: { ...NO_SPENDING_LIMITS, ...limits } }, new DullBooks(), NOON_MS).map(
        ({ window }) => window,
      );
    expect(names(all)).toEqual(["day", "week", "month", "session", "total"]);
    expect(names({})).toEqual([]);
  });
});
