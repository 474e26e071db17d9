// The bad-input table for people: the exit code, and on stderr what happened, why, and the command that mends it.
// It is the only one. What needs a process, a disk or a ledger is in test/e2e, and most lines are in one of them.
import { chmodSync, truncateSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { Accident } from "../../../node/accident.js";
import { ApiStartError, startApi } from "../../../node/api/index.js";
import { problem } from "../../../node/api/problem.js";
import { exitOf, failureLines } from "../../../node/cli/failure.js";
import { MAX_TRANSCRIPT_BYTES } from "../../../node/contract/index.js";
import { lockFolder } from "../../../node/lock.js";
import { NetworkRefusal } from "../../../node/net/index.js";
import { failureOf } from "../../../node/sdk/failure.js";
import { toHex } from "../../../src/base/index.js";
import { CHAIN, DONE_AUCTION, LonePeer, LoneProcess, OPEN_AUCTION, OTHER } from "../../worlds/lone-peer.js";
import { optionsFor } from "../api/api-fixture.js";
import { closeAll, file, mabeam, newHome, world } from "./cli-fixture.js";

afterEach(closeAll);

const THREE_LINES = /^mabeam: .+\.\nCause: .+\nFix: .+$/;

/** Of a refused command: the exit code, its three lines, an empty stdout, and nothing changed. */
async function refused(line: string, exit: number, says: RegExp, lone?: LonePeer) {
  const { run, host } = await world(lone);
  const ran = await run(line);
  expect([ran.exit, ran.out]).toEqual([exit, []]);
  expect(ran.err).toMatch(THREE_LINES);
  expect(ran.err).toMatch(says);
  return host;
}

describe("a person asks for what cannot be", () => {
  test("an unknown auction: 5, and how to see the known ones", () =>
    refused("auction show ffffff", 5, /Fix: .*`npx mabeam auction list`/));

  test("a beginning that two ids share: 2, and both", () => {
    const { document } = problem("ID_AMBIGUOUS", "0a0a0a begins 2 or more ids: 0a0a0a11, 0a0a0a33 …");
    const failure = failureOf(document, "could not find the auction 0a0a0a");
    expect(exitOf(failure)).toBe(2);
    expect(failureLines(failure, "mabeam").join("\n")).toMatch(/0a0a0a11, 0a0a0a33.*\nFix: give more digits/);
  });

  test("a bid over the funds: 7, with what is free and what is needed, in credits", () =>
    refused(`bid place ${OPEN_AUCTION} 3000`, 7, /free [0-9.]+ credits[\s\S]*wallet balance/));

  test("a transfer over the funds: 7", () =>
    refused(`wallet transfer ${OTHER} 5000.000001`, 7, /5000.00[0-9]+ credits/));

  test("a bid after the close: 6, and when it closed", () =>
    refused(`bid place ${DONE_AUCTION} 1`, 6, /commit after close: .*closed 2023-11-14T22:1/));

  test("cancelling an auction that has bids: 6", () => {
    const lone = new LonePeer();
    const own = toHex(lone.auction("me", { commitMs: 600_000 }, { bob: 1000n }));
    return refused(`auction cancel ${own} --yes`, 6, /auction has commits/, lone);
  });

  test.each([
    ["auctoin list", /Did you mean auction\?[\s\S]*npx mabeam --help`/],
    ["auction lst", /Did you mean list\?[\s\S]*npx mabeam auction --help`/],
    ["status --jsno", /Did you mean --json\?[\s\S]*npx mabeam status --help`/],
    ["auction show", /missing required argument 'auction'/],
    ["status now", /too many arguments/],
    ["bid place abcdef", /missing required argument 'amount'/],
    ["status --peer x", /whole number/],
    ["status --timeout 5", /unit/],
    ["daemon --join", /argument missing/],
    ["daemon --log-level loud", /log-level|logLevel/],
    ["daemon --max-connections many", /max-connections|maxConnections/],
  ])("`%s`: 2, and what was meant", async (line, says) => {
    const host = await refused(line, 2, says);
    expect(host.commands).toEqual([]);
  });

  test("a peer that is not in that process: 5", () => refused("status --peer 99", 5, /--peer/));

  test.each(["-5", "NaN", ""])("a bid of “%s”: 2, before anything is sent", async (amount) => {
    const { run, host } = await world();
    const ran = await run(["bid", "place", OPEN_AUCTION, amount, "--now"]);
    expect([ran.exit, ran.out, host.commands]).toEqual([2, [], []]);
    expect(ran.err).toMatch(THREE_LINES);
  });

  test.each(["-5", "nan", "1e3", "0x10", "1,5", "2.1234567", "", "99999999999", "9007199255"])(
    "an amount of “%s”: 2, before anything is sent",
    async (amount) => {
      const { run, host } = await world();
      const ran = await run(["wallet", "transfer", OTHER, amount]);
      expect([ran.exit, ran.out, host.commands]).toEqual([2, [], []]);
      expect(ran.err).toMatch(THREE_LINES);
      expect(ran.err).toContain("npx mabeam wallet transfer --help");
    },
  );

  test.each([
    "auction create gpu.a100 --lockup -5",
    "auction create gpu.a100 --lockup 10 --reserve -1",
    "auction create gpu.a100",
    "auction create gpu.a100 --lockup 10 --commit 30",
    "auction create gpu.a100 --lockup 10 --units 0",
    "auction show 0a0a",
    "wallet transfer 0a0a0a 1",
    "stake add -5",
    "stake withdraw 1,5",
    "stake add",
    "auction create gpu.a100 --lockup 10 --deliver 30",
    "trade deliver 0a0a0a0a --hash 12",
    "trade list --state lost",
    "slash quote 0a0a",
    "auction list --phase opne",
    "quorum log --limit 0",
    "nonsense",
    "status --colour",
    "verify x.json",
  ])("`%s`: 2, and which help says more", async (line) => {
    const host = await refused(line, 2, /Fix: `npx mabeam .*--help`/);
    expect(host.commands).toEqual([]);
  });

  test("an auction with a zero lockup: 2, by the API's own rule", () =>
    refused("auction create gpu.a100 --lockup 0", 2, /lockups are positive/));

  test("a destructive command where nobody can be asked: 2, and --yes", async () => {
    const host = await refused(`auction cancel ${OPEN_AUCTION}`, 2, /--yes/);
    expect(host.commands).toEqual([]);
  });

  test("a peer of another chain: 9, and what was found", () => {
    const lone = new LonePeer();
    lone.connect = () => Promise.reject(new NetworkRefusal("WRONG_CHAIN", "it is on another chain"));
    return refused("peers connect /ip4/127.0.0.1/tcp/1", 9, /wrong chain: .*it is on another chain/, lone);
  });

  test("a group without a command: 2, and its help", async () => {
    const { exit, err } = await mabeam(newHome(), "auction");
    expect([exit, err]).toEqual([2, expect.stringContaining("Usage: mabeam auction")]);
  });
});

describe("the daemon cannot be spoken to", () => {
  test("none was started: 3, and how to start one", async () => {
    const { exit, err } = await mabeam(newHome(), "status");
    expect(exit).toBe(3);
    expect(err).toMatch(THREE_LINES);
    expect(err).toContain("`npx mabeam daemon`");
  });

  test("it is down: 3, whichever command asks", async () => {
    const { run, api } = await world();
    await api.close();
    for (const line of ["status", `auction watch ${DONE_AUCTION}`, `wallet transfer ${OTHER} 1`, "stop"]) {
      const { exit, err } = await run(line);
      expect([line, exit]).toEqual([line, 3]);
      expect(err).toMatch(THREE_LINES);
      expect(err).toContain("nothing listens there");
    }
  });

  test("the token is another daemon's: 4", async () => {
    const { run, home } = await world();
    const other = file(home, "other-token", `${"A".repeat(43)}\n`);
    const { exit, err } = await run(["status", "--token-file", other]);
    expect([exit, err]).toEqual([
      4,
      expect.stringMatching(/token is not this daemon's[\s\S]*Fix: read the token/),
    ]);
  });

  test("the token file is missing or may be read by others: 4, and how to mend it", async () => {
    const { run, home } = await world();
    expect((await run(["status", "--token-file", `${home}/none`])).exit).toBe(4);
    chmodSync(`${home}/token`, 0o644);
    const { exit, err } = await run("status");
    expect([exit, err]).toEqual([4, expect.stringContaining(`chmod 600 ${home}/token`)]);
  });

  test("it does not answer in time: 8", async () => {
    const { run, host } = await world();
    host.lone.answer = () => new Promise(() => {});
    const { exit, err } = await run(`wallet transfer ${OTHER} 1 --timeout 100ms`);
    expect([exit, err]).toEqual([8, expect.stringContaining("within 0.1 s")]);
  });

  test("something else listens there: 1, and a hint", async () => {
    const { run } = await world();
    const stranger = createServer((_request, response) => response.end("hello")).listen(0, "127.0.0.1");
    await new Promise((resolve) => stranger.once("listening", resolve));
    const { port } = stranger.address() as AddressInfo;
    const { exit, err } = await run(`status --api 127.0.0.1:${port}`);
    stranger.close();
    expect([exit, err]).toEqual([1, expect.stringMatching(THREE_LINES)]);
  });

  test.each(["nowhere:99999", "ftp://x", "http://127.0.0.1:1/path"])(
    "an address of “%s”: 2 or 3, never a crash",
    async (api) => {
      const { run } = await world();
      const { exit, err } = await run(["status", "--api", api]);
      expect([2, 3]).toContain(exit);
      expect(err).toMatch(THREE_LINES);
    },
  );

  test("an unknown setting: 2, with a suggestion", async () => {
    const { home, run } = await world();
    file(home, "config.toml", 'apii = "127.0.0.1:1"\n');
    const { exit, err } = await run("config validate");
    expect([exit, err]).toEqual([2, expect.stringContaining("did you mean api?")]);
  });
});

describe("a daemon cannot start", () => {
  test("the port is taken: 10, naming it", async () => {
    const { api } = await world();
    const options = { ...optionsFor(new LoneProcess()), listen: { host: "127.0.0.1", port: api.port } };
    const error = await startApi(options).catch((reason) => reason);
    expect(error).toBeInstanceOf(ApiStartError);
    expect([exitOf(error), failureLines(error, "mabeam").join("\n")]).toEqual([
      10,
      expect.stringContaining(`port ${api.port} is taken`),
    ]);
  });

  test("the folder is taken: 10, naming the process", async () => {
    const folder = newHome();
    const lock = await lockFolder(folder);
    const error = await lockFolder(folder).catch((reason) => reason);
    await lock.release();
    expect([exitOf(error), failureLines(error, "mabeam").join("\n")]).toEqual([
      10,
      expect.stringContaining(String(process.pid)),
    ]);
  });

  test("the network is another one than --chain says: 9", () => {
    expect(exitOf(new Accident("WRONG_CHAIN", "could not join", "another chain", "check it"))).toBe(9);
  });
});

describe("a transcript cannot be believed", () => {
  const chain = ["--chain", CHAIN];

  test("no such file: 5", async () => {
    expect((await mabeam(newHome(), ["verify", "/nonexistent.json", ...chain])).exit).toBe(5);
  });

  test.each([
    ["no JSON", "{"],
    ["another document", '{"apiVersion":"v1","kind":"Auction"}'],
    [
      "stray bits in base64",
      JSON.stringify({ auction: DONE_AUCTION, genesis: "AAB=", entries: [], proofs: [] }),
    ],
  ])("%s: 9, naming the check", async (_name, text) => {
    const home = newHome();
    const { exit, err } = await mabeam(home, ["verify", file(home, "t.json", text), ...chain]);
    expect([exit, err]).toEqual([9, expect.stringContaining("the check format failed")]);
  });

  test("a genesis that is none: 9, naming the check, with every check in the JSON", async () => {
    const lone = new LonePeer();
    const proven = (await lone.openTranscript(lone.done))!;
    lone.openTranscript = async () => ({ ...proven, genesis: new Uint8Array(3) });
    const { run, home } = await world(lone);
    const saved = `${home}/saved.json`;
    const { exit, out, err } = await run(["auction", "verify", DONE_AUCTION, "--json", "--save", saved]);
    expect([exit, err]).toEqual([9, expect.stringContaining("the check genesis failed")]);
    expect(JSON.parse(out[0]!)).toMatchObject({
      kind: "Verification",
      ok: false,
      checks: [{ name: "genesis" }],
    });
    expect((await mabeam(home, ["verify", saved, ...chain])).exit).toBe(9);
  });

  test("a file that is longer than any transcript: 9, unread", async () => {
    const home = newHome();
    const long = file(home, "long.json", "{");
    truncateSync(long, MAX_TRANSCRIPT_BYTES + 2);
    const { exit, err } = await mabeam(home, ["verify", long, ...chain]);
    expect([exit, err]).toEqual([9, expect.stringContaining("longer than 134217728 bytes")]);
  });

  test("a daemon that has none because its log is too long: 9, with what else can be done", async () => {
    const lone = new LonePeer();
    const source = (await lone.openTranscript(lone.done))!;
    lone.openTranscript = async () => ({ ...source, entryCount: 10_000_000 });
    const { run } = await world(lone);
    const { exit, err } = await run(`auction verify ${DONE_AUCTION}`);
    expect([exit, err]).toEqual([9, expect.stringContaining("10000000 entries")]);
  });

  test("an answer that ends in its middle: 3, and says so", async () => {
    const lone = new LonePeer();
    const source = (await lone.openTranscript(lone.done))!;
    let readings = 0;
    async function* entries() {
      const breaks = ++readings > 1;
      for (let i = 0; i < 200; i++) {
        if (breaks && i === 100) throw new Error("a row is damaged");
        yield { header: new Uint8Array(900), ops: [] };
      }
    }
    lone.openTranscript = async () => ({ ...source, entryCount: 200, entries });
    const { run } = await world(lone);
    const { exit, err } = await run(`auction verify ${DONE_AUCTION}`);
    expect([exit, err]).toEqual([3, expect.stringContaining("ended before it was whole")]);
  });

  test("an auction that is not settled has no transcript yet: 6", async () => {
    const { run } = await world();
    expect((await run(`auction verify ${OPEN_AUCTION}`)).exit).toBe(6);
  });
});
