// docs/spec/parameters.md is made from the code: `npx vitest run test/docs/spec-parameters.test.ts -u` writes it anew.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as limits from "../../src/ledger/limits.js";
import {
  brokenRelation,
  LOCAL_TESTNET_PARAMS,
  type Params,
  PUBLIC_PARAMS,
  RELATIONS,
} from "../../src/ledger/params.js";

const NAMES = Object.keys(LOCAL_TESTNET_PARAMS) as (keyof Params)[];
const LIMITS: Readonly<Record<string, number>> = limits;

/** Each declaration with the comment above it, citations left out; a declaration without a comment has none. */
function commented(file: string, declaration: RegExp): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let comment = "";
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const said = /^\s*\/\*\* (.*) \*\/$/.exec(line)?.[1];
    const name = declaration.exec(line)?.[1];
    if (name !== undefined) found.set(name, comment.replace(/ \([A-Zs][^()]*\)/g, ""));
    if (said === undefined) comment = "";
    else comment = said;
  }
  return found;
}

function unitOf(name: keyof Params): string {
  if (typeof LOCAL_TESTNET_PARAMS[name] === "bigint") return "micro-credits";
  if (name.endsWith("Ms")) return "ms";
  if (name.endsWith("Bp")) return "bp";
  return typeof LOCAL_TESTNET_PARAMS[name] === "number" ? "reveals" : "yes or no";
}

const grouped = (value: unknown): string => String(value).replace(/(?<=\d)(?=(\d{3})+$)/g, " ");
const row = (...cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function page(): string {
  const meanings = commented("src/ledger/params.ts", /^ {2}([A-Za-z]+): \[\d+, /);
  const keys = [...readFileSync("src/ledger/params.ts", "utf8").matchAll(/^ {2}[A-Za-z]+: \[(\d+), /gm)];
  const constants = commented("src/ledger/limits.ts", /^export const ([A-Z_]+) = /);
  return [
    "# Parameters and limits",
    "",
    "This page is made from `src/ledger/params.ts` and `src/ledger/limits.ts` by `test/docs/spec-parameters.test.ts`.",
    "",
    "## Parameters",
    "",
    "Genesis fixes the parameters of a network for ever; `key` is the field's key in its encoding. A field in ms is",
    "1 to 31 536 000 000, `revealCapacity` 1 to 1 000 000, an amount 0 to 2^53 − 1; `no` is written as 0 and `yes` as 1.",
    "The last two columns are the sets that the program offers for a network on one machine and for one over the internet.",
    "",
    row("key", "name", "what it is", "unit", "testnet", "public"),
    row("---:", "---", "---", "---", "---:", "---:"),
    ...NAMES.map((name, i) =>
      row(
        keys[i]![1]!,
        `<a id="${name}"></a>\`${name}\``,
        meanings.get(name)!,
        unitOf(name),
        grouped(LOCAL_TESTNET_PARAMS[name]),
        grouped(PUBLIC_PARAMS[name]),
      ),
    ),
    "",
    "## Relations",
    "",
    "A genesis whose parameters break one of these starts no network.",
    "",
    ...RELATIONS.map(({ says }) => `- ${says}`),
    "",
    "## Limits",
    "",
    "The same in every network.",
    "",
    row("name", "value", "what it is"),
    row("---", "---:", "---"),
    ...[...constants].map(([name, meaning]) =>
      row(`<a id="${name}"></a>\`${name}\``, grouped(LIMITS[name]), meaning),
    ),
    "",
  ].join("\n");
}

it("docs/spec/parameters.md is what the code says", async () => {
  await expect(page()).toMatchFileSnapshot("../../docs/spec/parameters.md");
});

it("gives each parameter and each limit a meaning", () => {
  const cells = page()
    .split("\n")
    .filter((line) => line.includes('<a id="') && line.startsWith("| "))
    .map((line) => line.split(" | "));
  expect(cells).toHaveLength(NAMES.length + Object.keys(limits).length);
  expect(cells.filter((parts) => parts.some((part) => /^\W*$/.test(part)))).toEqual([]);
});

it("shows two sets of parameters that keep the relations", () => {
  expect([LOCAL_TESTNET_PARAMS, PUBLIC_PARAMS].map(brokenRelation)).toEqual([null, null]);
});
