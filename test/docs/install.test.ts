// An install of this package is told of no engine that is too old: whatever it brings runs on the least Node we name.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly engines?: { readonly node?: string };
}

const read = (name: string) => JSON.parse(readFileSync(name, "utf8"));
const versionOf = (text: string): readonly number[] =>
  [...text.matchAll(/\d+/g)].slice(0, 3).map(([digits]) => Number(digits));

/** Whether `a` is at least `b`; what is not written is 0. */
function isAtLeast(a: readonly number[], b: readonly number[]): boolean {
  for (const i of [0, 1, 2]) if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) > (b[i] ?? 0);
  return true;
}

/** Ranges as packages write them: alternatives of `>=20.19`, `^20.19.0`, `20`, `10.*`. */
const allows = (range: string, version: readonly number[]): boolean =>
  range.split("||").some((alternative) => {
    const least = versionOf(alternative);
    const isOpen = alternative.includes(">=") || alternative.trim() === "*";
    return isAtLeast(version, least) && (isOpen || version[0] === least[0]);
  });

const least = versionOf(read("package.json").engines.node);

it.each([
  [">=20", true],
  [">=20.19.0", true],
  [">=20.19.1", false],
  [">=22", false],
  ["^20.19.0 || >=22.12.0", true],
  ["^18.18.0 || >=21", false],
  ["18 || 20 || >=22", true],
  ["*", true],
  ["10.* || >= 12.*", true],
])("Node 20.19.0 is of %s: %s", (range, expected) => expect(allows(range, [20, 19, 0])).toBe(expected));

it("every package that is locked runs on the least Node of package.json", () => {
  const packages = Object.entries<Locked>(read("package-lock.json").packages);
  const tooNew = packages.filter(
    ([, { engines }]) => engines?.node !== undefined && !allows(engines.node, least),
  );
  expect(tooNew.map(([path, { version, engines }]) => `${path} ${version}: ${engines?.node}`)).toEqual([]);
});
