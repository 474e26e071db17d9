// docs/spec/clients.md is made from the table that the official clients are tried by: `npx vitest run test/docs/spec-clients.test.ts -u`.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { cellOf, ROWS, type Row } from "../node/gateway/sdk/table.js";

const NAMES = ["openai chat", "openai responses", "azure chat", "anthropic", "google"] as const;
const PACKAGES = ["openai", "@anthropic-ai/sdk", "@google/genai"] as const;

const versions = (file: string): string => {
  const { devDependencies, dependencies } = JSON.parse(readFileSync(file, "utf8"));
  const all = { ...devDependencies, ...dependencies };
  return PACKAGES.map((name) => `\`${name}\` ${all[name]}`).join(", ");
};

const row = (...cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** The words of a cell, the error's class and code as code. */
const shown = (words: string | undefined): string => {
  if (words === undefined) return "";
  const [outcome, ...often] = words.split(", ");
  const isError = /^[A-Z]/.test(outcome!);
  return [isError ? `\`${outcome}\`` : outcome, ...often].join(", ");
};

/** Rows of one that happens: another where a stream ends otherwise, and where the newest clients do. */
function rowsOf(one: Row): readonly string[] {
  const cells = (isStream: boolean, areNewest = false) =>
    NAMES.map((name) => shown(cellOf(one, { name }, isStream, areNewest)));
  const rows = [row(one.what, ...cells(false))];
  const add = (what: string, more: readonly string[], before: readonly string[]) => {
    if (more.join() !== before.join()) rows.push(row(what, ...more));
  };
  add("…, streamed", cells(true), cells(false));
  add("…, the newest clients", cells(false, true), cells(false));
  add("…, the newest clients, streamed", cells(true, true), cells(true));
  return cells(false).join("") === ""
    ? rows.slice(1).map((text) => text.replace("…, streamed", one.what))
    : rows;
}

const page = (): string =>
  [
    "# Clients",
    "",
    "What users of the official clients have in hand when their requests go through a [gateway](gateway.md): an answer, a part, nothing, or an error by its",
    "class, its status and the word by which programs tell it. Clients are as they come, but for the address; where nothing is said they",
    "repeat as often as they do by themselves. `asked` is how often the client asked the gateway, `sent` how often that asked the upstream, where",
    "it is more than once, or not the same.",
    "",
    `This page is made from \`test/node/gateway/sdk/table.ts\`, by which its neighbours \`clients.test.ts\` and \`patience.test.ts\` try ${versions("package.json")}, and`,
    `with \`npm run test:clients\` the newest: ${versions("test/node/gateway/sdk/newest/package.json")}.`,
    "",
    row("what happens", ...NAMES),
    row("---", ...NAMES.map(() => "---")),
    ...ROWS.flatMap(rowsOf),
    "",
  ].join("\n");

it("docs/spec/clients.md is what the table says", async () => {
  await expect(page()).toMatchFileSnapshot("../../docs/spec/clients.md");
});
