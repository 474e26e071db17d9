// The data folder: one daemon, its owner's eyes only, and no trace of a crash.
// Scenario 8 of spec/scenarios.
import { chmod, chown, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockFolder, lockHolder } from "../../node/lock.js";
import { isAlive, processPlace } from "../../node/process-place.js";
import { startChild } from "./child.js";
import { testFolder } from "./folder.js";

test("of processes that race for one folder exactly one wins, and the others name it", async () => {
  const folder = join(await testFolder(), "home");
  const children = Array.from({ length: 4 }, () => startChild("lock-folder", [folder]));
  const said = await Promise.all(children.map((child) => child.line()));
  const winners = said.filter((line) => line?.startsWith("held"));
  expect(winners).toHaveLength(1);
  const pid = winners[0]!.split(" ")[1];
  expect(said.filter((line) => line === `refused LOCK_HELD ${pid}`)).toHaveLength(3);
});

test("a folder whose daemon was killed with -9 is free, whatever its pid file says", async () => {
  const folder = join(await testFolder(), "home");
  const first = startChild("lock-folder", [folder]);
  expect(await first.line()).toMatch(/^held/);
  await first.kill();
  expect(Number.parseInt(await readFile(join(folder, "daemon.pid"), "utf8"), 10)).toBe(first.process.pid);
  const races = [startChild("lock-folder", [folder]), startChild("lock-folder", [folder])];
  const said = await Promise.all(races.map((child) => child.line()));
  expect(said.filter((line) => line?.startsWith("held"))).toHaveLength(1);
});

test("a pid file that names a living stranger keeps nobody out", async () => {
  const folder = await testFolder();
  await writeFile(join(folder, "daemon.pid"), `${process.ppid}\n`);
  await mkdir(join(folder, "lock"));
  const lock = await lockFolder(folder);
  expect(await readFile(join(folder, "daemon.pid"), "utf8")).toBe(`${process.pid}\n${processPlace()}\n`);
  await lock.release();
});

test("the refusal says which process holds the folder and how to end it", async () => {
  const folder = await testFolder();
  const lock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toMatchObject({
    name: "LockError",
    code: "LOCK_HELD",
    what: `could not use the folder ${folder}`,
    why: `process ${process.pid} is using it`,
    fix: expect.stringContaining(`kill ${process.pid}`),
  });
  await lock.release();
});

test("a folder that was let go can be taken again, and letting go twice is letting go once", async () => {
  const folder = await testFolder();
  const first = await lockFolder(folder);
  await first.release();
  const second = await lockFolder(folder);
  await first.release();
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: "LOCK_HELD" });
  expect(Number.parseInt(await readFile(join(folder, "daemon.pid"), "utf8"), 10)).toBe(process.pid);
  await second.release();
});

test.runIf(process.platform !== "win32")(
  "the folder is made for its owner's eyes, and closed if it was open",
  async () => {
    const root = await testFolder();
    const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
    const fresh = await lockFolder(join(root, "deep", "fresh"));
    expect(await modeOf(fresh.path)).toBe(0o700);
    expect(await modeOf(join(fresh.path, "daemon.pid"))).toBe(0o600);
    await fresh.release();
    await mkdir(join(root, "empty"));
    await chmod(join(root, "empty"), 0o755);
    const empty = await lockFolder(join(root, "empty"));
    expect(await modeOf(empty.path)).toBe(0o700);
    await empty.release();
  },
);

test.runIf(process.platform !== "win32")(
  "a folder with other files in it, open to others, is refused untouched",
  async () => {
    const folder = await testFolder();
    await writeFile(join(folder, "thesis.txt"), "");
    await chmod(folder, 0o755);
    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: "FOLDER_OPEN",
      fix: expect.stringContaining("chmod 700"),
    });
    expect((await stat(folder)).mode & 0o777).toBe(0o755);
  },
);

test("a folder that cannot be made is told with its cause", async () => {
  const folder = await testFolder();
  await writeFile(join(folder, "file"), "");
  await expect(lockFolder(join(folder, "file", "home"))).rejects.toMatchObject({ code: "FOLDER_UNUSABLE" });
});

test("a holder in another container or on another machine is never to be killed by its process id here", async () => {
  const folder = await testFolder();
  const lock = await lockFolder(folder);
  // Both are process 1 of their container, and this one has a process 1 as well.
  await writeFile(join(folder, "daemon.pid"), "1\nother-host 9d5e 4026531836\n");
  expect(await lockHolder(folder)).toEqual({ pid: 1, elsewhere: "other-host" });
  const refusal = await lockFolder(folder).catch((error) => error);
  expect(refusal.why).toBe("process 1 of another machine or container, other-host, is using it");
  expect(refusal.fix).toMatch(/^stop it there/);
  await lock.release();
});

test.each(["", "12abc\nhost a b\n", "-1\nhost a b\n", "12", "0\nhost a b\n", "1e3\nhost a b\n"])(
  "a pid file of %j names nobody",
  async (text) => {
    const folder = await testFolder();
    await writeFile(join(folder, "daemon.pid"), text);
    expect(await lockHolder(folder)).toBeNull();
  },
);

test("a process that has ended is not alive, also before its parent has heard of it", async () => {
  const child = startChild("lock-folder", [await testFolder()]);
  await child.line();
  expect(isAlive(child.process.pid!)).toBe(true);
  await child.kill();
  expect(isAlive(child.process.pid!)).toBe(false);
});

test.runIf(process.platform !== "win32")(
  "a folder with restored keys alone, made by mkdir, is closed and taken",
  async () => {
    const folder = await testFolder();
    await mkdir(join(folder, "keys"), { mode: 0o700 });
    await chmod(folder, 0o755);
    const lock = await lockFolder(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    await lock.release();
  },
);

test.runIf(process.getuid?.() === 0)("a folder of another user is refused, and left as it was", async () => {
  const folder = await testFolder();
  await chown(folder, 12345, 12345);
  await expect(lockFolder(folder)).rejects.toMatchObject({
    code: "FOLDER_OPEN",
    why: expect.stringContaining("belongs to user 12345"),
  });
  expect((await stat(folder)).uid).toBe(12345);
});
