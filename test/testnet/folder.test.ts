// A testnet's folder, before and after it runs: whose it is, who runs in it, and what reset takes away.
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "../../node/cli/commands.js";
import type { Terminal } from "../../node/cli/terminal.js";
import { lockFolder } from "../../node/lock.js";
import { run as down } from "../../testnet/cli/down.js";
import { endRunner, runnerOf } from "../../testnet/cli/folder-claim.js";
import { run as reset } from "../../testnet/cli/reset.js";
import { testnetHome } from "../../testnet/home.js";
import { startChild } from "../node/child.js";
import { testFolder } from "../node/folder.js";

function io(): Terminal & { readonly said: string[] } {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  return {
    env: {},
    out: say,
    err: say,
    colors: false,
    progress: false,
    self: "mabeam",
    outlive: () => undefined,
    screen: null,
    confirm: async () => null,
    said,
  };
}

const FILES = ["api.json", "token", "testnet.log", "peers.log", "testnet.json"];

/** A folder that a testnet has left. */
function leave(home: string, names: readonly string[] = FILES): string {
  mkdirSync(join(home, "peers"), { recursive: true, mode: 0o700 });
  for (const name of names) writeFileSync(join(home, name), "{}", { mode: 0o600 });
  return home;
}

test("reset takes away what a testnet has left, and nothing else", async () => {
  const home = leave(join(await testFolder(), "testnet"));
  writeFileSync(join(home, "notes.txt"), "mine");
  expect(await reset(io(), { home, yes: true })).toBe(EXIT.ok);
  expect([...FILES, "peers"].filter((name) => existsSync(join(home, name)))).toEqual([]);
  expect(readFileSync(join(home, "notes.txt"), "utf8")).toBe("mine");
});

test("reset removes nothing unless it is meant", async () => {
  const home = leave(join(await testFolder(), "testnet"));
  await expect(reset(io(), { home })).rejects.toMatchObject({ exit: EXIT.usage, fix: "add --yes if it is" });
  expect(await reset({ ...io(), confirm: async () => false }, { home })).toBe(EXIT.ok);
  expect(FILES.filter((name) => !existsSync(join(home, name)))).toEqual([]);
  expect(await reset({ ...io(), confirm: async () => true }, { home })).toBe(EXIT.ok);
  expect(FILES.filter((name) => existsSync(join(home, name)))).toEqual([]);
});

test("reset leaves a daemon's folder alone, though its files are called the same", async () => {
  const home = leave(join(await testFolder(), "daemon"), ["api.json", "token"]);
  const terminal = io();
  expect(await reset(terminal, { home, yes: true })).toBe(EXIT.ok);
  expect([existsSync(join(home, "token")), existsSync(join(home, "peers"))]).toEqual([true, true]);
  expect(terminal.said).toEqual([`no testnet was started in ${home}`]);
});

test.runIf(process.platform !== "win32")(
  "reset follows no link, of the folder or of the one around it",
  async () => {
    const root = await testFolder();
    const real = leave(join(root, "real", "testnet"));
    symlinkSync(real, join(root, "link"));
    symlinkSync(join(root, "real"), join(root, "around"));
    for (const home of [join(root, "link"), join(root, "around", "testnet")])
      await expect(reset(io(), { home, yes: true }), home).rejects.toMatchObject({
        exit: EXIT.usage,
        why: expect.stringContaining("is a link"),
      });
    expect(existsSync(join(real, "testnet.json"))).toBe(true);
  },
);

test("reset of one that runs says what it would have done, and how to stop it", async () => {
  const home = leave(join(await testFolder(), "a b"));
  const lock = await lockFolder(home);
  await expect(reset(io(), { home, yes: true })).rejects.toMatchObject({
    code: "LOCK_HELD",
    what: `could not remove the testnet in ${home}`,
    fix: expect.stringContaining(`testnet down --home '${home}'`),
  });
  await lock.release();
});

test("down returns when every process has ended: the testnet's, and peers' that it no longer knows", async () => {
  const home = leave(join(await testFolder(), "testnet"));
  const children = [home, join(home, "peers", "peer-0"), join(home, "peers", "peer-1")].map((folder) =>
    startChild("lock-folder", [folder]),
  );
  for (const child of children) expect(await child.line()).toMatch(/^held/);
  const terminal = io();
  expect(await down(terminal, { home, json: true })).toBe(EXIT.ok);
  const [first, ...others] = children.map(({ process }) => process.pid);
  expect(JSON.parse(terminal.said[0]!)).toMatchObject({ pid: first, peerPids: others });
  for (const child of children) expect(await child.ended()).toBe("SIGTERM");
});

test("a runner that cannot be reached from here gets no signal", async () => {
  const home = leave(join(await testFolder(), "testnet"));
  const lock = await lockFolder(home);
  writeFileSync(join(home, "daemon.pid"), `${process.pid}\nother-host a b\n`);
  await expect(endRunner({ home })).rejects.toMatchObject({ code: "OUT_OF_REACH", fix: "stop it there" });
  writeFileSync(join(home, "daemon.pid"), "");
  expect(await runnerOf({ home })).toBe("unknown");
  await expect(endRunner({ home })).rejects.toMatchObject({ code: "OUT_OF_REACH" });
  await lock.release();
});

test("a folder may be called with ~, as no shell has expanded it", () => {
  expect(testnetHome("~/x", {})).not.toContain("~");
  expect(() => testnetHome("~nobody/x", {})).toThrow(/begins with ~/);
});
