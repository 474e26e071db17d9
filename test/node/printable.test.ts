// What is printed steers no terminal, whatever it came from; the program's own colours are the only exception.
import fc from "fast-check";
import { expect, test } from "vitest";
import { escaped, escapedDeep, printable } from "../../node/printable.js";

const ESC = "\u001b";
const steering = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

/** Letters that are likely to make a sequence of control. */
const text = fc.string({
  unit: fc.constantFrom(
    ESC,
    "[",
    "]",
    "3",
    "1",
    "2",
    "m",
    "J",
    ";",
    "\u0007",
    "\u009b",
    "\r",
    "\n",
    "\u202e",
    "ä",
  ),
});

test("no letter that steers is left in a word", () => {
  fc.assert(fc.property(text, (word) => !steering.test(escaped(word))));
});

test("without colours nothing but line ends and tabs steers", () => {
  fc.assert(fc.property(text, (line) => !steering.test(printable(line, false).replace(/[\n\t]/g, ""))));
});

test("with colours the only sequences left are those that paint", () => {
  const paint = new RegExp(`${ESC}\\[(?:1|2|22|3[0-9]|39|41|49)m`, "g");
  fc.assert(
    fc.property(
      text,
      (line) =>
        !steering.test(
          printable(line, true)
            .replace(paint, "")
            .replace(/[\n\t]/g, ""),
        ),
    ),
  );
});

test("a title, a cleared screen and a hidden word are shown as their codes, also with colours", () => {
  for (const evil of [`${ESC}]0;owned\u0007`, `${ESC}[2J`, `${ESC}[8mhidden`, "\u009b2J"]) {
    expect(printable(evil, true)).toBe(escaped(evil));
  }
  expect(printable(`${ESC}[32mok${ESC}[39m`, true)).toBe(`${ESC}[32mok${ESC}[39m`);
  expect(printable(`${ESC}[32mok${ESC}[39m`, false)).toBe("ok");
});

test("JSON that was escaped is the same JSON", () => {
  fc.assert(
    fc.property(text, (word) => JSON.parse(printable(JSON.stringify({ word }), false)).word === word),
  );
});

test("every string of a document is escaped, and nothing else changes", () => {
  const found = { a: ["x\n", 1, null, true], b: { c: "\u202e" } };
  expect(escapedDeep(found)).toEqual({ a: ["x\\u000a", 1, null, true], b: { c: "\\u202e" } });
});
