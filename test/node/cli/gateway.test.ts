// `mabeam gateway`: what is wrong with its flags is said before anything is made.
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { optionsOf } from "../../../node/cli/commands/gateway-flags.js";
import { modelOptionsOf } from "../../../node/cli/commands/gateway-models.js";
import { limitsWords, spendingWords } from "../../../node/cli/commands/gateway-words.js";
import { NO_SPENDING_LIMITS } from "../../../node/gateway/named/named-agent.js";
import { ME } from "../../worlds/lone-peer.js";
import { closeAll, file, mabeam, newHome } from "./cli-fixture.js";

afterEach(closeAll);

/** Runs it with a key, in a folder of its own. */
async function tried(line: string, key = "sk-1\n", mode = 0o600) {
  const folder = newHome();
  const keyFile = file(folder, "key", key);
  chmodSync(keyFile, mode);
  const home = join(folder, "dev");
  const ran = await mabeam(home, `gateway ${line.replaceAll("KEY", keyFile)} --home ${home}`);
  expect([ran.out, existsSync(home)]).toEqual([[], false]);
  return ran;
}

const PLACE = "--upstream http://127.0.0.1:9";

test.each([
  ["--key-file KEY --rpm 1", 2, "--upstream does not say which API"],
  ["--upstream api.example.com --key-file KEY --rpm 1", 2, "is no address"],
  ["--upstream http://api.example.com --key-file KEY --rpm 1", 2, "is not encrypted"],
  ["--upstream https://api.example.com?a=1 --key-file KEY --rpm 1", 2, "carries more than a place"],
  ["--upstream https://u@api.example.com --key-file KEY --rpm 1", 2, "carries more than a place"],
  [
    "--upstream https://api.example.com/openai/v1/ --key-file KEY --rpm 1",
    2,
    "write it like --upstream https://api.example.com/openai;",
  ],
  [`${PLACE} --key-file KEY --rpm 1 --parts 300`, 2, "--parts is of a key that several owners share"],
  [`${PLACE} --key-file KEY --rpm 1 --keep-parts 3`, 2, "--keep-parts is of a key that several owners share"],
  [`${PLACE} --key-file KEY --rpm 1 --share k --seller ${ME}`, 2, "--parts does not say how much"],
  [`${PLACE} --key-file KEY --rpm 1 --share k --seller bob --parts 1`, 2, "A whole id is 64"],
  [`${PLACE} --key-file KEY --rpm 1 --share k --seller ${ME} --parts 1001`, 2, "'--parts <n>'"],
  [`${PLACE} --key-file KEY --rpm 1 --share k --seller ${ME} --parts 1 --part-price 0`, 2, "a part is worth"],
  [`${PLACE} --key-file KEY --rpm 1 --share k --reserve 0`, 2, "a part is worth something"],
  [
    `${PLACE} --key-file KEY --rpm 1 --share k --seller ${ME} --parts 1 --window 9s`,
    2,
    "cannot be used with",
  ],
  [`${PLACE} --rpm 1`, 2, "--key-file names no key"],
  [`${PLACE} --key-file nowhere --rpm 1`, 5, "no such file"],
  [`${PLACE} --key-file sk-proj-0123456789abcdef --rpm 1`, 2, "is given what looks like the key itself"],
  [`${PLACE} --key-file KEY --rpm 0`, 2, "'--rpm <n>'"],
  [`${PLACE} --key-file KEY --rpm 1 --listen 0.0.0.0:1`, 2, "of this machine alone"],
  [`${PLACE} --key-file KEY --rpm 1 --listen here`, 2, "is no host:port"],
  [`${PLACE} --key-file KEY --rpm 1 --prices nowhere`, 5, "no such file"],
  [`${PLACE} --key-file KEY --rpm 1 --prices KEY`, 2, "it is no JSON"],
  [`${PLACE} --key-file KEY --rpm 1 --fallback-on limit`, 2, "no --fallback names a model"],
  [`${PLACE} --key-file KEY --rpm 1 --fallback gpt-6-sol`, 2, "gpt-6-sol is not MODEL=MODEL2"],
  [
    `${PLACE} --key-file KEY --rpm 1 --fallback gpt-6-sol=gpt-6-luna --fallback gpt-6-sol=o3`,
    2,
    "has two chains",
  ],
  [
    `${PLACE} --key-file KEY --rpm 1 --fallback gpt-6-sol=gpt-6-luna --fallback-on rain`,
    2,
    "rain is none of limit,",
  ],
  [
    `${PLACE} --key-file KEY --rpm 1 --fallback gpt-6-sol=gpt-6-luna --fallback-on ,`,
    2,
    "it names no trouble",
  ],
  [
    `${PLACE} --key-file KEY --rpm 1 --fallback gpt-6-sol=gpt-6-astra`,
    2,
    "it may cost more: gpt-6-astra costs 10 credits for a million tokens of input (1 from a cache) and 50 of output, above 272000 tokens of input 20 credits for a million tokens of input (2 from a cache) and 75 of output; gpt-6-sol costs 2 credits",
  ],
  [
    `${PLACE} --key-file KEY --rpm 1 --fallback gpt-6-sol=some`,
    2,
    "no list has a price for some; gpt-6-sol costs 2",
  ],
])("gateway %s ends with %i: %s", async (line, exit, why) => {
  const ran = await tried(line);
  expect([ran.exit, ran.err]).toEqual([exit, expect.stringContaining(why)]);
});

test("flags of limits are the limits; without any, answers tell them; what is switched on is", () => {
  const keyFile = file(newHome(), "key", "sk-1\n");
  chmodSync(keyFile, 0o600);
  const plain = optionsOf({ upstream: "https://api.example.com", keyFile });
  expect(plain).toMatchObject({ rules: { limits: [] }, sharedLimits: false, strictPaths: false });
  const given = optionsOf({
    ...{ upstream: "https://api.example.com", keyFile, rpm: 6, sharedLimits: true, strictPaths: true },
  });
  expect(given).toMatchObject({
    rules: { limits: [{ dimension: "requests", limit: 6, windowMs: 60_000 }] },
    sharedLimits: true,
    strictPaths: true,
  });
  expect([limitsWords(plain.rules.limits, 200), limitsWords(given.rules.limits, 200)]).toEqual([
    "none before answers tell them; 2 % of each is left alone",
    "6 requests a minute; 2 % of each is left alone",
  ]);
});

test("what an agent may spend is said by its limits, and nothing where it has none", () => {
  expect(spendingWords(NO_SPENDING_LIMITS)).toBeNull();
  const limits = { ...NO_SPENDING_LIMITS, perDay: 5_000_000n, total: 20_500_000n, untilMs: 0 };
  expect(spendingWords(limits)).toBe(
    "5 credits a day, 20.5 credits in all, nothing after 1970-01-01T00:00:00.000Z",
  );
});

test("a key that others may read, or that is more than a line, is not taken", async () => {
  const line = `${PLACE} --key-file KEY --rpm 1`;
  const open = await tried(line, "sk-1\n", 0o644);
  expect([open.exit, open.err]).toEqual([
    4,
    expect.stringMatching(/its mode is 0644.*\nFix: run: chmod 600 /),
  ]);
  for (const text of ["", "two words\n", "two\nlines\n"]) {
    const ran = await tried(line, text);
    expect([ran.exit, ran.err]).toEqual([2, expect.stringContaining("not one line of printable characters")]);
  }
});

test("a word that is no command of it, and a flag of its own before one, are said to be wrong", async () => {
  const strange = await mabeam(newHome(), "gateway tpo");
  expect([strange.exit, strange.err]).toEqual([2, expect.stringContaining("`npx mabeam gateway --help`")]);
});

test("G42 a chain that may cost more is taken once its owner says so, and one whose prices a file gives", async () => {
  const folder = newHome();
  const row = (dollars: number) => ({ input_cost_per_token: dollars, output_cost_per_token: dollars });
  const prices = file(folder, "prices.json", JSON.stringify({ some: row(2e-6), other: row(1e-6) }));
  expect(modelOptionsOf({ fallback: ["some=other"], prices }).fallback).toEqual({
    chains: [{ model: "some", instead: ["other"] }],
    on: ["outage", "limit"],
    mayBeDearer: false,
  });
  expect(() => modelOptionsOf({ fallback: ["other=some"], prices })).toThrow("it may cost more");
  const dearer = modelOptionsOf({ fallback: ["other=some"], fallbackOn: ["policy"], fallbackDearer: true });
  expect(dearer.fallback).toMatchObject({ on: ["policy"], mayBeDearer: true });
  expect(modelOptionsOf({}).fallback.chains).toEqual([]);
});

test("a subscription is shared with no other owner, and the refusal says why (G45)", async () => {
  const { exit, err } = await tried(`${PLACE} --key-file KEY --rpm 1 --share key.team`, "sk-ant-oat01-abc\n");
  expect(exit).toBe(2);
  expect(err).toContain("a person's subscription (sk-ant-oat…), which its terms let nobody else use");
  expect(err).toContain("share the key of an API account");
});
