// What is read of a body while it passes is what a parser of the whole reads.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Found } from "../../../node/gateway/json-found.js";
import { JsonScan } from "../../../node/gateway/json-scan.js";
import { Wanted } from "../../../node/gateway/json-wanted.js";
import { fieldsOf, spliced, withField } from "../../../node/gateway/shallow-json.js";
import { bytesOf, cutAt, everyCut, places, textOf } from "./splits.js";

const key = fc.constantFrom("a", "b", "c", "text", 'd\n"\\', "é", "model", "a.b", "k".repeat(70));
const text = fc.string({
  unit: fc.constantFrom("x", '"', "\\", "\n", "é", "語", "😀", "\u0000", "{", "}", ",", "u", "\ud83d"),
});
const { value } = fc.letrec<{ value: unknown; node: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    tie("node"),
  ),
  node: fc.oneof(fc.array(tie("value"), { maxLength: 4 }), fc.dictionary(key, tie("value"), { maxKeys: 5 })),
}));
const document = fc.dictionary(key, value, { maxKeys: 6 });

const KEPT = ["a", "b", "model", "a.b", "c.text", 'd\n"\\'];
const PROBED = ["b", "c"];
const COUNTED = ["text", "a"];
const WANTED = new Wanted({ kept: KEPT, probed: PROBED, counted: COUNTED });

type Plain = Readonly<Record<string, unknown>>;
const isPlain = (one: unknown): one is Plain =>
  typeof one === "object" && one !== null && !Array.isArray(one);

function countedIn(one: unknown, counts = new Map<string, number>()): Map<string, number> {
  if (typeof one !== "object" || one === null) return counts;
  for (const [name, inner] of Object.entries(one)) {
    if (typeof inner === "string" && isPlain(one) && WANTED.counted.has(name)) {
      counts.set(name, (counts.get(name) ?? 0) + [...inner].length);
    }
    countedIn(inner, counts);
  }
  return counts;
}

/** The dullest way to the same. */
function expected(one: Plain) {
  const kept = new Map<string, unknown>();
  const filled = new Map<string, boolean>();
  for (const [name, inner] of Object.entries(one)) {
    if (KEPT.includes(name) && !name.includes(".")) kept.set(name, inner);
    if (WANTED.probed.has(name))
      filled.set(name, Object.keys(Object(typeof inner === "object" ? inner : {})).length > 0);
    if (isPlain(inner)) {
      for (const [below, leaf] of Object.entries(inner)) {
        if (KEPT.includes(`${name}.${below}`)) kept.set(`${name}.${below}`, leaf);
      }
    }
  }
  return { kept, filled, counts: countedIn(one) };
}

const plainOf = ({ kept, filled, counts }: Found) => ({
  kept: new Map(KEPT.filter((path) => kept.has(path)).map((path) => [path, kept.get(path)!.value])),
  filled: new Map(PROBED.filter((word) => filled.has(word)).map((word) => [word, filled.get(word)!])),
  counts: new Map(COUNTED.filter((word) => counts.has(word)).map((word) => [word, counts.get(word)!])),
});

function scanned(chunks: readonly Uint8Array[], wanted = WANTED) {
  const documents: Found[] = [];
  const scan = new JsonScan(wanted, (found) => documents.push(found));
  for (const chunk of chunks) scan.push(chunk);
  return { documents, isWhole: scan.end(), scan };
}

describe("G1 a body's fields are read without parsing it", () => {
  test("a document says the same to the scan as to a parser, however it is cut", () => {
    fc.assert(
      fc.property(document, places, fc.constantFrom(0, 2), (one, cuts, indent) => {
        const json = JSON.stringify(one, null, indent);
        const { documents, isWhole } = scanned(cutAt(bytesOf(json), cuts));
        expect(isWhole).toBe(true);
        expect(documents.map(plainOf)).toEqual([expected(JSON.parse(json))]);
      }),
      { numRuns: 250 },
    );
  });

  test("an array's elements are documents, and what is no object among them is nothing", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(document, text, fc.integer())), places, (list, cuts) => {
        const json = JSON.stringify(list);
        const { documents, isWhole } = scanned(cutAt(bytesOf(json), cuts));
        expect(isWhole).toBe(true);
        const parsed: unknown[] = JSON.parse(json);
        expect(documents.map(plainOf)).toEqual(parsed.filter(isPlain).map(expected));
      }),
    );
  });

  test("a kept value's place holds its bytes", () => {
    fc.assert(
      fc.property(document, (one) => {
        const body = bytesOf(JSON.stringify(one, null, 1));
        const { kept } = scanned([body]).documents[0]!;
        for (const path of KEPT.filter((path) => kept.has(path))) {
          const { value: read, start, end } = kept.get(path)!;
          expect(JSON.parse(textOf([body.subarray(start, end)]))).toEqual(read);
        }
      }),
    );
  });

  test("bytes that are no JSON document are never taken for one, and nothing throws", () => {
    const broken = [
      "",
      "{",
      '{"a"',
      '{"a":',
      '{"a":1',
      '{"a":1,}',
      '{"a" 1}',
      '{"a":1}}',
      '{"a":1}{',
      '{"a":tru}',
      "{a:1}",
      '{"a":[1,]}',
      '{"a":[}',
      '{"a":[1}',
      '{"a":{"b":1]}',
      '[{"a":1}}',
      '{"a":1]',
      '{"a":/**/1}',
      "[",
      "[{}",
      "]",
      '{"a":01}',
      "{,}",
      '{"a":\u00011}',
    ];
    for (const json of broken) {
      const { isWhole, scan } = scanned([bytesOf(json)]);
      expect(isWhole && !scan.isBroken, json).toBe(false);
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void scanned([bytes])));
    const marks = fc.string({ unit: fc.constantFrom(...'{}[]:,"\\ 1tae\n'), maxLength: 40 });
    fc.assert(
      fc.property(marks, places, (json, cuts) => {
        const whole = scanned([bytesOf(json)]);
        const cut = scanned(cutAt(bytesOf(json), cuts));
        expect(cut.isWhole).toBe(whole.isWhole);
        expect(cut.documents.map(plainOf)).toEqual(whole.documents.map(plainOf));
      }),
      { numRuns: 500 },
    );
  });

  test("nesting deeper than 512 is broken, 512 is not", () => {
    const nested = (depth: number) => bytesOf(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`);
    expect(scanned([nested(512)]).isWhole).toBe(true);
    expect(scanned([nested(513)]).isWhole).toBe(false);
  });

  test("a value longer than 64 KiB is there, and not kept, at the same length however it is cut", () => {
    for (const [size, isKept] of [
      [65_534, true],
      [65_535, false],
    ] as const) {
      const body = bytesOf(JSON.stringify({ a: "x".repeat(size), b: 1 }));
      for (const chunks of [[body], cutAt(body, [9, 40_000, 65_540])]) {
        const { kept } = scanned(chunks).documents[0]!;
        expect(kept.get("a")!.value === undefined).toBe(!isKept);
        expect(kept.get("b")!.value).toBe(1);
      }
    }
  });

  test("a key may be written with escapes", () => {
    for (const chunks of everyCut(bytesOf('{"mod\\u0065l":"m"}'))) {
      expect(scanned(chunks).documents[0]!.kept.get("model")!.value).toBe("m");
    }
  });

  test("a key with a dot is not the way to a field below", () => {
    const fields = fieldsOf(
      bytesOf('{"metadata.user_id":"other","metadata":{"user_id":"own"}}'),
      new Wanted({ kept: ["metadata.user_id"] }),
    );
    expect(Object(fields).at.get("metadata.user_id").value).toBe("own");
  });
});

describe("G1 all other bytes stay as they are", () => {
  test("with a field put first, a parser reads the same and that field", () => {
    fc.assert(
      fc.property(document, fc.constantFrom("", " \n", "\t"), (one, blank) => {
        const body = bytesOf(`${blank}${JSON.stringify(one, null, blank)}`);
        const fields = fieldsOf(body, new Wanted({}));
        if (typeof fields === "string") throw new Error(fields);
        const longer = withField(body, fields.start, '"added":1');
        expect(JSON.parse(textOf([longer]))).toEqual({ ...JSON.parse(textOf([body])), added: 1 });
        const at = fields.start + 1;
        const added = longer.length - body.length;
        expect(textOf([longer.subarray(0, at), longer.subarray(at + added)])).toBe(textOf([body]));
      }),
    );
  });

  test("a value can be replaced in its place", () => {
    const body = bytesOf('{"a": {"b" : false } , "c":1}');
    const fields = fieldsOf(body, new Wanted({ kept: ["a.b"] }));
    if (typeof fields === "string") throw new Error(fields);
    const { start, end } = fields.at.get("a.b")!;
    expect(textOf([spliced(body, start, end, "true")])).toBe('{"a": {"b" : true } , "c":1}');
  });

  test("a field that is there twice is refused: the upstream might read the other one", () => {
    expect(fieldsOf(bytesOf('{"model":"dear","model":"cheap"}'), new Wanted({ kept: ["model"] }))).toMatch(
      "`model` more than once",
    );
    expect(fieldsOf(bytesOf('{"a":1,"\\u0061":[]}'), new Wanted({ kept: ["a"] }))).toMatch(
      "`a` more than once",
    );
    expect(fieldsOf(bytesOf('{"b":1,"b":2}'), new Wanted({ kept: ["a"] }))).not.toBeTypeOf("string");
    expect(fieldsOf(bytesOf('{"s":{"u":1},"s":{"u":2}}'), new Wanted({ kept: ["s.u"] }))).toMatch(
      "`s.u` more than once",
    );
  });

  test("an object with a field in it that is there twice is refused, whatever the other one holds", () => {
    const wanted = new Wanted({ kept: ["s.u"] });
    for (const other of ["{}", "null", '{"v":1}', '[{"u":1}]'])
      for (const both of [`"s":{"u":1},"s":${other}`, `"s":${other},"\\u0073":{"u":1}`])
        expect(fieldsOf(bytesOf(`{${both}}`), wanted)).toMatch("`s` more than once");
    expect(fieldsOf(bytesOf('{"s":{"u":1,"s":{}},"t":{"s":2}}'), wanted)).not.toBeTypeOf("string");
  });
});
