// The tables of docs/THREATS.md name tests that exist, and give each scenario one row.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { describe, expect, it } from "vitest";

const text = readFileSync("docs/THREATS.md", "utf8");
const named = [...text.matchAll(/`(test\/[^`]+)`/g)].map((match) => match[1]!);

/** A path of the table is a folder, a file, or the beginning of a file's name; `*` stands for any part of it. */
function exists(path: string): boolean {
  if (existsSync(path)) return true;
  const folder = dirname(path);
  if (!existsSync(folder)) return false;
  const pattern = new RegExp(`^${basename(path).replaceAll(".", "\\.").replaceAll("*", ".*")}`);
  return readdirSync(folder).some((name) => pattern.test(name));
}

/** The cells of each row of each table after a heading, headings of columns left out. */
const rowsAfter = (heading: string): string[][] =>
  text
    .slice(text.indexOf(heading))
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| §"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

/** `9–13`, `33, 34` or `–` as numbers. @throws for what is none of them */
function numbersOf(cell: string): number[] {
  if (cell === "–") return [];
  return cell.split(", ").flatMap((part) => {
    const range = /^(\d+)(?:–(\d+))?$/.exec(part);
    if (range === null) throw new Error(`not a scenario's number: ${part}`);
    const [first, last] = [Number(range[1]), Number(range[2] ?? range[1])];
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** The tests that a cell names; a name without a folder is of the folder named before it. */
function testsOf(cell: string): string[] {
  let folder = "";
  return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, name]) => {
    if (name!.startsWith("test/")) folder = name!.slice(0, name!.lastIndexOf("/"));
    else if (!/^[a-z-]+(\/[a-z-]+)?$/.test(name!) || folder === "") return [];
    return [name!.startsWith("test/") ? name! : `${folder}/${name}`];
  });
}

describe("docs/THREATS.md", () => {
  it("names tests that exist", () => {
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((path) => !exists(path))).toEqual([]);
    expect(exists("test/scenarios/no-such")).toBe(false);
  });

  it("gives every scenario of PROTOCOL §5.2 one row, covered or not", () => {
    const told = rowsAfter("## The scenarios").flatMap(([numbers]) => numbersOf(numbers!));
    expect(told.sort((a, b) => a - b)).toEqual(Array.from({ length: 74 }, (_, i) => i + 1));
  });

  it("names, for each scenario that is covered, a test that exists", () => {
    const covered = rowsAfter("## The scenarios").filter((cells) => cells.length === 4);
    expect(covered.length).toBeGreaterThan(40);
    for (const [scenario, , tests] of covered) {
      const names = testsOf(tests!).filter((name) => exists(name));
      expect({ scenario, names: names.length > 0 }).toEqual({ scenario, names: true });
    }
  });
});
