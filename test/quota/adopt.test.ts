// A pool that takes over what another one let go is as if it had let it go itself.
import { expect, it } from "vitest";
import { type Ask, Pool } from "../../src/quota/index.js";
import { ask, RPM, RULES, use } from "./asking.js";

const rules = { ...RULES, headroomBp: 0, limits: [{ ...RPM, limit: 3 }] };
const next = (pool: Pool, one: Ask, nowMs: number) => {
  pool.ask(one, nowMs);
  return pool.turn(nowMs);
};

it("what is adopted takes of limits, shares and width, and is settled, observed and refused as any that runs", () => {
  const first = ask("ann", use(10, 20));
  const own = new Pool(rules);
  next(own, first, 0);
  const other = new Pool(rules);
  other.adopt(first, 0, 0);
  for (const pool of [own, other]) {
    expect([pool.runningCount, pool.waitingCount]).toEqual([1, 0]);
    expect(pool.observe(first.id, { dimension: "requests", windowMs: null, used: 2 }, 0)).toBe(1);
    pool.refused(first.id, 500, 0);
    pool.answered();
    pool.settle(first.id, use(10, 12), 1_000);
    expect(next(pool, ask("bob", use(1)), 1_000).begun).toHaveLength(1);
    expect(next(pool, ask("bob", use(1)), 1_000)).toMatchObject({ begun: [], wakeAtMs: 20_000 });
  }
  expect(other.shareOf("ann", 1_000)).toEqual(own.shareOf("ann", 1_000));
});

it("is adopted whatever room there is, and what waits then waits for it", () => {
  const pool = new Pool(rules);
  for (let i = 0; i < 5; i++) pool.adopt(ask(`agent-${i}`, use(1)), 0, 0);
  expect(pool.runningCount).toBe(5);
  // Five of three are used: two of them and the one that asks have to flow off.
  expect(next(pool, ask("ann", use(1)), 0).wakeAtMs).toBe(60_000);
});
