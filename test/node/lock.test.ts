// The data folder: one daemon, its owner's eyes only, and no trace of a crash.
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockFolder } from "../../node/lock.js";
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
  expect(Number(await readFile(join(folder, "daemon.pid"), "utf8"))).toBe(first.process.pid);
  const races = [startChild("lock-folder", [folder]), startChild("lock-folder", [folder])];
  const said = await Promise.all(races.map((child) => child.line()));
  expect(said.filter((line) => line?.startsWith("held"))).toHaveLength(1);
});

test("a pid file that names a living stranger keeps nobody out", async () => {
  const folder = await testFolder();
  await writeFile(join(folder, "daemon.pid"), `${process.ppid}\n`);
  await mkdir(join(folder, "lock"));
  const lock = await lockFolder(folder);
  expect(await readFile(join(folder, "daemon.pid"), "utf8")).toBe(`${process.pid}\n`);
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
  expect(Number(await readFile(join(folder, "daemon.pid"), "utf8"))).toBe(process.pid);
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
