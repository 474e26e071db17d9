// G48 and G50: what a request that waited is told to have waited for is what it waited for.
import { expect, test } from "vitest";
import { WaitStory } from "../../../node/gateway/wait-story.js";
import { Pool, type PoolRules } from "../../../src/quota/index.js";

const RULES: PoolRules = {
  limits: [{ dimension: "requests", limit: 2, windowMs: 60_000 }],
  output: "asked",
  headroomBp: 0,
  floorBp: 500,
  interactiveBp: 0,
  memory: { halfLifeMs: 60_000, credit: 0 },
  congestion: { first: 8, most: 8, pauseMs: 500 },
  maxWaiting: 10,
  maxWaitingPerFlow: 10,
};

test("G50 the story of a wait says who was before it, what part of the limit was its share's, and sums to the wait", () => {
  const pool = new Pool(RULES);
  const stories = new Map<string, WaitStory>();
  const waits = new Map<string, number>();
  const ask = (id: string, flow: string, nowMs: number): void => {
    const estimate = { inputTokens: 1, outputTokens: 1 };
    const asked = { id, flow, band: "normal", weight: 1, estimate, untilMs: 1_000_000 } as const;
    expect(pool.ask(asked, nowMs).ok).toBe(true);
    const story = new WaitStory();
    story.asked(pool.placeOf(id), pool.takenAt(nowMs), pool.shareOf(flow, nowMs));
    stories.set(id, story);
  };
  const turn = (nowMs: number): void => {
    for (const { id, waited } of pool.turn(nowMs).begun) {
      stories.get(id)!.waited(waited);
      waits.set(id, waited.ms);
    }
  };
  for (const [id, flow] of [
    ["a1", "a"],
    ["a2", "a"],
    ["a3", "a"],
    ["b1", "b"],
    ["a4", "a"],
  ] as const) {
    ask(id, flow, 0);
    turn(0);
  }
  for (let nowMs = 1_000; waits.size < 5; nowMs += 1_000) turn(nowMs);
  expect(stories.get("a4")!.before).toEqual({ inFlow: 1, flows: 1 });
  expect(stories.get("a4")!.limits).toEqual([
    { dimension: "requests", limit: 2, windowMs: 60_000, taken: 2, share: 1 },
  ]);
  for (const [id, { held, others, turnMs }] of stories) {
    const sums = [held, others].flatMap(({ limit, width, pause }) => [limit.requests ?? 0, width, pause]);
    expect([id, sums.reduce((sum, ms) => sum + ms, turnMs)]).toEqual([id, waits.get(id)]);
  }
  expect(stories.get("a4")!.held.limit.requests).toBeGreaterThan(0);
  expect(stories.get("a4")!.others.limit.requests).toBeGreaterThan(0);
});
