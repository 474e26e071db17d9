// The built program as a process: its launcher, its exit codes, its streams.
import { execFile, spawn } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { auctionView, shownAuction } from "../../../node/api/views/auction.js";
import { asDocument } from "../../../node/contract/index.js";
import { auctionOf } from "../../../src/market/index.js";
import { LONE, OPEN_AUCTION, OTHER } from "../../worlds/lone-peer.js";
import { closeAll, newHome, saying, world } from "./cli-fixture.js";

afterEach(closeAll);

interface Ended {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

const mabeam = (home: string, ...argv: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { PATH: process.env.PATH, MABEAM_HOME: home };
    execFile(process.execPath, ["bin/mabeam.mjs", ...argv], { env }, (error, out, err) =>
      resolve({ exit: error === null ? 0 : Number(error.code), out, err }),
    );
  });

describe("the program", () => {
  test("ends with 3 and says what to type in a checkout when no daemon runs", async () => {
    const { exit, out, err } = await mabeam(newHome(), "status");
    expect([exit, out]).toEqual([3, ""]);
    expect(err).toContain("`bin/mabeam.mjs daemon`");
  });

  test("prints exactly one line of JSON on stdout, and nothing on stderr", async () => {
    const { home } = await world();
    const { exit, out, err } = await mabeam(home, "auction", "list", "--json");
    expect([exit, err, out.split("\n").length, out.endsWith("\n")]).toEqual([0, "", 2, true]);
    expect(JSON.parse(out).kind).toBe("AuctionList");
  });

  test("ends with the exit code of the refusal", async () => {
    const { home } = await world();
    expect((await mabeam(home, "wallet", "transfer", OTHER, "6000")).exit).toBe(7);
    expect((await mabeam(home, "wallet", "transfer", OTHER, "-6")).exit).toBe(2);
  });

  test("a reader that goes away ends it quietly", async () => {
    const one = auctionView(shownAuction(LONE.peer.ledger, auctionOf(LONE.peer.ledger, LONE.open)!));
    const items = Array.from({ length: 20_000 }, (_, createdHeight) => ({ ...one, createdHeight }));
    const { home } = await saying({
      auctions: asDocument("AuctionList", { items, nextCursor: null, unshown: [] }),
    });
    const env = { PATH: process.env.PATH, MABEAM_HOME: home };
    const child = spawn(process.execPath, ["bin/mabeam.mjs", "auction", "list", "--json"], {
      env,
      timeout: 50_000,
    });
    child.stdout.once("data", () => child.stdout.destroy());
    let err = "";
    child.stderr.on("data", (data) => {
      err += data;
    });
    const exit = await new Promise((resolve) => child.once("close", resolve));
    expect([exit, err]).toEqual([0, ""]);
  });
});

/** Runs it with its streams as `shell` lays them; `$@` is the program. */
const inShell = (home: string, shell: string, ...argv: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, MABEAM_HOME: home };
    const words = ["-c", shell, "bash", process.execPath, "bin/mabeam.mjs", ...argv];
    execFile("bash", words, { env }, (error, out, err) =>
      resolve({ exit: error === null ? 0 : Number(error.code), out, err }),
    );
  });

describe.runIf(process.platform === "linux")("streams that are of no use", () => {
  const THREE_LINES = /(?:^|\n)mabeam: .+\.\nCause: .+\nFix: .+\n$/;

  test.each(["status", "auction list --json", "--help", "config show"])(
    "a full device for the answer of `%s`: 1, and three lines",
    async (line) => {
      const { home } = await world();
      const { exit, err } = await inShell(home, '"$@" >/dev/full', ...line.split(" "));
      expect([exit, err]).toEqual([1, expect.stringMatching(THREE_LINES)]);
      expect(err).toContain("ENOSPC");
    },
  );

  test("a full device or a closed pipe for what is said beside it: the exit code as ever", async () => {
    const { home } = await world();
    expect((await inShell(home, '"$@" 2>/dev/full', "status")).exit).toBe(0);
    expect((await inShell(newHome(), '"$@" 2>/dev/full', "status")).exit).toBe(3);
    const piped = 'set -o pipefail; "$@" 2>&1 >/dev/null | true';
    expect((await inShell(newHome(), piped, "status")).exit).toBe(3);
  });

  test("closed streams: the exit code as ever", async () => {
    const { home } = await world();
    expect((await inShell(home, '"$@" <&- >&- 2>&-', "status")).exit).toBe(0);
    const { exit, err } = await inShell(home, '"$@" <&-', "auction", "cancel", OPEN_AUCTION);
    expect([exit, err]).toEqual([2, expect.stringContaining("--yes")]);
  });
});

describe("what an answer of the daemon costs to ask for", () => {
  test.each([
    ["wallet balance", 0, "wallet"],
    ["gateway requests", 5, "gateway-requests"],
    [`verify nowhere.json --chain ${"00".repeat(32)}`, 5, "verify"],
  ])("no network, no server, no store and no address is loaded for `%s`", async (line, code, command) => {
    const { home } = await world();
    const list = join(newHome(), "loaded");
    openSync(list, "w");
    const hooks = `import { appendFileSync } from "node:fs";
      export const load = (url, context, next) => {
        appendFileSync(${JSON.stringify(list)}, url + "\\n");
        return next(url, context);
      };`;
    const data = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;
    const hooked = data(`import { register } from "node:module"; register(${JSON.stringify(data(hooks))});`);
    const env = { PATH: process.env.PATH, MABEAM_HOME: home };
    const exit = await new Promise((resolve) => {
      execFile(
        process.execPath,
        ["--import", hooked, "bin/mabeam.mjs", ...line.split(" ")],
        { env },
        (error) => resolve(error === null ? 0 : error.code),
      );
    });
    const loaded = readFileSync(list, "utf8").trim().split("\n");
    expect(exit).toBe(code);
    // What is bundled is told by the maps of the pieces.
    const pieces = loaded.filter((url) => url.includes("/dist/client/"));
    const maps = pieces.map((url) => `${fileURLToPath(url)}.map`).filter((path) => existsSync(path));
    const held: string[] = maps.flatMap((path) => JSON.parse(readFileSync(path, "utf8")).sources);
    expect(held.some((source) => source.endsWith(`/node/cli/commands/${command}.js`))).toBe(true);
    const heavy =
      /node_modules\/(@?libp2p|@chainsafe|@multiformats|multiformats|fastify|@fastify|level|classic-level|pino|prom-client|smol-toml|undici)\//;
    expect([...loaded, ...held].filter((source) => heavy.test(source))).toEqual([]);
    // Commands share pieces: more commands, more of them, all small.
    expect(loaded.filter((url) => url.startsWith("file:")).length).toBeLessThan(40);
  });
});
