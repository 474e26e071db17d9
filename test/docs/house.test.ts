// The walls of the house, as counts that may only fall: who compares kinds of operations by name, and who names formats.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { FORMATS, operationBody } from "../../src/market/index.js";

const filesUnder = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));

const TREE = ["src", "node", "testnet"].flatMap(filesUnder);

/** Rooms of subjects: a subject may know its own kinds. */
const ROOMS = /^src\/market\/(money|auction|justice)\//;

const kinds =
  operationBody.layout.type === "union" ? operationBody.layout.variants.map(({ kind }) => kind) : [];
const COMPARED = new RegExp(`\\bbody\\.kind [!=]== "(?:${kinds.join("|")})"`, "g");

function comparisons(folder: string): number {
  return TREE.filter((path) => path.startsWith(`${folder}/`) && !ROOMS.test(path))
    .map((path) => [...readFileSync(path, "utf8").matchAll(COMPARED)].length)
    .reduce((sum, count) => sum + count, 0);
}

it("kinds of operations are compared by name in the rooms of their subjects, and in ever fewer other places", () => {
  expect(kinds.length).toBeGreaterThan(7);
  expect({ src: comparisons("src"), node: comparisons("node"), testnet: comparisons("testnet") }).toEqual({
    src: 0,
    node: 0,
    testnet: 19,
  });
});

/** Where formats are at home: their room, their oracles, and the words that people read of them. */
const FORMAT_ROOMS =
  /^(src\/market\/auction\/formats\/|testnet\/lab\/checks\/oracle\/|node\/contract\/auction\.ts$)/;

it("formats are named in their room, by their oracles, and where they have words for people", () => {
  const names = new RegExp(`"(?:${Object.keys(FORMATS).join("|")})"`);
  const naming = TREE.filter((path) => !FORMAT_ROOMS.test(path) && names.test(readFileSync(path, "utf8")));
  expect(naming).toEqual([]);
});
