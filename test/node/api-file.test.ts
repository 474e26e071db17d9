// api.json: whole or absent, for its owner only, and never a hindrance to the next daemon.
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ApiFile, readApiFile, removeApiFile, writeApiFile } from "../../node/config/api-file.js";
import { testFolder } from "./folder.js";

const content: ApiFile = {
  url: "http://127.0.0.1:40123",
  tokenFile: "/home/of/token",
  pid: 4711,
  peers: [{ name: "peer-1", agent: "0f".repeat(32), addresses: ["/ip4/127.0.0.1/tcp/40124"] }],
};

test("what a daemon writes is what a program reads, and nobody else may", async () => {
  const folder = await testFolder();
  const path = join(folder, "api.json");
  expect(await readApiFile(path)).toBeNull();
  await writeApiFile(path, content);
  expect(await readApiFile(path)).toEqual(content);
  if (process.platform !== "win32") expect((await stat(path)).mode & 0o777).toBe(0o600);
  await writeApiFile(path, { ...content, pid: 4712 });
  expect((await readApiFile(path))?.pid).toBe(4712);
  expect(await readdir(folder)).toEqual(["api.json"]);
});

test("a reader finds the old text or the new one, however often it is replaced", async () => {
  const path = join(await testFolder(), "api.json");
  await writeApiFile(path, content);
  const read = async () => {
    for (let i = 0; i < 100; i++) expect((await readApiFile(path))?.url).toBe(content.url);
  };
  const write = async () => {
    for (let i = 1; i < 40; i++) await writeApiFile(path, { ...content, pid: i });
  };
  await Promise.all([read(), write()]);
});

test("a daemon that ends takes away its own file and not its successor's", async () => {
  const path = join(await testFolder(), "api.json");
  await writeApiFile(path, content);
  await removeApiFile(path, 1);
  expect(await readApiFile(path)).toEqual(content);
  await removeApiFile(path, 4711);
  await removeApiFile(path, 4711);
  expect(await readApiFile(path)).toBeNull();
});

test("a file that is not what a daemon writes is told as unreadable, with a fix", async () => {
  const path = join(await testFolder(), "api.json");
  for (const text of [
    "{",
    "{}",
    JSON.stringify({ ...content, url: "ftp://x" }),
    JSON.stringify({ ...content, peers: [] }),
  ]) {
    await writeFile(path, text);
    await expect(readApiFile(path), text).rejects.toMatchObject({ code: "API_FILE_UNREADABLE" });
  }
  await writeFile(path, JSON.stringify({ ...content, fieldOfALaterVersion: 1 }));
  expect(await readApiFile(path)).toEqual(content);
  expect(await readFile(path, "utf8")).not.toContain("secret");
});
