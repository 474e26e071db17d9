// The walls of the house, as lists that stay empty: who compares kinds of operations by name, and who names formats.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { FORMATS, operationBody } from "../../src/market/index.js";

const filesUnder = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));

const TREE = ["src", "node", "testnet"].flatMap(filesUnder);

/** Rooms of subjects: a subject may know its own kinds, and so may what judges it by its own reading, or attacks it. */
const ROOMS = /^(src\/market\/(money|auction|justice|lease)|testnet\/lab\/(checks|simulate\/byzantine))\//;

const kinds =
  operationBody.layout.type === "union" ? operationBody.layout.variants.map(({ kind }) => kind) : [];
const COMPARED = new RegExp(`\\bbody\\.kind [!=]== "(?:${kinds.join("|")})"`);

it("kinds of operations are compared by name in the rooms of their subjects, and nowhere else", () => {
  expect(kinds.length).toBeGreaterThan(7);
  const comparing = TREE.filter((path) => COMPARED.test(readFileSync(path, "utf8")));
  expect(comparing.length).toBeGreaterThan(7);
  expect(comparing.filter((path) => !ROOMS.test(path))).toEqual([]);
});

/** Where formats are at home: their room, their oracles, and the words that people read of them. */
const FORMAT_ROOMS =
  /^(src\/market\/auction\/formats\/|testnet\/lab\/checks\/oracle\/|node\/contract\/auction\.ts$)/;

it("formats are named in their room, by their oracles, and where they have words for people", () => {
  const names = new RegExp(`"(?:${Object.keys(FORMATS).join("|")})"`);
  const naming = TREE.filter((path) => !FORMAT_ROOMS.test(path) && names.test(readFileSync(path, "utf8")));
  expect(naming).toEqual([]);
});
