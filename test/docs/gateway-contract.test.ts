// docs/spec/gateway.md: each rule of the gateway is held by tests that name its number, and what they name is there.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DIALECTS } from "../../node/gateway/dialects/index.js";

const CHAPTER = readFileSync("docs/spec/gateway.md", "utf8");
const TESTS = ["test/node/gateway", "test/quota", "test/testnet/upstream", "test/node/cli"];
const LAST = 50;

const RULES = [...CHAPTER.matchAll(/^- <a id="G(\d+)"><\/a>\*\*G(\d+)\*\* /gm)].map(
  ([, id, shown]): readonly [number, number] => [Number(id), Number(shown)],
);
const BUILT = RULES.map(([id]) => id);

const FILES = TESTS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join(folder, name)),
);

/** Numbers that a test names, in a title or a comment; `spec/evidence#G5` is another chapter's. */
const namedIn = (text: string): readonly number[] =>
  [...text.matchAll(/(?<![#\w])G(\d{1,2})\b/g)].map(([, n]) => Number(n));

const NAMED: ReadonlyMap<string, readonly number[]> = new Map(
  FILES.map((file) => [file, namedIn(readFileSync(file, "utf8"))]),
);

describe("docs/spec/gateway.md", () => {
  it("has each number from 1 to 50 once", () => {
    expect(RULES.filter(([id, shown]) => id !== shown)).toEqual([]);
    expect(BUILT).toEqual(Array.from({ length: LAST }, (_, i) => i + 1));
  });

  it.each(BUILT)("G%i is named by a test", (n) => {
    expect([...NAMED.values()].filter((named) => named.includes(n)).length).toBeGreaterThan(0);
  });

  it("is all that tests name", () => {
    const known = new Set(BUILT);
    const unknown = [...NAMED].flatMap(([file, named]) =>
      named.filter((n) => !known.has(n)).map((n) => `${file}: G${n}`),
    );
    expect(unknown).toEqual([]);
    expect(namedIn("G1 G50, and spec/evidence#G5, not RG7 or G123")).toEqual([1, 50]);
  });
});

describe("its refusals", () => {
  const rowsOf = (pattern: RegExp) => [...CHAPTER.matchAll(pattern)].map(([, ...cells]) => cells);

  it("are those that the gateway says", () => {
    const files = readdirSync("node/gateway", { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    );
    const sources = [...files.map((name) => join("node/gateway", name)), "src/quota/pool.ts"];
    const said = sources.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/\bcode: "([A-Z_]+)"/g)].map(([, code]) => code!),
    );
    const told = rowsOf(/^\| `([A-Z_]+)` \| (\d+) \|/gm).map(([code]) => code!);
    expect([...told].sort()).toEqual([...new Set(said)].sort());
  });

  it("are said by each dialect as the table of statuses says", () => {
    const rows = rowsOf(/^\| (\d+) \| `(\w+)` \| `(\w+)` \| `(\w+)` \|$/gm);
    expect(rows.length).toBe(11);
    for (const [status, ...types] of rows) {
      const fault = {
        status: Number(status) as 400,
        code: "CODE",
        message: "",
        retryMs: null,
        requestId: "",
      };
      const said = ["openai", "anthropic", "google"].map((name) => {
        const { body } = DIALECTS.find((one) => one.name === name)!.refusal(fault);
        const { error } = JSON.parse(body) as { readonly error: Readonly<Record<string, string>> };
        return name === "google" ? error.status : error.type;
      });
      expect([status, ...said]).toEqual([status, ...types]);
    }
  });
});
