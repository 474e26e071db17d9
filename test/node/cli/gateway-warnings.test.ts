// What `mabeam gateway` says as it begins to an owner who limits agents: who is not limited, and what is not counted.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { optionsOf } from "../../../node/cli/commands/gateway-flags.js";
import { GatewayTeller } from "../../../node/cli/commands/gateway-lines.js";
import type { Terminal } from "../../../node/cli/terminal.js";
import { Books } from "../../../node/gateway/books/books.js";
import { MemoryDisk } from "../../../node/gateway/books/memory-disk.js";
import { HostedGateway } from "../../../node/gateway/hosted-gateway.js";
import { NO_SPENDING_LIMITS, type SpendingLimits, UNKNOWN } from "../../../node/gateway/named/named-agent.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import { testFolder } from "../folder.js";

interface Owned {
  /** an agent's limits; absent: there is none */
  readonly ada?: Partial<SpendingLimits>;
  readonly unknown?: Partial<SpendingLimits>;
  readonly strictPaths?: true;
  readonly json?: true;
}

async function begun({ ada, unknown = {}, strictPaths, json }: Owned) {
  const keyFile = join(await testFolder(), "key");
  writeFileSync(keyFile, "sk-key\n", { mode: 0o600 });
  const strict = strictPaths === undefined ? {} : { strictPaths };
  const options = optionsOf({
    ...{ upstream: "https://api.example.com", listen: "127.0.0.1:0", keyFile, ...strict },
  });
  const named = NamedAgents.open(null);
  await named.set(UNKNOWN, { limits: unknown });
  const figures = { weight: 1, band: "normal", parent: null } as const;
  if (ada !== undefined)
    await named.add("ada", { ...figures, limits: { ...NO_SPENDING_LIMITS, ...ada } }, 0n);
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
  new GatewayTeller(terminal, json === true, options).ready(running, places, null);
  return { out, err };
}

const KEYS =
  "          one has a key; whoever shows none is unknown: `mabeam gateway agents set unknown` changes what it may do";
const UNCOUNTED = "          answers tell of usage, or nothing in its books: --strict-paths refuses them";

test.each<[Owned, { readonly keys: boolean; readonly uncounted: boolean; readonly warned: boolean }]>([
  [{}, { keys: false, uncounted: false, warned: false }],
  [{ ada: {} }, { keys: true, uncounted: false, warned: false }],
  [{ ada: { perDay: 1n } }, { keys: true, uncounted: true, warned: true }],
  [
    { ada: { perDay: 1n }, strictPaths: true },
    { keys: true, uncounted: false, warned: true },
  ],
  [
    { ada: { perDay: 1n }, unknown: { total: 1n } },
    { keys: true, uncounted: true, warned: false },
  ],
  [{ unknown: { total: 1n } }, { keys: false, uncounted: true, warned: false }],
])("%o", async (owned, { keys, uncounted, warned }) => {
  const { out, err } = await begun(owned);
  expect([out.includes(KEYS), out.includes(UNCOUNTED)]).toEqual([keys, uncounted]);
  expect(err.filter((line) => line.includes("may spend without a limit"))).toHaveLength(warned ? 1 : 0);
});

test("a program reads who is not limited as a warning with a code", async () => {
  const { out } = await begun({ ada: { perDay: 1n }, json: true });
  expect(out.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ kind: "GatewayWarning", code: "UNKNOWN_UNLIMITED" }),
  );
});
