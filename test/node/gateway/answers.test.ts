// An answer tells its usage, its errors and its content while it passes, in chunks of any size, and passes unchanged.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Dialect, Fields, Usage } from "../../../node/gateway/dialect.js";
import { DIALECTS } from "../../../node/gateway/dialects/index.js";
import { CHAT_USAGE_CHUNK, RECORDINGS, type Recording } from "./recordings.js";
import { bytesOf, cutAt, everyCut, places, textOf } from "./splits.js";

const NOW_MS = Date.UTC(2026, 10, 27, 12);
const dialect = (name: string): Dialect => DIALECTS.find((one) => one.name === name)!;

function read(name: string, chunks: readonly Uint8Array[], isUsageOurs = false, fields: Fields = {}) {
  const reader = dialect(name).reader(isUsageOurs, fields, NOW_MS);
  const out = chunks.flatMap((chunk) => reader.push(chunk));
  const text = textOf([...out, ...reader.end()]);
  const { usage, isUsageFinal, failure, hasContent, contentChars } = reader;
  return { text, usage, isUsageFinal, failure, hasContent, contentChars };
}

const toldBy = (one: Omit<Recording, "what" | "dialect" | "body">) => {
  const { usage, isUsageFinal = usage !== null, failure, hasContent, contentChars } = one;
  return { usage, isUsageFinal, failure, hasContent, contentChars };
};

describe("G13 G34 G36 usage, errors and content are read from the whole answer", () => {
  test.each(RECORDINGS)("$dialect: $what", (recording) => {
    const { dialect: name, body, fields } = recording;
    const bytes = bytesOf(body);
    const wanted = { text: body, ...toldBy(recording) };
    expect(read(name, [bytes], false, fields)).toEqual(wanted);
    expect(
      read(
        name,
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
        false,
        fields,
      ),
    ).toEqual(wanted);
    fc.assert(
      fc.property(places, fc.boolean(), (cuts, isUsageOurs) => {
        const isLeftOut = isUsageOurs && body.includes(JSON.stringify(CHAT_USAGE_CHUNK));
        const text = isLeftOut ? body.replace(`data: ${JSON.stringify(CHAT_USAGE_CHUNK)}\n\n`, "") : body;
        expect(read(name, cutAt(bytes, cuts), isUsageOurs, fields)).toEqual({ ...wanted, text });
      }),
      { numRuns: 10 },
    );
  });

  test("cut into two at each byte the short ones say the same", () => {
    for (const recording of RECORDINGS.filter(({ body }) => body.length < 350)) {
      for (const chunks of everyCut(bytesOf(recording.body))) {
        expect(toldBy(read(recording.dialect, chunks, true, recording.fields))).toEqual(toldBy(recording));
      }
    }
  });
});

describe("G36 content counts as it passes, though what it stands in never becomes whole", () => {
  const text = `${"x".repeat(30)}\\u00e9\\n"`.slice(0, -1);
  const begun = [
    ["openai", `{"id":"1","choices":[{"message":{"role":"assistant","content":"${text}`],
    ["openai", `data: {"id":"1","choices":[{"delta":{"content":"${text}`],
    ["openai", `data: {"id":"1","choices":[{"delta":{"content":"${text}"}}]}`],
    ["openai", `event: a\ndata: {"type":"response.output_text.delta","delta":"${text}`],
    ["anthropic", `{"id":"1","type":"message","content":[{"type":"text","text":"${text}`],
    [
      "anthropic",
      `event: a\ndata: {"type":"content_block_delta","delta":{"type":"text_delta","text":"${text}`,
    ],
    ["google", `[{"candidates":[{"content":{"parts":[{"text":"${text}`],
  ] as const;

  test.each(begun)("%s: %s", (name, body) => {
    for (const chunks of everyCut(bytesOf(body))) {
      const reader = dialect(name).reader(false, {}, NOW_MS);
      for (const chunk of chunks) reader.push(chunk);
      expect(reader.contentChars).toBe(32);
      reader.end();
      expect(reader.contentChars).toBe(32);
    }
  });

  test("what an event of a response tells once more is told once", () => {
    const delta = `data: {"type":"response.output_text.delta","delta":"${"x".repeat(30)}"}\n\n`;
    const done = `data: {"type":"response.output_text.done","text":"${"x".repeat(30)}`;
    expect(read("openai", [bytesOf(delta + done)]).contentChars).toBe(30);
  });

  test("an event that is broken does not take away what it has told, and is followed by others", () => {
    const broken = `data: {"choices":[{"delta":{"content":"xxxx\n\n`;
    const whole = `data: {"choices":[{"delta":{"content":"yy"}}]}\n\n`;
    expect(read("openai", [bytesOf(broken + whole)]).contentChars).toBe(6);
  });
});

describe("G1 G3 what no dialect knows passes unchanged", () => {
  const odd = [
    "",
    "<html>busy</html>",
    "data: [DONE]\n\n",
    'data: {"usage":{"prompt_tokens":-1}}\n\n',
    'data: {"choices":[],"usage":7}\n\n',
    'data: {"type":"message_start","message":null}\n\n',
    'data: {"error":null,"usageMetadata":{"promptTokenCount":"9"}}\r\n\r\n',
    '{"usage":{"prompt_tokens":1e999}}',
    "[1,2,[]]",
    "event: error\ndata: it broke\n\n",
    "\u0000\u0001",
    "  \n",
  ];
  test.each(DIALECTS.map(({ name }) => name))("%s", (name) => {
    for (const body of odd) {
      for (const isUsageOurs of [false, true]) {
        expect(read(name, cutAt(bytesOf(body), [3, 9]), isUsageOurs)).toMatchObject({
          text: body,
          usage: null,
        });
      }
    }
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 6 }),
        fc.boolean(),
        (chunks, isUsageOurs) => {
          const reader = dialect(name).reader(isUsageOurs, {}, NOW_MS);
          const out = chunks.flatMap((chunk) => reader.push(chunk));
          expect(Buffer.concat([...out, ...reader.end()])).toEqual(Buffer.concat(chunks));
        },
      ),
    );
    const body = fc.string({
      unit: fc.constantFrom(
        "data: ",
        "event: error\n",
        "{",
        "}",
        '"usage"',
        '"choices"',
        ":",
        "[]",
        "[",
        "null",
        ",",
        "\n\n",
        "\r\n",
        '"error"',
        "1",
      ),
      maxLength: 20,
    });
    fc.assert(
      fc.property(body, places, (text, cuts) => {
        const whole = read(name, [bytesOf(text)]);
        expect(whole.text).toBe(text);
        expect(read(name, cutAt(bytesOf(text), cuts))).toEqual(whole);
        expect(read(name, cutAt(bytesOf(text), cuts), true)).toEqual(read(name, [bytesOf(text)], true));
      }),
    );
  });
});

describe("G32 the chunk that was only asked for by us is swallowed, and no other", () => {
  const swallowed = (document: unknown) =>
    read("openai", [bytesOf(`data: ${JSON.stringify(document)}\n\n`)], true).text === "";
  test.each<[string, unknown, boolean]>([
    ["usage without choices", CHAT_USAGE_CHUNK, true],
    ["usage, choices null", { choices: null, usage: { prompt_tokens: 1, completion_tokens: 1 } }, true],
    ["usage beside choices", { choices: [{}], usage: { prompt_tokens: 1, completion_tokens: 1 } }, false],
    ["no choices, no usage (Azure's first)", { choices: [], prompt_filter_results: [] }, false],
    ["no choices, usage null", { choices: [], usage: null }, false],
    ["usage and nothing about choices", { usage: { prompt_tokens: 1, completion_tokens: 1 } }, false],
    [
      "usage beside an error",
      { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 }, error: { code: 500 } },
      false,
    ],
  ])("%s", (_, document, isSwallowed) => {
    expect(swallowed(document)).toBe(isSwallowed);
  });

  test("of several documents in one event all are heard, and none is swallowed", () => {
    const usage = { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } };
    for (const list of [
      [usage, usage],
      [{ error: { code: 429 } }, usage],
    ]) {
      const body = `data: ${JSON.stringify(list)}\n\n`;
      const isError = "error" in list[0]!;
      expect(read("openai", [bytesOf(body)], true)).toMatchObject({
        text: body,
        usage: { freshInput: 1 },
        failure: isError ? { kind: "limit" } : null,
      });
    }
  });

  test("a whole answer is no chunk", () => {
    const body = JSON.stringify(CHAT_USAGE_CHUNK);
    expect(read("openai", [bytesOf(body)], true).text).toBe(body);
  });

  test("G3 of an event with content nothing is held back once its content begins", () => {
    const reader = dialect("openai").reader(true, {}, NOW_MS);
    const head = bytesOf('data: {"id":"c","choices":[{"delta":{"content":"Hel');
    expect(textOf(reader.push(head))).toBe(textOf([head]));
    expect(textOf(reader.push(bytesOf("lo")))).toBe("lo");
    const quiet = dialect("openai").reader(false, {}, NOW_MS);
    expect(textOf(quiet.push(bytesOf('data: {"choices":[],')))).toBe('data: {"choices":[],');
  });
});

test("G13 blanks before a document are blanks, and a mark before either is a mark", () => {
  const usage = { freshInput: 1, cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0, output: 2 };
  const document = '{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}';
  for (const body of [
    ` ${document}`,
    `\r\n\t${document}`,
    `\n\ndata:${document}`,
    `\ufeffdata: ${document}\n\n`,
    `\ufeff${document}`,
    `\ufeff\n${document}`,
  ]) {
    for (const chunks of everyCut(bytesOf(body))) expect(read("openai", chunks).usage).toEqual(usage);
  }
});

describe("G33 what comes before content may be tried again", () => {
  test.each<[string, string, boolean]>([
    ["openai", 'event: response.created\ndata: {"type":"response.created"}\n\n', false],
    ["openai", 'data: {"type":"response.in_progress"}\n\ndata: {"type":"response.queued"}\n\n', false],
    ["openai", 'data: {"type":"response.output_item.added"}\n\n', true],
    ["openai", 'data: {"choices":[],"prompt_filter_results":[]}\n\n', false],
    ["openai", 'data: {"choices":[{"delta":{"role":"assistant"}}]}\n\n', true],
    ["openai", 'data: {"choices":[{', true],
    ["openai", ": waiting\n\n", false],
    ["openai", '{"choices":[{"mess', true],
    ["openai", '{"error":{"message"', false],
    [
      "anthropic",
      'data: {"type":"message_start","message":{"content":[]}}\n\ndata: {"type":"ping"}\n\n',
      false,
    ],
    ["anthropic", 'data: {"type":"content_block_start"}\n\n', true],
    ["google", 'data: {"usageMetadata":{"promptTokenCount":3}}\n\n', false],
    ["google", '[{"candidates":[{"content"', true],
  ])("%s: %s", (name, body, hasContent) => {
    for (const chunks of everyCut(bytesOf(body))) expect(read(name, chunks).hasContent).toBe(hasContent);
  });
});

test("G13 what limits count of a usage: Anthropic's cache reads are none of it, others' are", () => {
  const usage: Usage = {
    freshInput: 25,
    cacheRead: 30_000,
    cacheWrite: 1_000,
    cacheWriteHour: 400,
    output: 42,
  };
  expect(dialect("anthropic").countedOf(usage)).toEqual({ inputTokens: 1_025, outputTokens: 42 });
  expect(dialect("openai").countedOf(usage)).toEqual({ inputTokens: 31_025, outputTokens: 42 });
  expect(dialect("google").countedOf(usage)).toEqual({ inputTokens: 31_025, outputTokens: 42 });
});
