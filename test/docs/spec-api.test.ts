// docs/spec/api.md names every code, event and exit of the program, and each refusal of the ledger has its rule.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { refusalProblem } from "../../node/api/refusal.js";
import { EXIT } from "../../node/cli/commands.js";
import { EVENTS, PROBLEMS } from "../../node/contract/index.js";

const read = (chapter: string): string => readFileSync(`docs/spec/${chapter}.md`, "utf8");
const api = read("api");

/** Rows of the tables of a section: the first cell, and the codes in all others. */
const rowsOf = (
  text: string,
  heading: string,
): readonly (readonly [first: string, codes: readonly string[]])[] =>
  text
    .split(/^## /m)
    .find((section) => section.startsWith(heading))!
    .split("\n")
    .filter((line) => line.startsWith("| ") && /^\| (?:`[a-z.]+`|\d+) \|/.test(line))
    .map((line) => {
      const [first, ...rest] = line.split(" | ");
      return [
        first!.replace(/[| `]/g, ""),
        [...rest.join().matchAll(/`([A-Z_]{3,})`/g)].map(([, code]) => code!),
      ];
    });

/** The codes of refusals that a file's types name. */
const refusalsIn = (path: string): readonly string[] =>
  [...readFileSync(path, "utf8").matchAll(/^export type \w+(?:Fault|Refusal) =([^;]*);/gm)].flatMap(
    ([, codes]) => [...codes!.matchAll(/"([A-Z_]+)"/g)].map(([, code]) => code!),
  );

const OF_AUCTIONS = refusalsIn("src/market/auction/rules.ts");
const OF_OTHERS = [
  "src/ledger/envelope.ts",
  "src/market/money/money.ts",
  "src/market/money/stake.ts",
  "src/market/money/budgets.ts",
  "src/ledger/spending.ts",
  "src/market/auction/lien.ts",
  "src/market/trade/rules.ts",
  "src/market/justice/evidence.ts",
].flatMap(refusalsIn);
/** Every code of a ledger's refusal, from the types that name them. */
const REJECTIONS = [...OF_AUCTIONS, ...OF_OTHERS];

it("codes of refusals are found in every subject", () => {
  expect(new Set(REJECTIONS).size).toBeGreaterThan(40);
});

describe("docs/spec/api.md", () => {
  const told = rowsOf(api, "Problems").flatMap(([status, codes]) =>
    codes.map((code) => [code, Number(status)] as const),
  );

  it("tells the status of every problem of the API", () => {
    const wanted = Object.entries(PROBLEMS).map(([code, { status }]) => `${code} ${status}`);
    const given = told.map(([code, status]) => `${code} ${status}`);
    expect(wanted.filter((one) => !given.includes(one))).toEqual([]);
  });

  it("tells the status of every refusal, and of nothing that is none", () => {
    const refusals = told.filter(([code]) => !(code in PROBLEMS) || code === "AUCTION_UNKNOWN");
    for (const [code, status] of refusals)
      expect([code, refusalProblem({ code, detail: {} }).document.status]).toEqual([code, status]);
    expect(REJECTIONS.length).toBeGreaterThan(40);
    expect(REJECTIONS.filter((code) => !told.some(([one]) => one === code))).toEqual([]);
  });

  it("names every event", () => {
    expect(
      rowsOf(api, "Events")
        .map(([type]) => type)
        .sort(),
    ).toEqual(Object.keys(EVENTS).sort());
  });

  it("names every exit code", () => {
    expect(rowsOf(api, "Exit codes").map(([code]) => Number(code))).toEqual(Object.values(EXIT));
  });
});

describe("the problem document of a refusal", () => {
  it.each([...new Set(REJECTIONS)])("%s has words and a fix, of its own matter", (code) => {
    const { title, detail, fix, status } = refusalProblem({ code, detail: {} }).document;
    expect([title, detail, fix].every((text) => /[a-z]{3}/.test(text) && !/[A-Z]_[A-Z]/.test(text))).toBe(
      true,
    );
    expect([402, 404, 409, 422, 503]).toContain(status);
    // Who was refused a trade, a budget or a withdrawal is not sent to look at an auction.
    if (!OF_OTHERS.includes(code)) return;
    expect(fix).not.toContain("mabeam auction show");
  });
});

describe("docs/spec/money.md, budgets.md, auctions.md, trades.md and disputes.md", () => {
  it("have a rule for every refusal of the ledger", () => {
    const rules = ["money", "budgets", "auctions", "trades", "disputes"].map(read).join();
    expect(REJECTIONS.filter((code) => !rules.includes(`\`${code}\``))).toEqual([]);
  });
});
