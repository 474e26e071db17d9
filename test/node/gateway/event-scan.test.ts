// Events pass as they came, and one that is left out is gone without a trace, wherever its chunks begin.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventScan, MOST_HELD } from "../../../node/gateway/event-scan.js";
import { bytesOf, cutAt, everyCut, places, textOf } from "./splits.js";

/** Hears what events say, and has those left out that say so. */
function heard(chunks: readonly Uint8Array[], leavesOut = true) {
  const events: { name: string; data: string }[] = [];
  const pieces: Uint8Array[] = [];
  const scan = new EventScan(
    {
      data: (bytes, from, to) => pieces.push(bytes.slice(from, to)),
      over: (name) => {
        const data = textOf(pieces.splice(0));
        events.push({ name, data });
        return data.startsWith("out");
      },
      get mayBeLeftOut() {
        return "out".startsWith(textOf(pieces).slice(0, 3));
      },
    },
    leavesOut,
  );
  const out = chunks.map((chunk) => scan.push(chunk));
  return { events, out: [...out, scan.end()] };
}

const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
const word = fc.string({ unit: fc.constantFrom("a", ":", " ", "é", "{", "d"), maxLength: 6 });
const line = fc.oneof(
  word.map((one) => ({ text: `data: ${one}`, data: one })),
  word.map((one) => ({ text: `data:${one.trim()}`, data: one.trim() })),
  fc.constant({ text: "data: out", data: "out" }),
  fc.constantFrom("id: 7", "retry: 3", "other: x").map((text) => ({ text, data: null })),
);
const event = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 3 }),
  end: lineEnd,
  name: fc.constantFrom("", "ping", "error"),
});
const stream = fc.array(event, { maxLength: 6 });

type Stream = Parameters<Parameters<typeof stream.map>[0]>[0];

const dataOf = ({ lines }: Stream[number]) => lines.flatMap(({ data }) => (data === null ? [] : [data]));
const written = ({ lines, end, name }: Stream[number]) =>
  [...(name === "" ? [] : [`event: ${name}`]), ...lines.map(({ text }) => text), "", ""].join(end);
const isLeftOut = (one: Stream[number]) => dataOf(one).length > 0 && dataOf(one).join("\n").startsWith("out");

describe("G3 events pass unchanged", () => {
  test("their data and names are heard whatever ends a line and wherever a chunk does", () => {
    fc.assert(
      fc.property(stream, places, fc.boolean(), (events, cuts, hasMark) => {
        const text = (hasMark ? "\ufeff" : "") + events.map(written).join("");
        const { out, events: found } = heard(cutAt(bytesOf(text), cuts), false);
        expect(textOf(out.flat())).toBe(text);
        const wanted = events.filter((one) => dataOf(one).length > 0);
        expect(found).toEqual(wanted.map((one) => ({ name: one.name, data: dataOf(one).join("\n") })));
      }),
      { numRuns: 200 },
    );
  });

  test("nothing is held back of what nobody leaves out", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
        const { out } = heard(chunks, false);
        expect(out.slice(0, -1).map((one) => textOf(one))).toEqual(chunks.map((one) => textOf([one])));
      }),
    );
  });

  test("garbage passes unchanged, also where it looks like events", () => {
    const garbage = fc.string({
      unit: fc.constantFrom("data", ":", "\n", "\r", "event", " ", "x", "\u0000", "é"),
      maxLength: 40,
    });
    fc.assert(
      fc.property(garbage, places, (text, cuts) => {
        expect(textOf(heard(cutAt(bytesOf(text), cuts)).out.flat())).toBe(text);
      }),
    );
  });
});

describe("G32 an event that was only asked for by us is left out", () => {
  test("all of it, and nothing else, is gone wherever a chunk ends", () => {
    fc.assert(
      fc.property(stream, places, (events, cuts) => {
        const text = events.map(written).join("");
        const rest = events
          .filter((one) => !isLeftOut(one))
          .map(written)
          .join("");
        expect(textOf(heard(cutAt(bytesOf(text), cuts)).out.flat())).toBe(rest);
      }),
      { numRuns: 200 },
    );
  });

  test.each(["\n", "\r\n", "\r"])("at each byte, with lines that end in %j", (end) => {
    const before = `data: a${end}${end}: note${end}`;
    const text = `${before}data: out${end}${end}data: b${end}${end}data: out`;
    for (const chunks of everyCut(bytesOf(text))) {
      expect(textOf(heard(chunks).out.flat())).toBe(`${before}data: b${end}${end}`);
    }
  });

  test("an event that turns out to be another one goes on at once", () => {
    const { out } = heard(["data: ou", "r\n", "data: x"].map(bytesOf));
    expect(out.map((chunks) => textOf(chunks))).toEqual(["", "data: our\n", "data: x", ""]);
  });

  test("a comment goes on once its line is whole: it keeps a connection alive", () => {
    expect(textOf(heard([bytesOf(": waiting\n")]).out[0]!)).toBe(": waiting\n");
    expect(textOf(heard([bytesOf("data: out\n\n: waiting\r")]).out[0]!)).toBe(": waiting\r");
  });

  test("what is longer than 16 KiB goes on before it ends", () => {
    const chunks = ["data: out", "x".repeat(MOST_HELD - 9), "y"].map(bytesOf);
    expect(heard(chunks).out.map((out) => textOf(out).length)).toEqual([0, 0, MOST_HELD + 1, 0]);
  });

  test.each([0, 1])("no more than 16 KiB are held back: an event %d byte longer is not left out", (more) => {
    const text = `data: out${"x".repeat(MOST_HELD - 11 + more)}\n\n`;
    expect(text.length).toBe(MOST_HELD + more);
    for (const cuts of [[], [1], [MOST_HELD - 1], [100, 9_000, MOST_HELD]]) {
      expect(textOf(heard(cutAt(bytesOf(text), cuts)).out.flat())).toBe(more === 0 ? "" : text);
      const open = text.replace("\n\n", "xx");
      expect(textOf(heard(cutAt(bytesOf(open), cuts)).out.flat())).toBe(more === 0 ? "" : open);
    }
  });
});

test("G34 an event of any length is heard to its end", () => {
  const data = `{"instructions":"${"x".repeat(100_000)}","code":"rate_limit_exceeded"}`;
  const { events, out } = heard(
    cutAt(bytesOf(`event: response.created\ndata: ${data}\n\n`), [16_000, 16_384, 70_000]),
  );
  expect(events).toEqual([{ name: "response.created", data }]);
  expect(textOf(out.flat())).toContain(data);
});
