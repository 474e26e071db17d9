import { describe, expect, it } from "vitest";
import { Conversations, Estimator, type Outline, type Told } from "../../src/quota/index.js";
import { type CallFigures, figuresOf } from "../../testnet/upstream/load.js";

const MINUTE = 60_000;
const BLOCK = 128;
const trail = (...names: string[]) => ({ as: names, by: names, inSession: null });
const outline = (bytes: number, more: Partial<Outline> = {}): Outline => ({
  bytes,
  maxOutput: null,
  isMostCounted: false,
  trail: trail("one"),
  ...more,
});
const told = (prompt: number, kept: number, sentMs = 0): Told => ({
  used: { inputTokens: prompt - kept, outputTokens: 1 },
  ...{ prompt, kept, sentMs },
});

describe("estimates by conversation", () => {
  it("takes a prompt whole until its conversation is known, then what has been added, then whole again", () => {
    const estimator = new Estimator();
    const input = (bytes: number, nowMs: number) => estimator.estimate(outline(bytes), nowMs).inputTokens;
    expect(input(40_000, 0)).toBe(10_000);
    estimator.learn(outline(40_000), told(10_000, 9_900, 1_000));
    expect(input(44_000, 2_000)).toBe(1_000 + 100 + BLOCK);
    expect(input(44_000, 1_000 + 290_000)).toBe(1_000 + 100 + BLOCK);
    expect(input(44_000, 1_000 + 290_001)).toBe(11_000);
  });

  it("takes it whole where it has become less, belongs to another, or where no cache keeps it", () => {
    const estimator = new Estimator();
    const input = (one: Outline) => estimator.estimate(one, 1).inputTokens;
    estimator.learn(outline(40_000), told(10_000, 10_000));
    expect(input(outline(40_000))).toBeLessThan(200);
    expect(input(outline(39_999))).toBe(10_000);
    expect(input(outline(40_000, { trail: trail("two") }))).toBe(10_000);
    expect(input(outline(40_000, { trail: null }))).toBe(10_000);
    estimator.learn(outline(40_000), told(10_000, 0));
    expect(input(outline(40_000))).toBe(10_000);
  });

  it("does not rely on the cache once the upstream has refused what was estimated by it", () => {
    const estimator = new Estimator();
    estimator.learn(outline(40_000), told(10_000, 10_000));
    estimator.refused(outline(40_400));
    expect(estimator.estimate(outline(40_400), 1).inputTokens).toBe(10_100);
  });

  it("knows a conversation whichever agent of the key had its last call", () => {
    const conversations = new Conversations();
    new Estimator(conversations).learn(outline(40_000), told(10_000, 10_000));
    expect(new Estimator(conversations).estimate(outline(40_000), 1).inputTokens).toBeLessThan(200);
  });

  it("never takes more than the whole prompt, nor learns more than ten times or less than a tenth", () => {
    const estimator = new Estimator();
    estimator.learn(outline(40_000), told(10_000_000, 1));
    expect(estimator.estimate(outline(4_000), 1).inputTokens).toBe(10_000);
    expect(estimator.estimate(outline(40_000), 1).inputTokens).toBe(100_000);
    estimator.learn(outline(40_000), told(1, 0));
    expect(estimator.estimate(outline(40_000), 1).inputTokens).toBe(Math.ceil((10_000 * 7) / 64));
  });

  it("remembers 4,096 names, those that were used last", () => {
    const conversations = new Conversations();
    const said = { bytes: 1, prompt: 1, kept: 1, atMs: 0 };
    const has = (name: string) => conversations.before(trail(name), 1, 0) !== null;
    conversations.remember(trail("first"), said);
    conversations.remember(trail("second"), said);
    for (let at = 0; at < 4_094; at++) conversations.remember(trail(`${at}`), said);
    conversations.remember(trail("first"), said);
    expect([has("first"), has("second")]).toEqual([true, true]);
    conversations.remember(trail("last"), said);
    expect([has("first"), has("second"), has("last")]).toEqual([true, false, true]);
  });
});

/** As an upstream's cache does: whole blocks, for five minutes. */
class Cache {
  private last: { readonly tokens: number; readonly atMs: number } | null = null;

  read({ promptTokens }: CallFigures, nowMs: number): Told {
    const { last } = this;
    const read = last === null || nowMs - last.atMs > 5 * MINUTE ? 0 : last.tokens;
    const kept = Math.floor(promptTokens / BLOCK) * BLOCK;
    this.last = { tokens: kept, atMs: nowMs };
    return {
      used: { inputTokens: promptTokens - read, outputTokens: 1 },
      ...{ prompt: promptTokens, kept, sentMs: nowMs },
    };
  }
}

describe("the load's conversations", () => {
  it("use no more than was estimated, and what is estimated beyond is little", () => {
    const sums = { estimated: 0, used: 0 };
    for (let agent = 0; agent < 20; agent++) {
      const estimator = new Estimator();
      let nowMs = 0;
      for (let run = 1; run <= 3; run++) {
        const cache = new Cache();
        for (const call of figuresOf(agent, run, { seed: 1, scale: 1, maxTokens: 8_192 })) {
          // One pause in ten is longer than caches live.
          nowMs += call.nth % 10 === 0 ? 6 * MINUTE : call.pauseMs + 5_000;
          const one = outline(call.promptTokens * 4 + 300, { trail: trail(`${run}`) });
          const estimate = estimator.estimate(one, nowMs).inputTokens;
          const answer = cache.read(call, nowMs);
          expect(estimate).toBeGreaterThanOrEqual(answer.used.inputTokens);
          expect(estimate).toBeLessThanOrEqual(Math.ceil(one.bytes / 4));
          estimator.learn(one, answer);
          sums.estimated += estimate;
          sums.used += answer.used.inputTokens;
        }
      }
    }
    expect(sums.estimated / sums.used).toBeLessThan(1.1);
  });
});
