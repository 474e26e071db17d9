// Laws of a pool: the upstream refuses nothing, its limit is used, and who waits all the time is served by its weight.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Band, Pool, type PoolRules } from "../../src/quota/index.js";
import { ask, MINUTE, RPM, RULES, TPM, use } from "./asking.js";
import { Limiter } from "./upstream.js";

interface Load {
  readonly flow: string;
  readonly weight: number;
  readonly band: Band;
  /** how many it keeps waiting or running */
  readonly depth: number;
  readonly sizes: readonly number[];
  readonly thinkMs: number;
}

interface Served {
  readonly atMs: number;
  readonly flow: string;
  readonly cost: number;
}

/** Drives a pool before an exact upstream in virtual time. */
function drive(
  rules: PoolRules,
  loads: readonly Load[],
  { untilMs, takesMs }: { untilMs: number; takesMs: number },
) {
  const pool = new Pool(rules);
  const limiter = new Limiter(rules.limits);
  const weights = { request: 1e9 / 60, tokens: 1e9 / 100_000 };
  const agenda: { atMs: number; act: (nowMs: number) => void }[] = [];
  const later = (atMs: number, act: (nowMs: number) => void) => {
    agenda.push({ atMs, act });
  };
  const served: Served[] = [];
  const count = new Map<string, number>();
  const loadOf = new Map(loads.map((one) => [one.flow, one]));
  const offer = (load: Load, nowMs: number) => {
    const turn = count.get(load.flow) ?? 0;
    count.set(load.flow, turn + 1);
    const size = load.sizes[turn % load.sizes.length]!;
    const result = pool.ask(ask(load.flow, use(size), { weight: load.weight, band: load.band }), nowMs);
    if (!result.ok) throw new Error(result.error.code);
  };
  for (const load of loads) for (let n = 0; n < load.depth; n++) later(0, (nowMs) => offer(load, nowMs));
  for (let nowMs = 0; nowMs <= untilMs; ) {
    for (let at = agenda.findIndex((one) => one.atMs <= nowMs); at >= 0; ) {
      const [next] = agenda.splice(at, 1);
      next!.act(nowMs);
      at = agenda.findIndex((one) => one.atMs <= nowMs);
    }
    const { begun, wakeAtMs } = pool.turn(nowMs);
    for (const one of begun) {
      const tokens = one.estimate.inputTokens + one.estimate.outputTokens;
      limiter.take([1, tokens], nowMs);
      served.push({ atMs: nowMs, flow: one.flow, cost: weights.request + weights.tokens * tokens });
      const load = loadOf.get(one.flow)!;
      later(nowMs + takesMs, (endMs) => {
        pool.settle(one.id, one.estimate, endMs);
        if (load.thinkMs === 0) offer(load, endMs);
        else later(endMs + load.thinkMs, (askMs) => offer(load, askMs));
      });
    }
    const times = agenda.map(({ atMs }) => atMs);
    if (wakeAtMs !== null) times.push(wakeAtMs);
    const next = Math.min(...times);
    if (next === Number.POSITIVE_INFINITY) break;
    nowMs = Math.max(next, nowMs);
  }
  return { served, limiter, pool };
}

const sizes = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 5 });
const flows = fc
  .array(fc.record({ weight: fc.integer({ min: 1, max: 8 }), sizes }), { minLength: 2, maxLength: 6 })
  .map((list) =>
    list.map((one, at): Load => ({ ...one, flow: `flow-${at}`, band: "normal", depth: 200, thinkMs: 0 })),
  );

describe("a pool before an exact upstream", () => {
  it("G25 is never refused, and leaves of the limit only its headroom", () => {
    fc.assert(
      fc.property(flows, (loads) => {
        const { served, limiter } = drive(RULES, loads, { untilMs: 5 * MINUTE, takesMs: 500 });
        expect(limiter.refused).toBe(0);
        // One of the limits is used: what it gave is its refill over the time, and its first filling, less headroom and one request.
        const last = served.at(-1)!.atMs;
        const given = (limit: number) => limit * 0.99 + (limit * last) / MINUTE;
        const tokens = served.reduce((sum, { cost }) => sum + (cost - 1e9 / 60) / (1e9 / 100_000), 0);
        const most = Math.max(...loads.flatMap((one) => one.sizes));
        const isRequests = served.length >= given(60) - 2;
        const isTokens = tokens >= given(100_000) - most - 1_000;
        expect(isRequests || isTokens).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  it("G18 serves flows that wait all the time by their weights, to within two requests", () => {
    fc.assert(
      fc.property(flows, (loads) => {
        const { served } = drive(RULES, loads, { untilMs: 5 * MINUTE, takesMs: 500 });
        const most = Math.max(...loads.map((one) => (1e9 / 60 + 1e4 * Math.max(...one.sizes)) / one.weight));
        const by = new Map<string, number>(loads.map((one) => [one.flow, 0]));
        const weightOf = new Map(loads.map((one) => [one.flow, one.weight]));
        const history = served.map(({ flow, cost }) => {
          by.set(flow, by.get(flow)! + cost / weightOf.get(flow)!);
          return [...by.values()];
        });
        // From every instant to every later one.
        const count = loads.length;
        for (let a = 0; a < count; a++) {
          for (let b = 0; b < a; b++) {
            const gaps = [0, ...history.map((one) => one[a]! - one[b]!)];
            expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(2 * most + 1_000);
          }
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe("G20 bands", () => {
  const load = (flow: string, band: Band): Load => ({
    flow,
    band,
    weight: 1,
    depth: 100,
    sizes: [1_000],
    thinkMs: 0,
  });

  it("serve the higher first, and of what it gets a twentieth to whoever waits below", () => {
    const loads = [load("talk", "interactive"), load("work", "batch")];
    const { served } = drive(RULES, loads, { untilMs: 20 * MINUTE, takesMs: 100 });
    const talk = served.filter(({ flow }) => flow === "talk").length;
    const work = served.length - talk;
    expect(Math.abs(work - talk / 20)).toBeLessThanOrEqual(1);
  });

  it("save up nothing for a band in which nobody waits", () => {
    const pool = new Pool({ ...RULES, limits: [RPM] });
    for (let n = 0; n < 50; n++) pool.ask(ask("talk", use(1), { band: "interactive" }), 0);
    expect(pool.turn(0).begun).toHaveLength(50);
    for (let n = 0; n < 20; n++) pool.ask(ask("talk", use(1), { band: "interactive" }), 0);
    pool.ask(ask("work", use(1), { band: "batch" }), 0);
    expect(pool.turn(0).begun.map(({ flow }) => flow)).toEqual(Array.from({ length: 9 }, () => "talk"));
  });
});

describe("lending", () => {
  const pace = { untilMs: 10 * MINUTE, takesMs: 100 };
  const busy = (flow: string): Load => ({
    flow,
    band: "normal",
    weight: 1,
    depth: 50,
    sizes: [100],
    thinkMs: 0,
  });

  it("G18 G19 gives idle share to whoever waits, and back as soon as its owner does", () => {
    const alone = drive(RULES, [busy("a")], pace).served.length;
    const pool = new Pool({ ...RULES, limits: [RPM] });
    expect(alone).toBeGreaterThanOrEqual(59 + 10 * 60 - 2);
    for (let n = 0; n < 100; n++) pool.ask(ask("a", use(1)), 0);
    expect(pool.turn(0).begun).toHaveLength(59);
    // b was idle, and comes: from now on every other request is its own.
    for (let n = 0; n < 100; n++) pool.ask(ask("b", use(1)), 0);
    const flows: string[] = [];
    for (let atMs = 0; atMs <= MINUTE; atMs += 100)
      flows.push(...pool.turn(atMs).begun.map(({ flow }) => flow));
    expect(flows.length).toBeGreaterThanOrEqual(59);
    const mine = flows.filter((flow) => flow === "b").length;
    expect(Math.abs(2 * mine - flows.length)).toBeLessThanOrEqual(2);
  });

  it("G19 remembers for a while that somebody lent, and no more than was said", () => {
    const cost = Math.ceil(1e9 / 60);
    const first = (idleMs: number) => {
      const pool = new Pool({ ...RULES, limits: [RPM], memory: { halfLifeMs: MINUTE, credit: 5 * cost } });
      pool.ask(ask("b", use(0)), 0);
      expect(pool.turn(0).begun).toHaveLength(1);
      for (let n = 0; n < 900; n++) pool.ask(ask("a", use(0)), 0);
      for (let atMs = 0; atMs <= idleMs; atMs += 1_000) pool.turn(atMs);
      for (let n = 0; n < 100; n++) pool.ask(ask("b", use(0)), idleMs);
      const flows: string[] = [];
      for (let atMs = idleMs; flows.length < 20; atMs += 1_000) {
        flows.push(...pool.turn(atMs).begun.map(({ flow }) => flow));
      }
      return flows.indexOf("a");
    };
    expect(first(0)).toBeGreaterThanOrEqual(0);
    expect(first(30_000)).toBeGreaterThan(3);
    expect(first(30_000)).toBeLessThanOrEqual(6);
  });
});

describe("whoever waits", () => {
  it("G17 G23 is told in time that nobody waits for it any more, and leaves its place at once", () => {
    const pool = new Pool({ ...RULES, limits: [{ ...RPM, limit: 1 }], headroomBp: 0 });
    const [first, second, third] = [0, 1, 2].map(() => ask("a", use(1), { untilMs: 90_000 }));
    for (const one of [first!, second!, third!]) pool.ask(one, 0);
    expect(pool.turn(0)).toEqual({
      begun: [expect.objectContaining({ id: first!.id })],
      expired: [],
      unfit: [],
      wakeAtMs: 60_000,
    });
    expect(pool.leave(second!.id, 10)).toBe(true);
    expect(pool.leave(second!.id, 10)).toBe(false);
    expect(pool.turn(MINUTE).begun.map(({ id }) => id)).toEqual([third!.id]);
    pool.ask(ask("a", use(1), { id: "late", untilMs: 90_000 }), MINUTE);
    expect(pool.turn(MINUTE).wakeAtMs).toBe(90_000);
    expect(pool.turn(90_000)).toEqual({
      begun: [],
      expired: [expect.objectContaining({ id: "late" })],
      unfit: [],
      wakeAtMs: null,
    });
  });

  it("G17 goes where there is room, with no time left too; where there is none, its time is over then", () => {
    const pool = new Pool({ ...RULES, limits: [{ ...TPM, limit: 100 }], headroomBp: 0 });
    pool.ask(ask("a", use(60), { id: "goes", untilMs: 0 }), 0);
    pool.ask(ask("a", use(60), { id: "late", untilMs: 0 }), 0);
    pool.ask(ask("a", use(40), { id: "behind" }), 0);
    const turn = pool.turn(0);
    expect(turn.begun.map(({ id }) => id)).toEqual(["goes", "behind"]);
    expect(turn.expired.map(({ id }) => id)).toEqual(["late"]);
    pool.ask(ask("b", use(1), { id: "over", untilMs: 59_999 }), 10);
    expect(pool.turn(MINUTE)).toMatchObject({ begun: [], expired: [{ id: "over" }] });
  });

  it("G21 goes in the order in which it asked, whatever it costs, among those of its flow", () => {
    const pool = new Pool({ ...RULES, limits: [{ ...TPM, limit: 100 }], headroomBp: 0 });
    const asked = [90, 80, 5, 60, 1].map((tokens) => ask("a", use(tokens)));
    for (const one of asked) pool.ask(one, 0);
    const begun: string[] = [];
    for (let nowMs = 0; nowMs <= 3 * MINUTE; nowMs += 1_000) {
      for (const { id, estimate } of pool.turn(nowMs).begun) {
        begun.push(id);
        pool.settle(id, estimate, nowMs);
      }
    }
    expect(begun).toEqual(asked.map(({ id }) => id));
  });

  it("G14 G23 is refused at once what can never fit, and what finds no place", () => {
    const pool = new Pool({ ...RULES, maxWaiting: 3, maxWaitingPerFlow: 2 });
    expect(pool.ask(ask("a", use(99_001)), 0)).toMatchObject({
      ok: false,
      error: { code: "NEVER_FITS", limit: TPM },
    });
    expect(pool.ask(ask("a", use(1)), 0)).toEqual({ ok: true, value: 0 });
    expect(pool.ask(ask("a", use(1)), 0)).toEqual({ ok: true, value: 1 });
    expect(pool.ask(ask("a", use(1)), 0)).toMatchObject({
      ok: false,
      error: { code: "QUEUE_FULL", of: "flow" },
    });
    expect(pool.ask(ask("b", use(1)), 0).ok).toBe(true);
    expect(pool.ask(ask("c", use(1)), 0)).toMatchObject({
      ok: false,
      error: { code: "QUEUE_FULL", of: "pool" },
    });
  });
});

describe("a request that runs", () => {
  const ITPM = { dimension: "inputTokens", limit: 100_000, windowMs: MINUTE } as const;
  const rules: PoolRules = { ...RULES, limits: [ITPM], headroomBp: 0, output: "written" };

  it("G13 gives room and charge back as soon as it is known to use less than it was taken for", () => {
    const pool = new Pool(rules);
    const [large, ...small] = [use(90_000), use(9_000), use(9_000), use(9_000)].map((one) => ask("a", one));
    for (const one of [large!, ...small, ask("b", use(9_000))]) pool.ask(one, 0);
    // b came second and is owed what a was given; then there is no room.
    expect(pool.turn(0).begun.map(({ flow }) => flow)).toEqual(["a", "b"]);
    pool.heard(large!.id, use(9_000, 50), 0);
    expect(pool.takenAt(0)).toMatchObject([{ taken: 18_000 }]);
    expect(pool.turn(0).begun.map(({ id }) => id)).toEqual(small.map(({ id }) => id));
    expect(pool.evidenceOf("a").granted).toBe(4 * pool.evidenceOf("b").granted);
  });

  it("G13 is charged what it writes beyond what it was taken for as it does, where that is counted as it is written", () => {
    const otpm = { dimension: "outputTokens", limit: 100_000, windowMs: MINUTE } as const;
    for (const output of ["written", "asked"] as const) {
      const pool = new Pool({ ...rules, limits: [otpm], output });
      const one = ask("a", use(1, 1_000));
      pool.ask(one, 0);
      pool.turn(0);
      const { granted } = pool.evidenceOf("a");
      pool.heard(one.id, use(1, 1_000), 0);
      expect(pool.evidenceOf("a").granted).toBe(granted);
      pool.heard(one.id, use(1, 3_000), 0);
      expect(pool.takenAt(0)).toMatchObject([{ taken: output === "written" ? 3_000 : 1_000 }]);
      pool.settle(one.id, use(1, 3_000), 0);
      expect(pool.takenAt(0)).toMatchObject([{ taken: output === "written" ? 3_000 : 1_000 }]);
    }
  });
});

describe("room for the interactive band", () => {
  const ROOM: PoolRules = { ...RULES, limits: [TPM], headroomBp: 0, interactiveBp: 500 };
  const HELD = 600_000;

  it("is left by bands below it while it is one that asks, and used by it at once", () => {
    const pool = new Pool(ROOM);
    pool.ask(ask("talk", use(1), { band: "interactive" }), 0);
    for (const size of [94_999, 1]) pool.ask(ask("work", use(size)), 0);
    expect(pool.turn(0)).toMatchObject({ begun: [{ flow: "talk" }, { flow: "work" }], wakeAtMs: 1 });
    pool.ask(ask("talk", use(5_000), { band: "interactive" }), 0);
    expect(pool.turn(0).begun).toMatchObject([{ flow: "talk" }]);
  });

  it("is not left any more ten minutes after it asked last", () => {
    const pool = new Pool(ROOM);
    pool.ask(ask("talk", use(1), { band: "interactive" }), 0);
    pool.turn(0);
    pool.ask(ask("work", use(95_000)), HELD - 2);
    expect(pool.turn(HELD - 2).begun).toHaveLength(1);
    pool.ask(ask("work", use(5_000)), HELD - 2);
    expect(pool.turn(HELD - 2)).toMatchObject({ begun: [], wakeAtMs: HELD });
    expect(pool.turn(HELD).begun).toHaveLength(1);
  });

  it("does not keep off a request that leaves less: it goes once nothing else is used", () => {
    const pool = new Pool(ROOM);
    pool.ask(ask("talk", use(1), { band: "interactive" }), 0);
    pool.turn(0);
    pool.ask(ask("work", use(99_000)), 0);
    expect(pool.turn(0)).toMatchObject({ begun: [], wakeAtMs: 1 });
    expect(pool.turn(1).begun).toHaveLength(1);
  });

  it("a guess is clipped to what limits hold, its output is not", () => {
    const pool = new Pool({ ...ROOM, limits: [TPM, { ...TPM, dimension: "inputTokens", limit: 50_000 }] });
    expect(pool.clipped(use(60_000, 10))).toEqual(use(50_000, 10));
    expect(pool.clipped(use(60_000, 70_000))).toEqual(use(30_000, 70_000));
    expect(pool.clipped(use(49_000, 10))).toEqual(use(49_000, 10));
  });
});

describe("a refusal of the upstream", () => {
  it("G22 G26 stops all, sends one, and then the others, half as many at once", () => {
    const pool = new Pool({ ...RULES, congestion: { first: 8, most: 8, pauseMs: 1_000 } });
    for (let n = 0; n < 40; n++) pool.ask(ask("a", use(1)), 0);
    const { begun } = pool.turn(0);
    expect(begun).toHaveLength(8);
    for (const one of begun) pool.refused(one.id, 5_000, 10);
    for (const one of begun) pool.settle(one.id, use(0), 10);
    expect(pool.turn(10)).toMatchObject({ begun: [], wakeAtMs: 5_010 });
    const probe = pool.turn(5_010).begun;
    expect(probe).toHaveLength(1);
    pool.answered();
    pool.settle(probe[0]!.id, use(1), 5_020);
    expect(pool.turn(5_020).begun).toHaveLength(4);
  });

  it("G26 that names a month is looked into after five minutes", () => {
    const pool = new Pool({ ...RULES, congestion: { first: 1, most: 1, pauseMs: 1_000 } });
    for (let n = 0; n < 2; n++) pool.ask(ask("a", use(1), { untilMs: 60 * MINUTE }), 0);
    const [first] = pool.turn(0).begun;
    pool.refused(first!.id, 30 * 24 * 60 * MINUTE, 0);
    pool.settle(first!.id, use(0), 0);
    expect(pool.turn(1)).toMatchObject({ begun: [], wakeAtMs: 5 * MINUTE });
    expect(pool.turn(5 * MINUTE).begun).toHaveLength(1);
  });
});
