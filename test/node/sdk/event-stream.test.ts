// Server-sent events read piece by piece: as the standard's own reader has them, wherever the stream is cut.
import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { expect, test } from "vitest";
import { EventStream, type Frame } from "../../../node/sdk/event-stream.js";

/** All frames of a stream that comes in these pieces. */
function read(pieces: readonly string[]): Frame[] {
  const stream = new EventStream();
  return pieces.flatMap((piece) => stream.feed(piece));
}

/** What another reader finds, which knows of events alone. */
function events(text: string): Frame[] {
  const found: Frame[] = [];
  const parser = createParser({ onEvent: ({ id, data }) => id !== undefined && found.push({ id, data }) });
  parser.feed(text);
  return found;
}

const line = fc.oneof(
  fc.constantFrom(
    "",
    "id: 7",
    "id:7",
    "id: 8",
    "data: {}",
    "data:x",
    "data",
    "id",
    ": still here",
    "event: a.b",
  ),
  fc.constantFrom("data:  two blanks", "data: a: b", "id: \0", "retry: 5", "other: x", "date: x", ":"),
  fc.string({ maxLength: 6, unit: fc.constantFrom("i", "d", "a", "t", ":", " ", "1", "ö") }),
);
const end = fc.constantFrom("\n", "\r\n", "\r");
const streams = fc.array(fc.tuple(line, end).map(([one, by]) => one + by)).map((lines) => lines.join(""));

test("finds the events that the standard's reader finds, whichever ends of line it has", () => {
  fc.assert(
    fc.property(streams, (text) => {
      expect(read([text]).filter(({ data }) => data !== null)).toEqual(events(text));
    }),
    { numRuns: 2000 },
  );
});

test("finds the same, wherever the stream is cut", () => {
  fc.assert(
    fc.property(streams, fc.array(fc.nat(80)), (text, cuts) => {
      const places = [0, ...cuts.filter((at) => at < text.length).sort((a, b) => a - b), text.length];
      const pieces = places.slice(1).map((at, i) => text.slice(places[i], at));
      expect(read(pieces)).toEqual(read([text]));
    }),
    { numRuns: 1000 },
  );
});

test("several lines of data are one text, and an id without data is told, too", () => {
  const frames = [
    { id: "5", data: "one\ntwo" },
    { id: "6", data: null },
  ];
  for (const by of ["\n", "\r\n", "\r"])
    expect(
      read([`id: 5${by}data: one${by}data: two${by}${by}id: 6${by}: still here${by}${by}: x\n`]),
    ).toEqual(frames);
});

test("counts what has come of a frame without an end", () => {
  const stream = new EventStream();
  stream.feed("id: 5\ndata: 12345\ndata: 678");
  expect(stream.pending).toBe("12345".length + "data: 678".length);
  stream.feed("\n\n");
  expect(stream.pending).toBe(0);
});
