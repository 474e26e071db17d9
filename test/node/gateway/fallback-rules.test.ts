// Which model answers instead of which, and how a request is made one of another model (G42).
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Failure } from "../../../node/gateway/dialect.js";
import { calledIn } from "../../../node/gateway/dialects/index.js";
import { chainOf, dearerIn, type FallbackRules, Fallbacks } from "../../../node/gateway/fallback/chains.js";
import { renamed } from "../../../node/gateway/fallback/rename.js";
import { troubleOf } from "../../../node/gateway/fallback/trouble.js";
import { Prices } from "../../../node/gateway/prices/prices.js";
import { bytesOf } from "./splits.js";

const prices = new Prices();
const fallbacks = (rules: Partial<FallbackRules>) =>
  new Fallbacks({ chains: [], on: ["outage"], mayBeDearer: false, ...rules }, prices);

describe("G42 a chain", () => {
  test("is a model, and those that answer instead", () => {
    expect(chainOf("gpt-5=gpt-5-mini,gpt-5-nano")).toEqual({
      model: "gpt-5",
      instead: ["gpt-5-mini", "gpt-5-nano"],
    });
  });

  test.each([
    ["gpt-5", "is not MODEL=MODEL2"],
    ["a=b=c", "is not MODEL=MODEL2"],
    ["=b", '"" is no name'],
    ["a=", '"" is no name'],
    ["a=b,,c", '"" is no name'],
    ["a=b c", '"b c" is no name'],
    ["a=a", "names a model twice"],
    ["gpt-5=gpt-5-2025-08-07", "names a model twice"],
    ["a=b,c,B", "names a model twice"],
    ["a=1,2,3,4,5,6,7,8,9", "9 models are more than 8"],
  ])("%s is none: %s", (text, why) => expect(chainOf(text)).toContain(why));

  test("is found by whatever name a request gives its model", () => {
    const rules = fallbacks({ chains: [{ model: "claude-opus-4-8", instead: ["claude-haiku-4-5"] }] });
    for (const name of ["claude-opus-4-8", "claude-opus-4.8", "claude-opus-4-8-20260401"]) {
      expect(rules.insteadOf(name)).toEqual(["claude-haiku-4-5"]);
    }
    for (const name of ["claude-opus-4-7", "claude-opus", null]) expect(rules.insteadOf(name)).toEqual([]);
  });
});

describe("G42 never a dearer model, unless its owner says so", () => {
  test("a pair is sure where both prices are known and none of the second is above", () => {
    expect(dearerIn([{ model: "gpt-6-sol", instead: ["gpt-6-luna"] }], prices)).toBeNull();
    const dearer = dearerIn([{ model: "gpt-6-sol", instead: ["gpt-6-luna", "gpt-6-astra"] }], prices);
    expect(dearer).toMatchObject({ model: "gpt-6-sol", instead: "gpt-6-astra" });
    expect([dearer?.price?.model, dearer?.insteadPrice?.model]).toEqual(["gpt-6-sol", "gpt-6-astra"]);
    for (const [model, other] of [
      ["gpt-6-sol", "nobody-knows"],
      ["nobody-knows", "gpt-6-luna"],
    ] as const) {
      expect(dearerIn([{ model, instead: [other] }], prices)).toMatchObject({ model, instead: other });
    }
  });

  test("also where a request names an issue of the model that was cheaper", () => {
    const chains = [{ model: "gpt-4o-2024-05-13", instead: ["gpt-4o-2024-08-06"] }];
    const other = { model: "gpt-4o", instead: ["chatgpt-4o-latest"] };
    expect(fallbacks({ chains }).insteadOf("gpt-4o-2024-05-13")).toEqual(["gpt-4o-2024-08-06"]);
    expect(fallbacks({ chains: [other] }).insteadOf("gpt-4o-2024-05-13")).toEqual(["chatgpt-4o-latest"]);
    expect(fallbacks({ chains: [other] }).insteadOf("gpt-4o")).toEqual([]);
    expect(fallbacks({ chains: [other], mayBeDearer: true }).insteadOf("gpt-4o")).toEqual([
      "chatgpt-4o-latest",
    ]);
  });
});

describe("G42 troubles", () => {
  test.each<[Failure, number, string | null]>([
    [{ kind: "limit", retryMs: null, dimension: null }, 429, "limit"],
    [{ kind: "exhausted", why: "credit", untilMs: null }, 402, "limit"],
    [{ kind: "overloaded", retryMs: null }, 529, "outage"],
    [{ kind: "context" }, 400, "context"],
    [{ kind: "policy" }, 200, "policy"],
    [{ kind: "other" }, 500, "outage"],
    [{ kind: "other" }, 200, "outage"],
    [{ kind: "other" }, 302, null],
    [{ kind: "other" }, 404, null],
    [{ kind: "key", isKnown: false }, 401, null],
    [{ kind: "other" }, 499, null],
  ])("%j with %i is %s", (failure, status, trouble) => expect(troubleOf(failure, status)).toBe(trouble));
});

describe("G42 another model's name changes nothing else", () => {
  const json = fc.json({ maxDepth: 3 });
  const other = "other/model-2";
  const calls: readonly (readonly [path: string, model: string | null, path2: string])[] = [
    ["/v1/chat/completions", null, "/v1/chat/completions"],
    ["/v1beta/models/gemini-a:generateContent", "gemini-a", "/v1beta/models/other%2Fmodel-2:generateContent"],
    [
      "/v1/models/gemini-a%3AstreamGenerateContent",
      "gemini-a",
      "/v1/models/other%2Fmodel-2%3AstreamGenerateContent",
    ],
    ["/openai/deployments/a/chat/completions", "a", "/openai/deployments/other%2Fmodel-2/chat/completions"],
  ];

  test.each(calls)("in %s", (path, model, path2) => {
    const { endpoint } = calledIn("POST", path, {})!;
    expect(endpoint.model).toBe(model);
    fc.assert(
      fc.property(json, json, fc.string(), (before, after, name) => {
        const [head, tail] = [`{ "x" : ${before},\n"model" :`, `, "y":${after} }\n`];
        const body = bytesOf(`${head}${JSON.stringify(name)}${tail}`);
        const place = name.startsWith("models/") ? "models/" : "";
        const found = renamed({ path, body }, endpoint, other);
        expect(found.path).toBe(path2);
        expect(Buffer.from(found.body).toString("utf8")).toBe(
          `${head}${JSON.stringify(place + other)}${tail}`,
        );
      }),
      { numRuns: 40 },
    );
  });

  test("a body that names none stays as it is", () => {
    const { endpoint } = calledIn("POST", "/v1beta/models/gemini-a:generateContent", {})!;
    for (const text of ['{"contents":[{"model":"m"}]}', '{"model":7}', "{}", "no JSON"]) {
      const body = bytesOf(text);
      expect(renamed({ path: "/", body }, endpoint, other).body).toBe(body);
    }
  });
});
