// What `mabeam gateway` says of itself as it begins: the limits that hold, who an unknown agent is, what happens while books cannot be written.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type GatewayFlags, optionsOf } from "../../../node/cli/commands/gateway-flags.js";
import { GatewayTeller } from "../../../node/cli/commands/gateway-lines.js";
import type { Terminal } from "../../../node/cli/terminal.js";
import { Books } from "../../../node/gateway/books/books.js";
import { MemoryDisk } from "../../../node/gateway/books/memory-disk.js";
import { HostedGateway } from "../../../node/gateway/hosted-gateway.js";
import { UNKNOWN } from "../../../node/gateway/named/named-agent.js";
import { type FiguresChange, NamedAgents } from "../../../node/gateway/named/named-agents.js";
import { testFolder } from "../folder.js";

interface Begun extends GatewayFlags {
  /** what was set of callers without a key */
  readonly unknown?: FiguresChange;
  readonly key?: string;
  readonly waitsFor?: string;
}

/** A gateway that begins with such flags, and what it says. */
async function begun({ unknown = {}, key = "sk-key", waitsFor, ...flags }: Begun = {}) {
  const folder = await testFolder();
  const keyFile = join(folder, "key");
  writeFileSync(keyFile, `${key}\n`, { mode: 0o600 });
  const given = { upstream: "https://api.example.com", listen: "127.0.0.1:0", keyFile, ...flags };
  const options = optionsOf(given);
  const named = NamedAgents.open(null);
  await named.set(UNKNOWN, unknown);
  const books = await Books.open(new MemoryDisk(), Date.now(), { fail: options.fail });
  const { fail: _, ...terms } = options;
  const running = await HostedGateway.start({ ...terms, named, books }, Date.now, () => undefined);
  onTestFinished(() => running.close());
  const [out, err]: [string[], string[]] = [[], []];
  const terminal: Terminal = {
    ...{ env: {}, screen: null, colors: false, progress: false, self: "mabeam" },
    ...{ outlive: () => undefined, confirm: async () => null },
    out: (lines) => out.push(...lines.split("\n")),
    err: (line) => err.push(line),
  };
  const places = { url: "http://127.0.0.1:1", tokenFile: "/h/token", home: "/h", agent: new Uint8Array(32) };
  new GatewayTeller(terminal, flags.json === true, options).ready(running, places, waitsFor ?? null);
  /** The text behind a label, with the lines below that have none. */
  const said = (label: string): string => {
    const from = out.findIndex((line) => line.startsWith(label.padEnd(10)));
    const more = out.slice(from + 1).findIndex((line) => !line.startsWith(" ".repeat(10)));
    return out
      .slice(from, from + 1 + more)
      .map((line) => line.slice(10))
      .join(" ");
  };
  return { out, err, said, running };
}

test.each<[GatewayFlags, string]>([
  [{}, "none before answers tell them; 2 % of each is left alone; each class of models has its own"],
  [
    { rpm: 60, tpm: 100_000 },
    "60 requests, 100,000 tokens a minute; 2 % of each is left alone; each class of models has its own",
  ],
  [
    { itpm: 40_000, otpm: 8_000, sharedLimits: true },
    "40,000 input tokens, 8,000 output tokens a minute; 2 % of each is left alone; all models share them",
  ],
])("the limits that hold, of %j", async (flags, words) => {
  const { said, running } = await begun(flags);
  expect(said("Limits")).toBe(words);
  const limits = running.limits.map(({ limit }) => limit.toLocaleString("en-US"));
  for (const limit of limits) expect(words).toContain(limit);
});

test.each<[FiguresChange, string]>([
  [{}, "an unknown one has weight 1, band normal, and no limit of spending;"],
  [
    { weight: 5, band: "batch", limits: { perDay: 2_000_000n, total: 20_500_000n } },
    "an unknown one has weight 5, band batch, and all of them may spend 2 credits a day, 20.5 credits in all;",
  ],
])("who an unknown agent is, of %o", async (unknown, words) => {
  const { said } = await begun({ unknown });
  expect(said("Agents")).toBe(
    `told apart by what their clients send; ${words} what one does not use is lent to the others`,
  );
});

test.each<[GatewayFlags, string]>([
  [{}, "fail closed: while its books cannot be written, no request is sent"],
  [{ fail: "closed" }, "fail closed: while its books cannot be written, no request is sent"],
  [{ fail: "open" }, "fail open: while its books cannot be written, requests are sent and counted in memory"],
  [
    { strictPaths: true },
    "calls that no API of these kinds has are refused fail closed: while its books cannot be written, no request is sent",
  ],
])("what happens to requests in trouble, of %j", async (flags, words) => {
  const { said } = await begun(flags);
  const passedOn = "the upstream's are passed on; over a limit a request waits, as long as its client does";
  expect(said("Errors")).toBe(`${passedOn} ${words}`);
});

const exported = (out: readonly string[]): readonly string[] =>
  out.flatMap((line) => /^ {2}export (\w+)=/.exec(line)?.[1] ?? []);

test.each([
  ["https://api.openai.com", ["OPENAI_BASE_URL"]],
  ["https://api.anthropic.com", ["ANTHROPIC_BASE_URL"]],
  ["https://generativelanguage.googleapis.com", ["GOOGLE_GEMINI_BASE_URL"]],
  ["https://anthropic.com.example.com", ["OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"]],
])("how clients are pointed at it, before %s", async (upstream, names) => {
  const { out, running } = await begun({ upstream });
  expect(exported(out)).toEqual(names);
  expect(out.join("\n")).toContain(running.url);
});

test("a program is told where it serves in one line, and a person's subscription and a ledger that waits are warnings to both", async () => {
  const odd = { key: "sk-ant-oat01-abcdefgh", waitsFor: "the first entries of the log" };
  const [forPeople, forPrograms] = [await begun(odd), await begun({ ...odd, json: true })];
  expect(forPeople.err).toEqual([
    "warning: its ledger in /h waits for the first entries of the log",
    "warning: the key is a person's subscription: its terms let nobody else use it",
  ]);
  expect(forPrograms.err).toEqual([]);
  expect(forPrograms.out.map((line) => JSON.parse(line))).toEqual([
    {
      apiVersion: "v1",
      kind: "GatewayReady",
      url: forPrograms.running.url,
      api: "http://127.0.0.1:1",
    },
    expect.objectContaining({ kind: "GatewayWarning", code: "LEDGER_WAITS" }),
    expect.objectContaining({ kind: "GatewayWarning", code: "KEY_OF_A_PERSON" }),
  ]);
});
