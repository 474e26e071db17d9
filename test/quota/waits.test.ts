// Why a request waited, and where.
import { describe, expect, it } from "vitest";
import { Pool } from "../../src/quota/index.js";
import { ask, MINUTE, RPM, RULES, TPM, use } from "./asking.js";

const none = { limit: {}, width: 0, pause: 0 };
const rules = { ...RULES, headroomBp: 0, limits: [{ ...RPM, limit: 1 }] };

describe("a wait", () => {
  it("is told by what held the request back while it was next, and those before it while it was not", () => {
    const pool = new Pool(rules);
    for (const id of ["first", "second", "third"]) pool.ask(ask("a", use(1), { id }), 0);
    expect(pool.turn(0).begun).toMatchObject([
      { id: "first", waited: { ms: 0, byCause: { ...none, turn: 0 } } },
    ]);
    pool.turn(10_000);
    expect(pool.turn(MINUTE).begun).toMatchObject([
      { id: "second", waited: { ms: MINUTE, byCause: { ...none, limit: { requests: MINUTE }, turn: 0 } } },
    ]);
    // It comes late to its turn: that, too, is the limit's.
    expect(pool.turn(2 * MINUTE + 5).begun).toMatchObject([
      {
        waited: {
          ms: 2 * MINUTE + 5,
          byCause: { ...none, limit: { requests: MINUTE + 5 }, turn: MINUTE },
          whileOthers: { ...none, limit: { requests: MINUTE } },
        },
      },
    ]);
  });

  it("is a pause's until that is over, then the width's or the limit's that lets it go last", () => {
    const pool = new Pool({
      ...rules,
      limits: [{ ...RPM, limit: 60 }, TPM],
      congestion: { first: 2, most: 2, pauseMs: 1 },
    });
    const [first, second] = [ask("a", use(60_000)), ask("a", use(40_000))];
    for (const one of [first, second, ask("a", use(50_000))]) pool.ask(one, 0);
    expect(pool.turn(0).begun).toHaveLength(2);
    // The width holds it for 1 s, then a pause for 2 s, then the width again, then the tokens, of which 50,000 flow off in 30 s.
    pool.refused(first.id, 2_000, 1_000);
    pool.turn(1_000);
    pool.settle(first.id, use(60_000), 4_000);
    pool.turn(4_000);
    pool.settle(second.id, use(40_000), 5_000);
    expect(pool.turn(5_000)).toMatchObject({ begun: [], wakeAtMs: 30_000 });
    expect(pool.turn(30_000).begun).toMatchObject([
      { waited: { ms: 30_000, byCause: { limit: { tokens: 25_000 }, width: 3_000, pause: 2_000, turn: 0 } } },
    ]);
  });

  it("is told of who expires, too", () => {
    const pool = new Pool(rules);
    for (const untilMs of [90_000, 40_000, 50_000]) pool.ask(ask("a", use(1), { untilMs }), 0);
    pool.turn(0);
    const [second, third] = [pool.turn(40_000).expired, pool.turn(50_000).expired];
    expect(second).toMatchObject([
      { waited: { ms: 40_000, byCause: { limit: { requests: 40_000 }, turn: 0 } } },
    ]);
    expect(third).toMatchObject([
      { waited: { ms: 50_000, byCause: { limit: { requests: 10_000 }, turn: 40_000 } } },
    ]);
  });
});

describe("a place", () => {
  it("is how many of the flow are before, and how many other flows wait in its band and above", () => {
    const pool = new Pool(rules);
    const asked = (flow: string, band: "interactive" | "normal" | "batch") => {
      const one = ask(flow, use(1), { band });
      pool.ask(one, 0);
      return one.id;
    };
    const first = asked("a", "normal");
    pool.turn(0);
    const ids = [asked("a", "normal"), asked("a", "normal"), asked("b", "interactive"), asked("c", "batch")];
    expect(ids.map((id) => pool.placeOf(id))).toEqual([
      { inFlow: 0, flows: 1 },
      { inFlow: 1, flows: 1 },
      { inFlow: 0, flows: 0 },
      { inFlow: 0, flows: 2 },
    ]);
    expect(pool.placeOf(first)).toBeNull();
    expect(pool.placeOf("nobody")).toBeNull();
  });
});
