// The testnet's commands as a person runs them: real processes, real folders, a real kill −9.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const MABEAM = fileURLToPath(new URL("../../bin/mabeam.mjs", import.meta.url));

let home: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "mabeam-cli-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(home, { recursive: true, force: true });
});

function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [MABEAM, "testnet", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, MABEAM_HOME: home, NO_COLOR: "1" },
  });
  children.push(child);
  return child;
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(...args: string[]): Promise<Ended> {
  const child = start(...args);
  let out = "";
  let err = "";
  child.stdout!.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr!.on("data", (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, out, err })));
}

type Line = { readonly kind?: string; readonly type?: string } & Readonly<Record<string, unknown>>;

/** The first line of JSON that is looked for; fails if the process ends before. */
function lineOf(child: ChildProcess, wanted: (line: Line) => boolean): Promise<Line> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout! });
    lines.on("line", (text) => {
      const line = JSON.parse(text) as Line;
      if (wanted(line)) resolve(line);
    });
    lines.once("close", () => reject(new Error("the testnet ended early")));
  });
}

const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once("close", (code) => resolve(code)));

const SMALL = ["--peers", "4", "--agents", "4", "--seed", "2"];

describe("mabeam testnet", () => {
  test("up settles an auction; a second up names the process; ps lists the peers; SIGINT ends it", async () => {
    const child = start("up", ...SMALL, "--json");
    const ready = await lineOf(child, ({ kind }) => kind === "Testnet");
    expect(ready).toMatchObject({ apiVersion: "v1", peers: 4, seed: 2, pid: child.pid, resumedAt: null });
    expect(JSON.stringify(ready)).not.toContain('"seed":"');
    const settled = await lineOf(child, ({ type }) => type === "auction.settled");
    expect(settled).toMatchObject({ auction: expect.stringMatching(/^[0-9a-f]{64}$/) });

    const second = await run("up", ...SMALL);
    expect(second.code).toBe(10);
    expect(second.err).toContain(String(child.pid));
    expect(second.out).toBe("");

    const ps = await run("ps", "--json");
    expect(ps.code).toBe(0);
    const list = JSON.parse(ps.out) as {
      kind: string;
      items: { seat: number | null; connections: number }[];
    };
    expect(list.kind).toBe("TestnetPeerList");
    expect(list.items).toHaveLength(4);
    expect(list.items.every(({ connections }) => connections > 0)).toBe(true);

    const logs = await run("logs", "--lines", "1");
    expect(logs.out.trim().split("\n")).toHaveLength(1);

    child.kill("SIGINT");
    expect(await exitOf(child)).toBe(0);
    expect(existsSync(join(home, "api.json"))).toBe(false);
  });

  test("killed with −9 and started again, it is the same network and goes on from where it was", async () => {
    const first = start("up", ...SMALL, "--json");
    const before = await lineOf(first, ({ kind }) => kind === "Testnet");
    const settled = await lineOf(first, ({ type }) => type === "auction.settled");
    const gone = exitOf(first);
    first.kill("SIGKILL");
    await gone;

    const second = start("up", "--json");
    const after = await lineOf(second, ({ kind }) => kind === "Testnet");
    expect(after.chain).toBe(before.chain);
    expect(after.join).toEqual(before.join);
    expect(after.resumedAt).toBeGreaterThanOrEqual(settled.height as number);
    await lineOf(second, ({ type }) => type === "auction.settled");
    const ended = exitOf(second);
    expect((await run("down")).code).toBe(0);
    expect(await ended).toBe(0);
  });

  test("in the background it outlives its starter, and down ends it", async () => {
    const up = await run("up", "--detach", "--wait", "--peers", "1", "--agents", "0");
    expect(up).toMatchObject({ code: 0, err: "" });
    expect(up.out).toContain("bin/mabeam.mjs daemon --join /ip4/127.0.0.1/tcp/");
    expect((await run("ps")).code).toBe(0);
    expect((await run("up", "--detach")).code).toBe(10);
    const down = await run("down", "--json");
    expect(JSON.parse(down.out)).toMatchObject({ kind: "TestnetDown", pid: expect.any(Number) });
    expect(JSON.parse((await run("down", "--json")).out)).toMatchObject({ pid: null });
    expect((await run("ps")).code).toBe(3);
  });

  test.each([
    [["up", "--peers", "3", "--quorum", "4"], 2, "quorum"],
    [["up", "--agents", "1"], 2, "agents"],
    [["up", "--api", "nonsense"], 2, "host:port"],
    [["run", "--agents", "0"], 2, "agents"],
    [["logs"], 5, "no testnet was started"],
  ])("%j is refused with exit %i, and says why", async (args, code, why) => {
    const ended = await run(...args);
    expect(ended).toMatchObject({ code, out: "" });
    expect(ended.err).toContain(why);
    expect(ended.err).toMatch(/^Fix: /m);
    expect(existsSync(join(home, "peers"))).toBe(false);
  });

  test("a folder that holds another network is not taken for a new one", async () => {
    expect((await run("up", "--peers", "1", "--agents", "2", "--rounds", "1", "--json")).code).toBe(0);
    const other = await run("up", "--peers", "2");
    expect(other.code).toBe(6);
    expect(other.err).toContain("--peers 1");

    expect((await run("reset")).code).toBe(2);
    expect((await run("reset", "--yes")).code).toBe(0);
    expect(existsSync(join(home, "peers"))).toBe(false);
    expect((await run("up", "--peers", "2", "--agents", "2", "--rounds", "1", "--json")).code).toBe(0);
  });

  test("a port that is taken is named, with exit 10, and nothing is left running", async () => {
    const holder = start("up", "--peers", "1", "--agents", "0", "--json");
    const { api } = await lineOf(holder, ({ kind }) => kind === "Testnet");
    const taken = new URL(api as string).host;
    const elsewhere = join(home, "elsewhere");
    mkdirSync(elsewhere, { mode: 0o700 });
    const ended = await run("up", "--home", elsewhere, "--api", taken, "--peers", "1", "--agents", "0");
    expect(ended.code).toBe(10);
    expect(ended.err).toContain(taken);
    expect(existsSync(join(elsewhere, "api.json"))).toBe(false);
  });

  test("a finite run prints one line of JSON and nothing else", async () => {
    const ended = await run("run", "--peers", "4", "--agents", "3", "--rounds", "1", "--seed", "1", "--json");
    expect(ended).toMatchObject({ code: 0, err: "" });
    expect(ended.out.trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(ended.out)).toMatchObject({ kind: "TestnetReport", auctions: { opened: 1 } });
  });
});
