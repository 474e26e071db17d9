// Which call a request is, and what of its body matters: also where it is written in another way than clients write it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Endpoint, Fields, Wish } from "../../../node/gateway/dialect.js";
import { calledIn, DIALECTS, spokenBy } from "../../../node/gateway/dialects/index.js";
import { openai } from "../../../node/gateway/dialects/openai.js";
import { bytesOf, textOf } from "./splits.js";

const ANTHROPIC: Fields = { "anthropic-version": "2023-06-01", "x-api-key": "k" };
const GOOGLE: Fields = { "x-goog-api-key": "k" };

describe("G1 a request is known by its path, under the prefixes that clients send", () => {
  /** As the official clients send them to a changed base URL, and others to theirs. */
  test.each<[string, string, Fields, string]>([
    ["POST", "/v1/chat/completions", {}, "openai model chat/completions"],
    ["POST", "/chat/completions", {}, "openai model chat/completions"],
    ["POST", "/v1beta/openai/chat/completions", {}, "openai model chat/completions"],
    ["POST", "/openai/deployments/gpt-5/chat/completions", {}, "openai model chat/completions of gpt-5"],
    ["POST", "/v1/responses", {}, "openai model responses"],
    ["POST", "/responses", {}, "openai model responses"],
    ["POST", "/v1/responses/compact", {}, "openai model responses/compact"],
    ["POST", "/v1/responses/input_tokens", {}, "openai free responses/input_tokens"],
    ["GET", "/v1/responses/resp_1", {}, "openai free responses"],
    ["POST", "/v1/completions", {}, "openai model completions"],
    ["POST", "/v1/embeddings", {}, "openai model embeddings"],
    ["GET", "/v1/models", {}, "openai free models"],
    ["GET", "/models/gpt-5", {}, "openai free models"],
    ["POST", "/v1/messages", ANTHROPIC, "anthropic model messages"],
    ["POST", "/v1/messages", {}, "anthropic model messages"],
    ["POST", "/anthropic/v1/messages", ANTHROPIC, "anthropic model messages"],
    ["POST", "/v1/messages/count_tokens", ANTHROPIC, "anthropic free messages/count_tokens"],
    ["GET", "/v1/models", ANTHROPIC, "anthropic free models"],
    ["GET", "/v1/models/claude-x", ANTHROPIC, "anthropic free models"],
    ["HEAD", "/", {}, "anthropic free probe"],
    [
      "POST",
      "/v1beta/models/gemini-2.5-flash:generateContent",
      GOOGLE,
      "google model generateContent of gemini-2.5-flash",
    ],
    [
      "POST",
      "/v1beta/models/gemini-2.5-flash:streamGenerateContent",
      GOOGLE,
      "google model streamGenerateContent of gemini-2.5-flash streamed",
    ],
    ["POST", "/models/g:generateContent", GOOGLE, "google model generateContent of g"],
    [
      "POST",
      "/v1beta1/projects/p/locations/l/publishers/google/models/g:generateContent",
      {},
      "google model generateContent of g",
    ],
    ["POST", "/v1beta/models/g:batchEmbedContents", GOOGLE, "google model batchEmbedContents of g"],
    ["POST", "/v1beta/models/g:GenerateContent", GOOGLE, "google model generateContent of g"],
    ["POST", "/v1/models/g:STREAMGENERATECONTENT", {}, "google model streamGenerateContent of g streamed"],
    ["POST", "/V1/Interactions", GOOGLE, "google model interactions"],
    ["POST", "/v1/interactions", GOOGLE, "google model interactions"],
    ["POST", "/v1beta/interactions", {}, "google model interactions"],
    ["GET", "/v1/interactions/i1", {}, "google free interactions"],
    ["POST", "/v1beta/models/g:countTokens", GOOGLE, "google free countTokens of g"],
    ["GET", "/v1beta/models", {}, "google free models"],
    ["GET", "/v1/models", GOOGLE, "google free models"],
  ])("%s %s", (method, path, fields, wanted) => {
    const found = calledIn(method, path, fields);
    const { kind, call, model, isStream } = found?.endpoint ?? ({} as Partial<Endpoint>);
    const words = [
      found?.dialect.name,
      kind,
      call,
      ...(model ? ["of", model] : []),
      ...(isStream ? ["streamed"] : []),
    ];
    expect(words.join(" ")).toBe(wanted);
  });

  test.each([
    ["POST", "/v1/files"],
    ["GET", "/v1/chat/completions"],
    ["POST", "/v1/threads/t/messages"],
    ["POST", "/v1/messages/batches"],
    ["POST", "/v1beta/models/g:batchGenerateContent"],
    ["HEAD", "/v1"],
    ["POST", "/"],
    ["POST", "*"],
    ["CONNECT", "host:443"],
    ["POST", "/%"],
  ])("%s %s is none that a dialect knows", (method, path) => {
    expect(calledIn(method, path, {})).toBeNull();
  });

  test.each([
    "/v1/messages?beta=true",
    "/v1//messages",
    "/v1/messages/",
    "/v1/me%73sages",
    "/v1%2Fmessages",
    "/v1/x/../messages",
    "/v1/./messages",
    "/v1/x/%2e%2e/messages",
    "/v1\\messages",
    "//v1/messages",
  ])("%s is no way round the limits of /v1/messages", (path) => {
    expect(calledIn("POST", path, {})).toMatchObject({
      dialect: { name: "anthropic" },
      endpoint: { kind: "model" },
    });
  });

  test("no path makes it throw", () => {
    const path = fc.string({
      unit: fc.constantFrom(
        "/",
        "v1",
        "%",
        "2e",
        ".",
        "?",
        "#",
        "models",
        ":",
        "generateContent",
        "é",
        "\\",
        " ",
      ),
    });
    fc.assert(fc.property(path, (one) => void calledIn("POST", `/${one}`, {})));
  });

  test("G2 who sends an unknown path is answered in the dialect of its other fields", () => {
    expect(spokenBy(ANTHROPIC).name).toBe("anthropic");
    expect(spokenBy(GOOGLE).name).toBe("google");
    expect(spokenBy({ authorization: "Bearer k" }).name).toBe("openai");
  });
});

function wishOf(path: string, body: string, fields: Fields = {}): Wish | string {
  const { dialect, endpoint } = calledIn("POST", path, fields)!;
  return dialect.wishOf(endpoint, bytesOf(body));
}

describe("G11 what a request wants is read from its body", () => {
  test.each<[string, string, Partial<Wish>]>([
    [
      "/v1/chat/completions",
      '{"model":"gpt-5","messages":[]}',
      { model: "gpt-5", isStream: false, maxOutput: null, caller: null },
    ],
    ["/v1/chat/completions", '{"model":"m","max_tokens":5,"max_completion_tokens":7}', { maxOutput: 7 }],
    ["/v1/chat/completions", '{"max_tokens":5,"n":3}', { model: null, maxOutput: 15 }],
    ["/v1/chat/completions", '{"max_tokens":-5}', { maxOutput: null }],
    ["/v1/chat/completions", '{"max_tokens":1.5,"n":"x"}', { maxOutput: null }],
    ["/v1/chat/completions", '{"max_tokens":"9"}', { maxOutput: null }],
    ["/v1/chat/completions", '{"max_tokens":9007199254740991,"n":9}', { maxOutput: 9_007_199_254_740_991 }],
    [
      "/v1/chat/completions",
      '{"messages":[{"model":"no","max_tokens":1}],"model":"yes"}',
      { model: "yes", maxOutput: null },
    ],
    ["/openai/deployments/d/chat/completions", "{}", { model: "d" }],
    [
      "/v1/responses",
      '{"model":"m","stream":true,"max_output_tokens":9}',
      { isStream: true, maxOutput: 9, isUsageOurs: false },
    ],
    ["/v1/responses", '{"stream":"true"}', { isStream: true }],
    [
      "/v1/messages",
      '{"model":"claude-x","max_tokens":64000,"stream":true,"metadata":{"user_id":"u"}}',
      { model: "claude-x", isStream: true, maxOutput: 64_000, caller: "u", isUsageOurs: false },
    ],
    ["/v1/messages", '{"metadata":null}', { caller: null }],
    [
      "/v1beta/models/g:generateContent",
      '{"contents":[],"generationConfig":{"maxOutputTokens":8}}',
      { model: "g", isStream: false, maxOutput: 8 },
    ],
    [
      "/v1beta/models/g:streamGenerateContent",
      '{"generation_config":{"max_output_tokens":8,"candidate_count":2}}',
      { isStream: true, maxOutput: 16 },
    ],
    [
      "/v1beta/models/g:generateContent",
      '{"generationConfig":{"maxOutputTokens":1},"generation_config":{"max_output_tokens":9}}',
      { maxOutput: 9 },
    ],
    ["/v1beta/models/g:generateContent", "{}", { maxOutput: null }],
    ["/v1beta/models/g:generateContent", '{"model":"h","stream":true}', { model: "g", isStream: false }],
    [
      "/v1/interactions",
      '{"model":"g","stream":true,"generation_config":{"max_output_tokens":5}}',
      { model: "g", isStream: true, maxOutput: 5 },
    ],
    ["/v1/interactions", '{"agent":"deep-research"}', { model: "deep-research", isStream: false }],
  ])("%s %s", (path, body, wanted) => {
    const wish = wishOf(path, body);
    expect(wish).toMatchObject(wanted);
    if (typeof wish !== "string" && !wish.isUsageOurs) expect(textOf([wish.body])).toBe(body);
  });

  test("a body that is no JSON object, or says a field twice, is refused in words", () => {
    for (const path of ["/v1/chat/completions", "/v1/messages", "/v1beta/models/g:generateContent"]) {
      for (const body of ["", "[]", "[{}]", "null", '"x"', "{", "{}{}", "\u0000", "<a>"]) {
        expect(wishOf(path, body)).toBe("the body is no JSON object");
      }
    }
    expect(wishOf("/v1/chat/completions", '{"stream":true,"stream":false}')).toMatch(
      "`stream` more than once",
    );
    expect(
      wishOf(
        "/v1beta/models/g:generateContent",
        '{"generationConfig":{"maxOutputTokens":1},"generationConfig":{}}',
      ),
    ).toMatch("`generationConfig` more than once");
    expect(wishOf("/v1/messages", `{"model":"${"m".repeat(257)}"}`)).toMatch("at most 256");
    expect(wishOf("/v1/messages", `{"model":"${"m".repeat(256)}"}`)).not.toBeTypeOf("string");
  });

  test("garbage never throws", () => {
    fc.assert(
      fc.property(fc.constantFrom(...DIALECTS), fc.uint8Array({ maxLength: 100 }), (dialect, bytes) => {
        dialect.wishOf({ kind: "model", call: "x", model: null, isStream: null }, bytes);
      }),
    );
  });
});

describe("G32 asks for usage where the client does not", () => {
  const sent = (body: string, path = "/v1/chat/completions") => {
    const wish = wishOf(path, body);
    if (typeof wish === "string") throw new Error(wish);
    return { text: textOf([wish.body]), isUsageOurs: wish.isUsageOurs };
  };

  test.each<[string, string]>([
    ['{"stream":true}', '{"stream_options":{"include_usage":true},"stream":true}'],
    [' {\n "stream": true}', ' {"stream_options":{"include_usage":true},\n "stream": true}'],
    ['{"stream":true,"stream_options":null}', '{"stream":true,"stream_options":{"include_usage":true}}'],
    ['{"stream":true,"stream_options":{}}', '{"stream":true,"stream_options":{"include_usage":true}}'],
    [
      '{"stream":true,"stream_options": { "x" : 1}}',
      '{"stream":true,"stream_options": {"include_usage":true, "x" : 1}}',
    ],
    [
      '{"stream_options":{"include_usage": false },"stream":true}',
      '{"stream_options":{"include_usage": true },"stream":true}',
    ],
    [
      '{"stream":true,"stream_options":{"include_usage":null}}',
      '{"stream":true,"stream_options":{"include_usage":true}}',
    ],
  ])("%s", (body, wanted) => {
    expect(sent(body)).toEqual({ text: wanted, isUsageOurs: true });
    expect(sent(body, "/v1/completions")).toEqual({ text: wanted, isUsageOurs: true });
  });

  test.each([
    '{"stream":true,"stream_options":{"include_usage":true}}',
    '{"stream":false}',
    "{}",
    '{"stream":true,"stream_options":{"include_usage":"yes"}}',
    '{"stream":true,"stream_options":[]}',
    '{"stream":true,"stream_options":7}',
  ])("%s stays as it is", (body) => {
    expect(sent(body)).toEqual({ text: body, isUsageOurs: false });
  });

  test("other calls tell usage unasked", () => {
    for (const path of ["/v1/responses", "/v1/embeddings"]) {
      expect(sent('{"stream":true}', path)).toEqual({ text: '{"stream":true}', isUsageOurs: false });
    }
  });

  test("all other bytes stay as they came, whatever they say", () => {
    const other = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 });
    fc.assert(
      fc.property(other, fc.constantFrom(0, 1), (fields, indent) => {
        const { stream_options: _, ...rest } = fields;
        const body = JSON.stringify({ ...rest, stream: true }, null, indent);
        const wish = openai.wishOf(
          { kind: "model", call: "chat/completions", model: null, isStream: null },
          bytesOf(body),
        );
        if (typeof wish === "string") return;
        expect(textOf([wish.body]).replace('"stream_options":{"include_usage":true},', "")).toBe(body);
        expect(JSON.parse(textOf([wish.body]))).toEqual({
          ...JSON.parse(body),
          stream_options: { include_usage: true },
        });
      }),
    );
  });
});
