// Which daemon a command speaks to, and that no file of a folder nobody named sends a token anywhere.
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pathsOf, usualPlaces } from "../../../node/config/paths.js";
import { lockFolder } from "../../../node/lock.js";
import { ME } from "../../worlds/lone-peer.js";
import { closeAll, keptEnvironment, mabeam, newHome } from "./cli-fixture.js";

const folderBefore = process.cwd();
const restore = keptEnvironment("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA");
let root = "";
let asked: string[] = [];
let answer: unknown = {};
let server: Server;

beforeEach(async () => {
  root = realpathSync(newHome());
  mkdirSync(join(root, "project"), { mode: 0o755 });
  process.chdir(join(root, "project"));
  process.env.XDG_DATA_HOME = join(root, "data");
  process.env.XDG_CONFIG_HOME = join(root, "config");
  process.env.HOME = root;
  process.env.LOCALAPPDATA = join(root, "data");
  asked = [];
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  process.chdir(folderBefore);
  restore();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await closeAll();
});

const urlHere = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const run = (line: string) => mabeam("", line, { env: {} });

interface Laid {
  readonly url?: string;
  readonly tokenFile?: string;
}

type Kind = "testnet" | "dev";
const KINDS = [["testnet"], ["dev"]] as const;
const NAMES: Readonly<Record<Kind, string>> = { testnet: "testnet", dev: "network of one" };

/** `.mabeam/testnet` or `.mabeam/dev` of the current folder, as a network leaves it. */
function layNetwork(kind: Kind, { url = urlHere(), tokenFile }: Laid = {}): string {
  const home = join(process.cwd(), ".mabeam", kind);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  layDaemon(home, url, tokenFile);
  return home;
}

function layDaemon(home: string, url: string, tokenFile = join(home, "token")): string {
  const token = randomBytes(32).toString("base64url");
  writeFileSync(join(home, "token"), `${token}\n`, { mode: 0o600 });
  const peers = [{ name: "peer-0", agent: ME, agentName: "guest-0", addresses: [] }];
  const text = JSON.stringify({ url, tokenFile, pid: process.pid, peers });
  writeFileSync(join(home, "api.json"), text, { mode: 0o600 });
  return token;
}

/** The folder of this user's own daemon, stopped. */
function ownFolder(): string {
  const { home, keys, tokenFile } = pathsOf(usualPlaces().home);
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  writeFileSync(tokenFile, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
  return home;
}

const peerList = (address: string) => ({
  apiVersion: "v1",
  kind: "PeerList",
  items: [
    {
      peerId: "x",
      address,
      direction: "inbound",
      seat: null,
      height: 1,
      connectedAt: "2026-01-01T00:00:00.000Z",
    },
  ],
  nextCursor: null,
  unshown: [],
});

describe.each(KINDS)(
  "the %s of the current folder, where nobody named one and there is no own daemon",
  (kind) => {
    test("is spoken to, and who acts is said on stderr", async () => {
      layNetwork(kind);
      answer = peerList("/ip4/127.0.0.1/tcp/1");
      const { exit, out, err } = await run("peers");
      expect([exit, asked.length, out.length]).toEqual([0, 1, 2]);
      expect(err).toBe(`as guest-0 of the ${NAMES[kind]} in ${join(".mabeam", kind)}`);
    });

    test("is not spoken to in place of an own daemon that is stopped", async () => {
      layNetwork(kind);
      ownFolder();
      const { exit, err } = await run("wallet balance");
      expect([exit, asked]).toEqual([3, []]);
      expect(err).toMatch(/is stopped\nFix: start it with `npx mabeam daemon`, or .*--home \.mabeam/);
      expect(err).toContain(`${NAMES[kind]} of this folder with --home ${join(".mabeam", kind)}`);
    });

    test("is spoken to where it is named, without a word", async () => {
      layNetwork(kind);
      ownFolder();
      answer = peerList("/ip4/127.0.0.1/tcp/1");
      const { exit, err } = await run(`peers --home .mabeam/${kind}`);
      expect([exit, asked.length, err]).toEqual([0, 1, ""]);
    });

    test("leads nowhere but to this machine", async () => {
      layNetwork(kind, { url: "http://192.0.2.1:80" });
      const { exit, err } = await run("peers");
      expect([exit, err]).toEqual([3, expect.stringContaining("leads to another machine")]);
    });

    test("leads nowhere else by the file of a peer that has a process of its own", async () => {
      const home = layNetwork(kind);
      const peer = join(home, "peers", "peer-0");
      mkdirSync(peer, { recursive: true, mode: 0o700 });
      layDaemon(peer, "http://192.0.2.1:80");
      const file = JSON.parse(readFileSync(join(home, "api.json"), "utf8"));
      file.peers[0].apiFile = join(peer, "api.json");
      writeFileSync(join(home, "api.json"), JSON.stringify(file));
      const { exit, err } = await run("peers --timeout 2s");
      expect([exit, err]).toEqual([3, expect.stringContaining("leads to another machine")]);
    });
  },
);

describe("of two networks of the current folder", () => {
  test("none is chosen where both run, and both are named", async () => {
    layNetwork("testnet");
    layNetwork("dev");
    answer = peerList("/ip4/127.0.0.1/tcp/1");
    const { exit, err } = await run("peers");
    expect([exit, asked]).toEqual([2, []]);
    expect(err).toMatch(/Fix: name one: --home \.mabeam.testnet or --home \.mabeam.dev/);
    expect((await run("peers --home .mabeam/dev")).exit).toBe(0);
  });

  test.each(KINDS)(
    "the one that runs is meant where the other, the %s, has ended without a word",
    async (kind) => {
      const other = kind === "dev" ? "testnet" : "dev";
      layNetwork(other);
      const file = join(layNetwork(kind, { url: "http://127.0.0.1:9" }), "api.json");
      writeFileSync(file, readFileSync(file, "utf8").replace(`"pid":${process.pid}`, '"pid":2147483646'));
      answer = peerList("/ip4/127.0.0.1/tcp/1");
      expect(await run("peers")).toMatchObject({
        exit: 0,
        err: expect.stringContaining(`of the ${NAMES[other]}`),
      });
    },
  );

  test("what others may get at is not passed over for the other", async () => {
    chmodSync(layNetwork("dev"), 0o755);
    layNetwork("testnet");
    expect([(await run("peers")).exit, asked]).toEqual([3, []]);
  });
});

describe("commands of a gateway", () => {
  test("mean the network of one of the current folder, whatever else runs, and do not say who acts", async () => {
    layNetwork("dev");
    layNetwork("testnet", { url: "http://127.0.0.1:9" });
    layDaemon(ownFolder(), "http://127.0.0.1:9");
    answer = { apiVersion: "v1", kind: "GatewayRequestList", items: [], nextCursor: null, unshown: [] };
    const { exit, err } = await run("gateway requests");
    expect([exit, asked.length, err]).toEqual([0, 1, "No request has ended yet."]);
  });

  test("find none where there is none, and say how to come to one", async () => {
    layNetwork("testnet");
    layDaemon(ownFolder(), urlHere());
    const { exit, err } = await run("gateway top");
    expect([exit, asked]).toEqual([3, []]);
    expect(err).toMatch(/none runs in this folder[\s\S]*Fix: start one with `npx mabeam gateway --upstream/);
  });

  test("say of one that still starts that it does, though it may serve clients already", async () => {
    const home = join(process.cwd(), ".mabeam", "dev");
    const lock = await lockFolder(home);
    const { exit, err } = await run("gateway agents");
    await lock.release();
    expect([exit, asked]).toEqual([3, []]);
    expect(err).toMatch(
      /process \d+ has .mabeam\/dev, and is still starting[\s\S]*Fix: try again in a moment/,
    );
    expect((await run("gateway agents")).err).toContain("none runs in this folder");
  });

  test("follow neither a file that others may get at, nor one that leads elsewhere", async () => {
    const home = layNetwork("dev", { url: "http://192.0.2.1:80" });
    expect((await run("gateway top")).err).toContain("leads to another machine");
    layNetwork("dev");
    chmodSync(home, 0o755);
    expect((await run("gateway top")).err).toContain("is not this user's alone");
    expect(asked).toEqual([]);
  });

  test("mean the daemon that is named", async () => {
    layNetwork("dev", { url: "http://127.0.0.1:9" });
    layDaemon(ownFolder(), urlHere());
    answer = { apiVersion: "v1", kind: "GatewayRequestList", items: [], nextCursor: null, unshown: [] };
    const { home } = pathsOf(usualPlaces().home);
    expect([(await run(`gateway requests --home ${home}`)).exit, asked.length]).toEqual([0, 1]);
  });
});

describe("the own daemon's token stays on this machine", () => {
  test.each(["192.0.2.1:4080", "https://mabeam.example", "[2001:db8::1]:80"])(
    "where --api names %s and no token",
    async (api) => {
      layDaemon(ownFolder(), urlHere());
      const { exit, err } = await run(`peers --api ${api}`);
      expect([exit, err]).toEqual([4, expect.stringMatching(/not on this machine[\s\S]*--token-file/)]);
    },
  );

  test.each(["localhost", "127.0.0.1", "[::1]"])("and is read for %s", async (host) => {
    layDaemon(ownFolder(), urlHere());
    const { exit } = await run(`peers --api ${host}:${new URL(urlHere()).port}`);
    expect(exit).not.toBe(4);
  });

  test("but for another address that its own file names, and with a token that is named", async () => {
    const own = ownFolder();
    layDaemon(own, "http://192.0.2.1:9");
    expect((await run("peers --api 192.0.2.1:9 --timeout 1s")).exit).toBe(3);
    expect((await run(`peers --api 192.0.2.2:9 --token-file ${join(own, "token")} --timeout 1s`)).exit).toBe(
      3,
    );
  });
});

describe.each(KINDS)("a token is sent nowhere by the word of a file: %s", (kind) => {
  test.each(["", `--home .mabeam/${kind}`])(
    "api.json names a token outside its folder (%j)",
    async (flag) => {
      const own = join(root, "elsewhere");
      mkdirSync(own, { mode: 0o700 });
      layDaemon(own, urlHere());
      layNetwork(kind, { tokenFile: relative(process.cwd(), join(own, "token")) });
      const { exit, err } = await run(`peers ${flag}`.trim());
      expect([exit, asked, err]).toEqual([4, [], expect.stringContaining("its token lies outside")]);
    },
  );

  test("a link inside the folder leads to a token outside", async () => {
    const own = join(root, "elsewhere");
    mkdirSync(own, { mode: 0o700 });
    layDaemon(own, urlHere());
    const home = layNetwork(kind);
    rmSync(join(home, "token"));
    symlinkSync(join(own, "token"), join(home, "token"));
    expect([(await run("peers")).exit, asked]).toEqual([4, []]);
  });

  test("a peer's own api.json lies outside", async () => {
    const own = join(root, "elsewhere");
    mkdirSync(own, { mode: 0o700 });
    layDaemon(own, urlHere());
    const home = layNetwork(kind);
    const file = JSON.parse(readFileSync(join(home, "api.json"), "utf8"));
    file.peers[0].apiFile = join(own, "api.json");
    writeFileSync(join(home, "api.json"), JSON.stringify(file));
    expect([(await run("peers")).exit, asked]).toEqual([4, []]);
  });

  test.runIf(process.platform !== "win32").each([
    ["api.json", 0o644],
    ["", 0o755],
    ["..", 0o777],
  ])("others may get at its %s: it is not taken unless it is named", async (name, mode) => {
    const home = layNetwork(kind);
    answer = peerList("/ip4/127.0.0.1/tcp/1");
    chmodSync(join(home, name), mode);
    const { exit, err } = await run("peers");
    expect([exit, asked]).toEqual([3, []]);
    expect(err).toMatch(/is not this user's alone: its mode is/);
    expect((await run(`peers --home .mabeam/${kind}`)).exit).toBe(0);
  });

  test.runIf(process.getuid?.() === 0).each(["api.json", "", ".."])(
    "another user owns its %s: it is not taken",
    async (name) => {
      const home = layNetwork(kind);
      chownSync(join(home, name), 12345, 12345);
      const { exit, err } = await run("peers");
      expect([exit, asked]).toEqual([3, []]);
      expect(err).toContain("it belongs to user 12345");
    },
  );
});

describe("an answer", () => {
  const evil = "\u001b]0;owned\u0007\u001b[31mSOLD\u001b[0m\u009b2J\u202eDLOS\nAgent";

  test("steers no terminal, and its lines are one line", async () => {
    layNetwork("testnet");
    answer = peerList(evil);
    const { out } = await run("peers");
    expect(out).toHaveLength(2);
    expect(out[1]).toContain(
      "\\u001b]0;owned\\u0007\\u001b[31mSOLD\\u001b[0m\\u009b2J\\u202eDLOS\\u000aAgent",
    );
  });

  test("is the same value to a program", async () => {
    layNetwork("testnet");
    answer = peerList(evil);
    const { out } = await run("peers --json");
    expect(JSON.parse(out[0]!)).toEqual(answer);
  });

  test.each([
    ["a field of another type", { ...peerList("x"), items: [{ peerId: 7 }] }],
    ["another kind", { ...peerList("x"), kind: "Wallet" }],
    ["no object", 7],
  ])("that its schema does not know is none: %s", async (_name, document) => {
    layNetwork("testnet");
    answer = document;
    const { exit, err } = await run("peers");
    expect([exit, err]).toEqual([1, expect.stringContaining("no document PeerList of v1")]);
  });

  test("of a newer daemon may tell more", async () => {
    layNetwork("testnet");
    answer = { ...peerList("x"), more: 1 };
    expect((await run("peers")).exit).toBe(0);
  });
});
