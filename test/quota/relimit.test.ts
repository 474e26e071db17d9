// Limits that change while requests wait and run.
import { describe, expect, it } from "vitest";
import { type Ask, type Limit, Pool } from "../../src/quota/index.js";
import { ask, MINUTE, RPM, RULES, TPM, use } from "./asking.js";

const rules = { ...RULES, headroomBp: 0 };
const rpm = (limit: number): Limit => ({ ...RPM, limit });
const asked = (pool: Pool, count: number, tokens: number, nowMs = 0): readonly Ask[] =>
  Array.from({ length: count }, () => {
    const one = ask("a", use(tokens));
    expect(pool.ask(one, nowMs).ok).toBe(true);
    return one;
  });

describe("a limit that changes", () => {
  it("keeps what is used, and flows off at its new rate from then on", () => {
    const pool = new Pool({ ...rules, limits: [rpm(60)] });
    asked(pool, 70, 1);
    expect(pool.turn(0).begun).toHaveLength(60);
    pool.relimit([rpm(30)], 1_000);
    // 59 are used of 30: at one each 2 s the 31st use is free once 30 have flowed off.
    expect(pool.turn(1_000)).toMatchObject({ begun: [], wakeAtMs: 1_000 + 30 * 2_000 });
    pool.relimit([rpm(120)], 1_000);
    expect(pool.turn(1_000).begun).toHaveLength(10);
  });

  it("hands back, in order of arrival and with the limit, what waits and will never fit; the others keep their places", () => {
    const pool = new Pool({ ...rules, limits: [rpm(1), TPM] });
    asked(pool, 1, 1);
    pool.turn(0);
    const [first, second, third, fourth] = [900, 501, 500, 502].map((tokens) => asked(pool, 1, tokens)[0]!);
    pool.relimit([rpm(2), { ...TPM, limit: 500 }], 0);
    expect(pool.waitingCount).toBe(4);
    expect(pool.leave(fourth!.id, 0)).toBe(true);
    const { begun, unfit } = pool.turn(0);
    expect(begun).toEqual([]);
    expect(unfit).toEqual([
      { ask: expect.objectContaining({ id: first!.id }), limit: { ...TPM, limit: 500 } },
      { ask: expect.objectContaining({ id: second!.id }), limit: { ...TPM, limit: 500 } },
    ]);
    expect(pool.waitingCount).toBe(1);
    expect(pool.turn(MINUTE)).toMatchObject({ begun: [{ id: third!.id }], unfit: [] });
  });

  it("that is new counts what runs, so that an answer's figures say of nobody else", () => {
    const pool = new Pool({ ...rules, limits: [] });
    const [first, second] = asked(pool, 2, 100);
    expect(pool.turn(0).begun).toHaveLength(2);
    pool.relimit([rpm(60), { ...TPM, limit: 1_000 }], 10);
    expect(pool.observe(first!.id, { dimension: "requests", windowMs: null, used: 2 }, 10)).toBe(0);
    expect(pool.observe(second!.id, { dimension: "tokens", windowMs: MINUTE, used: 260 }, 10)).toBe(0);
    asked(pool, 1, 741, 10);
    expect(pool.turn(10)).toMatchObject({ begun: [], wakeAtMs: 70 });
    pool.settle(first!.id, use(40), 10);
    expect(pool.turn(10).begun).toHaveLength(1);
    // Of what was used before it was known nobody is suspected; a window later of all that is too much.
    const seen = { dimension: "tokens", windowMs: MINUTE } as const;
    expect(pool.observe(second!.id, { ...seen, used: 1_000 }, MINUTE + 9)).toBe(0);
    expect(pool.observe(second!.id, { ...seen, used: 1_100 }, MINUTE + 10)).toBe(100);
  });

  it("leaves the marks of what runs valid: nobody else is suspected", () => {
    const pool = new Pool({ ...rules, limits: [rpm(60)] });
    const [first] = asked(pool, 1, 1);
    pool.turn(0);
    asked(pool, 4, 1);
    pool.turn(0);
    pool.relimit([TPM, rpm(30)], 0);
    const seen = { dimension: "requests", windowMs: MINUTE } as const;
    expect(pool.observe(first!.id, { ...seen, used: 5 }, 0)).toBe(0);
    expect(pool.observe(first!.id, { ...seen, used: 7 }, 0)).toBe(2);
  });

  it("that is not named any more holds nothing back, and settles nothing when it is named again", () => {
    const pool = new Pool({ ...rules, limits: [rpm(1)] });
    const [first] = asked(pool, 3, 1);
    expect(pool.turn(0).begun).toHaveLength(1);
    pool.relimit([], 0);
    expect(pool.turn(0).begun).toHaveLength(2);
    pool.relimit([rpm(10)], 0);
    pool.settle(first!.id, null, 0);
    asked(pool, 9, 1);
    expect(pool.turn(0).begun).toHaveLength(8);
  });

  it("charges a request in the end by the weights of the limits at which it asked", () => {
    const pool = new Pool({ ...rules, limits: [TPM] });
    const [first] = asked(pool, 1, 1_000);
    pool.turn(0);
    pool.relimit([rpm(1)], 0);
    pool.settle(first!.id, use(1_000), 0);
    // Nothing is left to correct: a is charged what b is, and the one that came first goes first.
    for (const flow of ["a", "b"]) pool.ask(ask(flow, use(0), { id: flow }), MINUTE);
    expect(pool.turn(2 * MINUTE).begun.map(({ flow }) => flow)).toEqual(["a"]);
  });
});

describe("headroom", () => {
  it("leaves the last unit of a limit to be used", () => {
    const pool = new Pool({ ...rules, headroomBp: 9_999, limits: [rpm(1)] });
    asked(pool, 2, 1);
    expect(pool.turn(0)).toMatchObject({ begun: [{}], wakeAtMs: MINUTE });
  });
});
