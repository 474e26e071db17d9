// The tables of docs/THREATS.md name tests that exist.
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

describe("docs/THREATS.md", () => {
  it("names tests that exist", () => {
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((path) => !exists(path))).toEqual([]);
    expect(exists("test/scenarios/no-such")).toBe(false);
  });
});
