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

/** `.mabeam/testnet` of the current folder, as a testnet leaves it. */
function layTestnet({ url = urlHere(), tokenFile }: Laid = {}): string {
  const home = join(process.cwd(), ".mabeam", "testnet");
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

describe("the testnet of the current folder, where nobody named one and there is no own daemon", () => {
  test("is spoken to, and who acts is said on stderr", async () => {
    layTestnet();
    answer = peerList("/ip4/127.0.0.1/tcp/1");
    const { exit, out, err } = await run("peers");
    expect([exit, asked.length, out.length]).toEqual([0, 1, 2]);
    expect(err).toBe(`as guest-0 of the testnet in ${join(".mabeam", "testnet")}`);
  });

  test("is not spoken to in place of an own daemon that is stopped", async () => {
    layTestnet();
    ownFolder();
    const { exit, err } = await run("wallet balance");
    expect([exit, asked]).toEqual([3, []]);
    expect(err).toMatch(/is stopped\nFix: start it with `npx mabeam daemon`, or .*--home \.mabeam.testnet/);
  });

  test("is spoken to where it is named, without a word", async () => {
    layTestnet();
    ownFolder();
    answer = peerList("/ip4/127.0.0.1/tcp/1");
    const { exit, err } = await run("peers --home .mabeam/testnet");
    expect([exit, asked.length, err]).toEqual([0, 1, ""]);
  });

  test("leads nowhere but to this machine", async () => {
    layTestnet({ url: "http://192.0.2.1:80" });
    const { exit, err } = await run("peers");
    expect([exit, err]).toEqual([3, expect.stringContaining("leads to another machine")]);
  });

  test("leads nowhere else by the file of a peer that has a process of its own", async () => {
    const home = layTestnet();
    const peer = join(home, "peers", "peer-0");
    mkdirSync(peer, { recursive: true, mode: 0o700 });
    layDaemon(peer, "http://192.0.2.1:80");
    const file = JSON.parse(readFileSync(join(home, "api.json"), "utf8"));
    file.peers[0].apiFile = join(peer, "api.json");
    writeFileSync(join(home, "api.json"), JSON.stringify(file));
    const { exit, err } = await run("peers --timeout 2s");
    expect([exit, err]).toEqual([3, expect.stringContaining("leads to another machine")]);
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

describe("a token is sent nowhere by the word of a file", () => {
  test.each(["", "--home .mabeam/testnet"])(
    "api.json names a token outside its folder (%j)",
    async (flag) => {
      const own = join(root, "elsewhere");
      mkdirSync(own, { mode: 0o700 });
      layDaemon(own, urlHere());
      layTestnet({ tokenFile: relative(process.cwd(), join(own, "token")) });
      const { exit, err } = await run(`peers ${flag}`.trim());
      expect([exit, asked, err]).toEqual([4, [], expect.stringContaining("its token lies outside")]);
    },
  );

  test("a link inside the folder leads to a token outside", async () => {
    const own = join(root, "elsewhere");
    mkdirSync(own, { mode: 0o700 });
    layDaemon(own, urlHere());
    const home = layTestnet();
    rmSync(join(home, "token"));
    symlinkSync(join(own, "token"), join(home, "token"));
    expect([(await run("peers")).exit, asked]).toEqual([4, []]);
  });

  test("a peer's own api.json lies outside", async () => {
    const own = join(root, "elsewhere");
    mkdirSync(own, { mode: 0o700 });
    layDaemon(own, urlHere());
    const home = layTestnet();
    const file = JSON.parse(readFileSync(join(home, "api.json"), "utf8"));
    file.peers[0].apiFile = join(own, "api.json");
    writeFileSync(join(home, "api.json"), JSON.stringify(file));
    expect([(await run("peers")).exit, asked]).toEqual([4, []]);
  });

  test.runIf(process.platform !== "win32").each([
    ["api.json", 0o644],
    ["", 0o755],
    ["..", 0o777],
  ])("others may get at .mabeam/testnet/%s: it is not taken unless it is named", async (name, mode) => {
    const home = layTestnet();
    answer = peerList("/ip4/127.0.0.1/tcp/1");
    chmodSync(join(home, name), mode);
    const { exit, err } = await run("peers");
    expect([exit, asked]).toEqual([3, []]);
    expect(err).toMatch(/is not this user's alone: its mode is/);
    expect((await run("peers --home .mabeam/testnet")).exit).toBe(0);
  });

  test.runIf(process.getuid?.() === 0).each(["api.json", "", ".."])(
    "another user owns .mabeam/testnet/%s: it is not taken",
    async (name) => {
      const home = layTestnet();
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
    layTestnet();
    answer = peerList(evil);
    const { out } = await run("peers");
    expect(out).toHaveLength(2);
    expect(out[1]).toContain(
      "\\u001b]0;owned\\u0007\\u001b[31mSOLD\\u001b[0m\\u009b2J\\u202eDLOS\\u000aAgent",
    );
  });

  test("is the same value to a program", async () => {
    layTestnet();
    answer = peerList(evil);
    const { out } = await run("peers --json");
    expect(JSON.parse(out[0]!)).toEqual(answer);
  });

  test.each([
    ["a field of another type", { ...peerList("x"), items: [{ peerId: 7 }] }],
    ["another kind", { ...peerList("x"), kind: "Wallet" }],
    ["no object", 7],
  ])("that its schema does not know is none: %s", async (_name, document) => {
    layTestnet();
    answer = document;
    const { exit, err } = await run("peers");
    expect([exit, err]).toEqual([1, expect.stringContaining("no document PeerList of v1")]);
  });

  test("of a newer daemon may tell more", async () => {
    layTestnet();
    answer = { ...peerList("x"), more: 1 };
    expect((await run("peers")).exit).toBe(0);
  });
});
