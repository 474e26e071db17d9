// What answers cost: exact, never less for more, never nothing for a model that nobody knows (G35).
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Usage } from "../../../node/gateway/dialect.js";
import { canonicalModel } from "../../../node/gateway/prices/model-name.js";
import { readPriceFile } from "../../../node/gateway/prices/price-file.js";
import { microsAMillion, pricesIn } from "../../../node/gateway/prices/price-rows.js";
import { isFault, Prices, type UnlistedModel } from "../../../node/gateway/prices/prices.js";
import {
  costOf,
  estimateCost,
  isNoDearer,
  type Price,
  RATES,
  type Rates,
} from "../../../node/gateway/prices/rates.js";
import { SNAPSHOT } from "../../../node/gateway/prices/snapshot.js";

const snapshot = new Prices();
const priceOf = (model: string): Price => snapshot.listed(model)!;

const usageOf = (told: Partial<Usage>): Usage => ({
  freshInput: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWriteHour: 0,
  output: 0,
  ...told,
});

const anyRates = fc.record(
  Object.fromEntries(RATES.map((rate) => [rate, fc.nat(2_000_000_000)])) as {
    [Rate in keyof Rates]: fc.Arbitrary<number>;
  },
);
const anyPrice = fc
  .tuple(anyRates, anyRates, fc.integer({ min: 1, max: 400 }))
  .map(([rates, more, above]): Price => {
    const dearer = Object.fromEntries(RATES.map((rate) => [rate, rates[rate] + more[rate]])) as never;
    return { model: "any", isListed: true, rates, tiers: [{ above: above * 1_000, rates: dearer }] };
  });
const anyTokens = fc.oneof(fc.nat(500), fc.nat(500_000), fc.nat(2_000_000_000));
const anyUsage = fc
  .tuple(anyTokens, anyTokens, anyTokens, fc.double({ min: 0, max: 1, noNaN: true }), anyTokens)
  .map(
    ([freshInput, cacheRead, cacheWrite, part, output]): Usage => ({
      freshInput,
      cacheRead,
      cacheWrite,
      cacheWriteHour: Math.floor(cacheWrite * part),
      output,
    }),
  );

/** In millionths of a micro-credit. */
function exactly(usage: Usage, { rates, tiers }: Price): bigint {
  const input = usage.freshInput + usage.cacheRead + usage.cacheWrite;
  const at = tiers.filter(({ above }) => input > above).at(-1)?.rates ?? rates;
  return (
    BigInt(usage.freshInput) * BigInt(at.input) +
    BigInt(usage.cacheRead) * BigInt(at.cacheRead) +
    BigInt(usage.cacheWrite - usage.cacheWriteHour) * BigInt(at.cacheWrite) +
    BigInt(usage.cacheWriteHour) * BigInt(at.cacheWriteHour) +
    BigInt(usage.output) * BigInt(at.output)
  );
}

describe("G35 a cost is exact in integers, rounded up once a request", () => {
  test("it is the exact cost, or less than a micro-credit above it", () => {
    fc.assert(
      fc.property(anyUsage, anyPrice, (usage, price) => {
        const above = BigInt(costOf(usage, price)) * 1_000_000n - exactly(usage, price);
        expect(above >= 0n && above < 1_000_000n).toBe(true);
      }),
    );
  });

  test("one token more of anything never costs less", () => {
    fc.assert(
      fc.property(
        anyUsage,
        anyPrice,
        fc.constantFrom("freshInput", "cacheRead", "cacheWrite", "output"),
        (usage, price, kind) => {
          const more = { ...usage, [kind]: usage[kind as "output"] + 1 };
          expect(costOf(more, price)).toBeGreaterThanOrEqual(costOf(usage, price));
        },
      ),
    );
  });

  test("an estimate is no less than any answer of its tokens costs", () => {
    fc.assert(
      fc.property(anyUsage, anyPrice, (usage, price) => {
        const inputTokens = usage.freshInput + usage.cacheRead + usage.cacheWrite;
        const estimate = estimateCost({ inputTokens, outputTokens: usage.output }, price);
        expect(estimate).toBeGreaterThanOrEqual(costOf(usage, price));
      }),
    );
  });

  test("a request is priced by the tier that its whole input reaches, the first token above it on", () => {
    const price = priceOf("gpt-6-sol");
    expect(costOf(usageOf({ freshInput: 172_000, cacheRead: 100_000 }), price)).toBe(344_000 + 20_000);
    expect(costOf(usageOf({ freshInput: 172_001, cacheRead: 100_000 }), price)).toBe(688_004 + 40_000);
    expect(costOf(usageOf({ freshInput: 272_001, output: 1_000 }), price)).toBe(1_088_004 + 15_000);
  });

  test("what is beyond counting is the greatest count", () => {
    const most = Number.MAX_SAFE_INTEGER;
    expect(costOf(usageOf({ freshInput: most, output: most }), priceOf("o1-pro"))).toBe(most);
  });

  test("nothing costs nothing, and the smallest part of a micro-credit one", () => {
    expect(costOf(usageOf({}), priceOf("gpt-6-luna"))).toBe(0);
    expect(costOf(usageOf({ cacheRead: 1 }), priceOf("gpt-6-luna"))).toBe(1);
    expect(costOf(usageOf({ cacheRead: 101 }), priceOf("gpt-6-luna"))).toBe(2);
  });
});

describe("G35 known answers at published prices", () => {
  test.each([
    // fresh, read, written, of these for an hour, output → micro-credits
    ["claude-opus-5-5", [1_000, 0, 0, 0, 1_000], 4_000 + 20_000],
    ["claude-opus-5-5", [0, 80_000, 4_000, 0, 500], 16_000 + 20_000 + 10_000],
    ["claude-opus-5-5", [0, 80_000, 4_000, 4_000, 500], 16_000 + 32_000 + 10_000],
    ["claude-haiku-4-5-20251001", [7, 0, 0, 0, 3], 7 + 15],
    ["claude-sonnet-4-5-20250929", [200_001, 0, 0, 0, 10], 1_200_006 + 225],
    ["claude-sonnet-4-6", [200_001, 0, 0, 0, 10], 600_003 + 150],
    ["gpt-5-2025-08-07", [1_000, 9_000, 0, 0, 100], 1_250 + 1_125 + 1_000],
    ["gpt-4o-2024-05-13", [1_000, 0, 0, 0, 1_000], 5_000 + 15_000],
    ["gpt-4o-2024-08-06", [1_000, 0, 0, 0, 1_000], 2_500 + 10_000],
    ["text-embedding-3-small", [1_000, 0, 0, 0, 0], 20],
    ["models/gemini-2.5-pro", [200_000, 0, 0, 0, 1_000], 250_000 + 10_000],
    ["models/gemini-2.5-pro", [200_001, 0, 0, 0, 1_000], 500_003 + 15_000],
    ["gemini-2.5-flash", [27, 0, 0, 0, 200], 9 + 500],
    ["gemini-2.5-flash-image", [0, 0, 0, 0, 1_290], 38_700],
  ] as const)("%s %j", (model, [freshInput, cacheRead, cacheWrite, cacheWriteHour, output], cost) => {
    expect(costOf({ freshInput, cacheRead, cacheWrite, cacheWriteHour, output }, priceOf(model))).toBe(cost);
  });

  test("each row of the snapshot is a price, of which no tier is cheaper than what is below it", () => {
    expect(SNAPSHOT.date).toMatch(/^20\d\d-[01]\d-[0-3]\d$/);
    const rows = pricesIn(SNAPSHOT.models);
    if (isFault(rows)) throw new Error(rows.why);
    expect(rows.length).toBe(Object.keys(SNAPSHOT.models).length);
    for (const price of rows) {
      expect(price.rates.input, price.model).toBeGreaterThan(0);
      for (const { rates } of price.tiers)
        for (const rate of RATES) expect(rates[rate]).toBeGreaterThanOrEqual(price.rates[rate]);
    }
  });
});

describe("a model is found under all its names", () => {
  test.each([
    ["claude-sonnet-4-5", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"],
    ["claude-sonnet-4-5", "claude-sonnet-4-5@20250929"],
    ["claude-3-5-sonnet", "anthropic.claude-3-5-sonnet-20241022-v2:0"],
    ["claude-3-7-sonnet", "claude-3-7-sonnet-latest"],
    ["gpt-5.4", "openai/gpt-5.4-2026-03-05"],
    ["gpt-4o", "GPT-4o-2024-11-20"],
    ["gemini-2.5-flash", "models/gemini-2.5-flash"],
    ["gemini-2.0-flash", "publishers/google/models/gemini-2.0-flash-001"],
    ["gemini-2.5-flash-preview", "gemini-2.5-flash-preview-05-20"],
    ["deepseek-v3", "deepseek/deepseek-v3"],
    ["gpt-4-0613", "gpt-4-0613"],
  ])("%s: %s", (canonical, name) => expect(canonicalModel(name)).toBe(canonical));

  test("each row of the snapshot is found by its own name, and a canonical name is its own", () => {
    for (const name of Object.keys(SNAPSHOT.models)) {
      expect(snapshot.listed(name)?.model).toBe(name);
      expect(canonicalModel(canonicalModel(name))).toBe(canonicalModel(name));
    }
  });

  test("with a dot or a dash", () => {
    expect(snapshot.listed("claude-opus-4.5")?.model).toBe("claude-opus-4-5");
    expect(snapshot.listed("gpt-5-4-2026-03-05")?.model).toBe("gpt-5.4");
  });
});

describe("G35 an unknown model is priced like the dearest current one of its dialect, never at nothing", () => {
  test.each(["openai", "anthropic", "google"] as const)("%s", (dialect) => {
    const price = new Prices().priceOf(["gpt-upstream"], dialect);
    expect(price).toMatchObject({ model: SNAPSHOT.usual[dialect], isListed: false });
    expect(costOf(usageOf({ freshInput: 1 }), price)).toBeGreaterThan(0);
    expect(costOf(usageOf({ output: 1 }), price)).toBeGreaterThan(0);
    expect(new Prices().priceOf([null], dialect)).toEqual(price);
  });

  test("the model that answered counts, if it is known; else the one that was asked for", () => {
    expect(snapshot.priceOf(["gpt-5-mini-2025-08-07", "gpt-5"], "openai").model).toBe("gpt-5-mini");
    expect(snapshot.priceOf(["deployment-7", "gpt-5"], "openai").model).toBe("gpt-5");
  });

  test("a name that was asked for before costs the same, after however many others", () => {
    const prices = new Prices();
    const known = Object.keys(SNAPSHOT.models)[0]!;
    const before = prices.listed(known);
    for (let i = 0; i < 600; i++) expect(prices.listed(`nobody-lists-${i}`)).toBeNull();
    expect(before).not.toBeNull();
    expect([prices.listed(known), prices.listed("nobody-lists-1")]).toEqual([before, null]);
  });

  test("each is told once, and of names without end the first alone", () => {
    const told: UnlistedModel[] = [];
    const prices = new Prices([], (found) => told.push(found));
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < 1_000; at++) {
        for (const day of ["", "-2026-01-01"]) prices.priceOf([`strange-${at}x${day}`], "openai");
      }
    }
    expect(told.length).toBe(256);
    expect(new Set(told.map(({ model }) => model)).size).toBe(256);
    expect(told[0]).toEqual({ model: "strange-0x", pricedAs: SNAPSHOT.usual.openai });
  });
});

describe("an owner's list goes before the snapshot", () => {
  const own = (value: unknown) => {
    const read = pricesIn(value);
    if (isFault(read)) throw new Error(`${read.model} ${read.field} ${read.why}`);
    return new Prices(read);
  };

  test("for the models that it names", () => {
    const prices = own({
      sample_spec: { input_cost_per_token: "a number" },
      "gpt-5": { input_cost_per_token: 0, output_cost_per_token: 0, anything: { else: [] } },
      "groq/llama-x": { input_cost_per_token: 1e-7, output_cost_per_token: 2e-7, mode: "chat" },
      "dall-e-3": { input_cost_per_pixel: 1e-8 },
    });
    expect(costOf(usageOf({ freshInput: 9, output: 9 }), prices.listed("gpt-5-2025-08-07")!)).toBe(0);
    expect(prices.listed("llama-x")?.rates).toMatchObject({
      input: 100_000,
      cacheWrite: 100_000,
      output: 200_000,
    });
    expect(prices.listed("dall-e-3")).toBeNull();
    expect(prices.listed("gpt-5-mini")?.rates.input).toBe(250_000);
  });

  test("of several rows for one model the plainest name's counts, but for the name itself", () => {
    const row = (dollars: number) => ({ input_cost_per_token: dollars / 1e6, output_cost_per_token: 0 });
    const prices = own({ "azure/model-a": row(3), "model-a": row(1), "model-a-2026-01-01": row(2) });
    expect(prices.listed("openai/model-a")?.rates.input).toBe(1_000_000);
    expect(prices.listed("model-a-2026-01-01")?.rates.input).toBe(2_000_000);
    expect(prices.listed("azure/model-a")?.rates.input).toBe(3_000_000);
  });

  test("a cheaper tier costs what is below it; what a tier does not tell is as before", () => {
    const prices = own({
      m: {
        input_cost_per_token: 2e-6,
        input_cost_per_token_above_200k_tokens: 1e-6,
        output_cost_per_token: 4e-6,
        output_cost_per_token_above_128k_tokens: 8e-6,
      },
    });
    expect(prices.listed("m")?.tiers.map(({ above, rates }) => [above, rates.input, rates.output])).toEqual([
      [128_000, 2_000_000, 8_000_000],
      [200_000, 2_000_000, 8_000_000],
    ]);
  });

  test.each([
    [[], null, null],
    [{ m: 7 }, "m", null],
    [{ m: { input_cost_per_token: "7" } }, "m", "input_cost_per_token"],
    [{ m: { input_cost_per_token: 1e-6, output_cost_per_token: -1e-9 } }, "m", "output_cost_per_token"],
    [
      { n: {}, m: { cache_read_input_token_cost_above_200k_tokens: 1.5 } },
      "m",
      "cache_read_input_token_cost_above_200k_tokens",
    ],
  ])("what is none is refused by model and field: %j", (value, model, field) => {
    expect(pricesIn(value)).toMatchObject({ model, field });
  });

  test("dollars a token become micro-credits a million exactly", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000_000 }), (micros) => {
        expect(microsAMillion(micros / 1e12)).toBe(micros);
        expect(microsAMillion(Number(`${micros}e-12`))).toBe(micros);
      }),
    );
    expect(microsAMillion(1e-13)).toBe(1);
    expect(microsAMillion(0.1e-6 + 0.2e-6)).toBe(300_000);
  });
});

describe("a file of prices", () => {
  const reading = (text: string): unknown => {
    const folder = mkdtempSync(join(tmpdir(), "mabeam-prices-"));
    try {
      const path = join(folder, "prices.json");
      writeFileSync(path, text);
      return readPriceFile(path);
    } catch (error) {
      return error;
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test("is read, or refused with what is wrong and where", () => {
    expect(reading(`{"m":{"input_cost_per_token":1e-6}}`)).toMatchObject([{ model: "m" }]);
    expect(reading("{")).toMatchObject({ code: "PRICES_INVALID" });
    expect(reading(`{"m":{"input_cost_per_token":true}}`)).toMatchObject({
      code: "PRICES_INVALID",
      why: "`m` `input_cost_per_token` is no number",
    });
    expect(() => readPriceFile("/nowhere/prices.json")).toThrow(
      expect.objectContaining({ code: "PRICES_UNREADABLE" }),
    );
  });
});

describe("one price is no dearer than another", () => {
  test("where it is so for each kind of token, at each tier", () => {
    const [sol, luna, astra] = [priceOf("gpt-6-sol"), priceOf("gpt-6-luna"), priceOf("gpt-6-astra")];
    expect(isNoDearer(luna, sol)).toBe(true);
    expect(isNoDearer(sol, sol)).toBe(true);
    expect(isNoDearer(astra, sol)).toBe(false);
    const cheapReads = priceOf("claude-fable-5-1");
    expect(isNoDearer(cheapReads, priceOf("claude-fable-5"))).toBe(true);
    expect(isNoDearer(priceOf("claude-fable-5"), cheapReads)).toBe(false);
  });

  test("then no answer costs more by it", () => {
    fc.assert(
      fc.property(anyUsage, anyPrice, fc.nat(100), fc.nat(100), (usage, other, percent, later) => {
        const less = (rates: Rates) =>
          Object.fromEntries(RATES.map((rate) => [rate, Math.floor((rates[rate] * percent) / 100)])) as never;
        const [tier] = other.tiers;
        const tiers = [{ above: tier!.above + later, rates: less(tier!.rates) }];
        const one: Price = { ...other, rates: less(other.rates), tiers };
        expect(isNoDearer(one, other)).toBe(true);
        expect(costOf(usage, one)).toBeLessThanOrEqual(costOf(usage, other));
      }),
    );
  });

  test("a tier that begins earlier makes it dearer", () => {
    const row = { input_cost_per_token: 1e-6, output_cost_per_token: 1e-6 };
    const read = pricesIn({
      early: { ...row, input_cost_per_token_above_128k_tokens: 2e-6 },
      late: { ...row, input_cost_per_token_above_200k_tokens: 2e-6 },
    }) as readonly Price[];
    expect(isNoDearer(read[0]!, read[1]!)).toBe(false);
    expect(isNoDearer(read[1]!, read[0]!)).toBe(true);
  });
});
