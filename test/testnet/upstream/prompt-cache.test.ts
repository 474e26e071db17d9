// The prompt cache: whole blocks of beginnings, of one key and model, for as long as they are kept.
import { describe, expect, test } from "vitest";
import { PromptCache } from "../../../testnet/upstream/prompt-cache.js";
import { promptOf, worldOf } from "./world.js";

const RULES = { keptMs: 1_000, least: 256, missChance: 0 };

/** Reads a prompt, and tells what of it was there. */
function readerOf(cache: PromptCache) {
  let reads = 0;
  return (text: string, nowMs = 0, scope = "key model"): number => {
    const found = cache.find(scope, text, `${reads++}`, nowMs);
    cache.keep(found, nowMs);
    return found.tokens;
  };
}

describe("the prompt cache", () => {
  test("finds the beginning that two prompts share, in blocks of 128", () => {
    const read = readerOf(new PromptCache(RULES, 1));
    expect(read(promptOf(400))).toBe(0);
    expect(read(promptOf(400))).toBe(384);
    expect(read(`${promptOf(300)}${"else".repeat(300)}`)).toBe(256);
    expect(read(`else${promptOf(400)}`)).toBe(0);
  });

  test("has nothing of prompts that are short, or share too little", () => {
    const read = readerOf(new PromptCache(RULES, 1));
    for (let i = 0; i < 2; i++) expect(read(promptOf(255))).toBe(0);
    read(promptOf(400));
    expect(read(`${promptOf(255)}${"else".repeat(300)}`)).toBe(0);
  });

  test("forgets what was not read for so long, and keeps what was", () => {
    const read = readerOf(new PromptCache(RULES, 1));
    read(promptOf(256), 0);
    expect(read(promptOf(256), 999)).toBe(256);
    expect(read(promptOf(256), 1_998)).toBe(256);
    expect(read(promptOf(256), 2_998)).toBe(0);
  });

  test("is of one key and model", () => {
    const read = readerOf(new PromptCache(RULES, 1));
    read(promptOf(256));
    expect(read(promptOf(256), 0, "key other")).toBe(0);
  });

  test("misses as often as it is told, by the seed", () => {
    const hits = (seed: number): string => {
      const read = readerOf(new PromptCache({ ...RULES, missChance: 0.2 }, seed));
      read(promptOf(256));
      return Array.from({ length: 400 }, () => (read(promptOf(256)) > 0 ? "+" : "-")).join("");
    };
    const missed = hits(1).replaceAll("+", "").length;
    expect(Math.abs(missed - 80)).toBeLessThan(32);
    expect(hits(1)).toBe(hits(1));
    expect(hits(1)).not.toBe(hits(2));
  });

  test("keeps nothing of what is refused", async () => {
    const { post, whole, clock } = await worldOf("openai", { tpm: 3_000 });
    const ask = {
      model: "gpt-upstream",
      max_tokens: 1,
      messages: [{ role: "user", content: promptOf(2_000) }],
    };
    const other = { ...ask, messages: [{ role: "user", content: "else".repeat(2_000) }] };
    await post("/chat/completions", other);
    expect((await post("/chat/completions", ask)).status).toBe(429);
    clock.pass(60_000);
    const { usage } = await whole("/chat/completions", ask);
    expect(usage.prompt_tokens_details.cached_tokens).toBe(0);
  });
});
