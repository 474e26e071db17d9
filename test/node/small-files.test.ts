// Files as editors, orchestrators and strangers leave them: whose they are, how they are encoded, how they are written.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Accident } from "../../node/accident.js";
import { EXIT } from "../../node/cli/commands.js";
import { save } from "../../node/cli/save.js";
import { createKey, loadKey, takePassphrase } from "../../node/keys/index.js";
import { changeableByOthers, isMountedSecret, openToOthers } from "../../node/own-file.js";
import { shellWord } from "../../node/shell-word.js";
import { readText, textOf } from "../../node/text-file.js";
import { writeNew, writeWhole } from "../../node/whole-file.js";
import { testFolder } from "./folder.js";

const utf16 = (text: string, mark: boolean) => Buffer.from(`${mark ? "\ufeff" : ""}${text}`, "utf16le");
/** What a call throws. */
function refusedBy(call: () => unknown): Accident {
  try {
    call();
  } catch (error) {
    if (error instanceof Accident) return error;
  }
  throw new Error("it was not refused");
}
const none = { env: {}, file: null, descriptor: null };

describe("a text file", () => {
  test("of UTF-8 is read with or without a mark", () => {
    expect([
      textOf(Buffer.from("\ufeffä"), "f"),
      textOf(Buffer.from("ä"), "f"),
      textOf(Buffer.of(), "f"),
    ]).toEqual(["ä", "ä", ""]);
  });

  test.each([
    ["UTF-16 with a mark", utf16("{}", true), /UTF-16/],
    ["UTF-16 big endian", utf16("{}", true).swap16(), /UTF-16/],
    ["UTF-16 without a mark", utf16("{}", false), /UTF-16/],
    ["Latin-1", Buffer.from("caf\u00e9", "latin1"), /not UTF-8/],
  ])("of another encoding is refused by its name: %s", (_name, bytes, why) => {
    expect(() => textOf(bytes, "f")).toThrow(why);
  });
});

describe("a key or passphrase as an editor writes it", () => {
  test("a key file with a mark and CRLF opens; in UTF-16 its encoding is named", async () => {
    const keys = join(await testFolder(), "keys");
    const made = await createKey(keys, "a", "peer", { kind: "plain" });
    const path = join(keys, "a.json");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, `\ufeff${text.replaceAll("\n", "\r\n")}`);
    expect((await loadKey(keys, "a", "peer", null)).publicKey).toEqual(made.publicKey);
    writeFileSync(path, utf16(text, true));
    await expect(loadKey(keys, "a", "peer", null)).rejects.toMatchObject({ code: "ENCODING" });
  });

  test.each([
    ["a mark", "\ufeffsecret\n"],
    ["CRLF", "secret\r\n"],
    ["blank lines at the end", "secret\n\n\n"],
    ["no line end", "secret"],
  ])("a passphrase with %s is the same one", async (_name, text) => {
    const file = join(await testFolder(), "passphrase");
    writeFileSync(file, text, { mode: 0o600 });
    expect(takePassphrase({ ...none, file })).toBe("secret");
  });

  test("of two lines none is chosen", async () => {
    const file = join(await testFolder(), "passphrase");
    writeFileSync(file, "secret\nanother\n", { mode: 0o600 });
    expect(() => takePassphrase({ ...none, file })).toThrow(/more than one line/);
  });

  test.runIf(process.platform === "linux")("a passphrase comes from a pipe, or by a link", async () => {
    const folder = await testFolder();
    const pipe = join(folder, "pipe");
    execFileSync("sh", ["-c", 'mkfifo -m 600 "$1"', "sh", pipe]);
    const { spawn } = await import("node:child_process");
    spawn("sh", ["-c", 'echo secret > "$1"', "sh", pipe], { stdio: "ignore" });
    expect(takePassphrase({ ...none, file: pipe })).toBe("secret");
    writeFileSync(join(folder, "there"), "secret", { mode: 0o600 });
    symlinkSync("there", join(folder, "link"));
    expect(takePassphrase({ ...none, file: join(folder, "link") })).toBe("secret");
  });
});

describe("whose a file is", () => {
  const me = 1000;
  test.each([
    [{ uid: me, mode: 0o100600 }, false, false],
    [{ uid: me, mode: 0o100400 }, false, false],
    [{ uid: me, mode: 0o100644 }, true, false],
    [{ uid: me, mode: 0o100620 }, true, true],
    [{ uid: 0, mode: 0o100600 }, true, true],
    [{ uid: 7, mode: 0o100600 }, true, true],
  ])("%j: open %j, changeable %j", (found, open, changeable) => {
    expect([openToOthers(found, me) !== null, changeableByOthers(found, me) !== null]).toEqual([
      open,
      changeable,
    ]);
  });

  test("a mounted secret is the system's, and nobody can change it", () => {
    const modes = [0o100400, 0o100440, 0o100444, 0o100600, 0o100460];
    expect(modes.map((mode) => isMountedSecret({ uid: 0, mode }))).toEqual([true, true, false, false, false]);
    expect(isMountedSecret({ uid: me, mode: 0o100400 })).toBe(false);
  });

  test.runIf(process.getuid?.() === 0)(
    "a passphrase of another user is refused, with every other way",
    async () => {
      const file = join(await testFolder(), "passphrase");
      writeFileSync(file, "secret", { mode: 0o600 });
      chownSync(file, 12345, 12345);
      const refusal = refusedBy(() => takePassphrase({ ...none, file }));
      expect(refusal.why).toContain("belongs to user 12345");
      // Whose file it is not cannot change its mode.
      expect(refusal.fix).toMatch(/^copy it, or mount it with mode 0400 or 0440.*MABEAM_PASSPHRASE/);
      chownSync(file, 0, 12345);
      chmodSync(file, 0o440);
      expect(takePassphrase({ ...none, file })).toBe("secret");
    },
  );
});

describe("a small file", () => {
  test("is written through no link that was laid where its draft might be", async () => {
    const folder = await testFolder();
    const victim = join(folder, "victim");
    writeFileSync(victim, "untouched");
    symlinkSync(victim, join(folder, `x.${process.pid}.new`));
    await writeWhole(join(folder, "x"), "text");
    expect([readFileSync(victim, "utf8"), readFileSync(join(folder, "x"), "utf8")]).toEqual([
      "untouched",
      "text",
    ]);
    expect(readdirSync(folder).sort()).toEqual(["victim", "x", `x.${process.pid}.new`].sort());
  });

  test("that is to be new replaces nothing, and leaves no draft", async () => {
    const folder = await testFolder();
    const path = join(folder, "x");
    expect([await writeNew(path, "a"), await writeNew(path, "b"), readFileSync(path, "utf8")]).toEqual([
      true,
      false,
      "a",
    ]);
    expect(readdirSync(folder)).toEqual(["x"]);
  });
});

describe("--save", () => {
  test("takes a new file, and a device as it is", async () => {
    const folder = await testFolder();
    await save(join(folder, "new"), "text");
    expect(readFileSync(join(folder, "new"), "utf8")).toBe("text");
    await save("/dev/null", "text");
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  test("replaces no file, folder or link, and says what to do", async () => {
    const folder = await testFolder();
    writeFileSync(join(folder, "file"), "mine");
    mkdirSync(join(folder, "folder"));
    symlinkSync("nowhere", join(folder, "dangling"));
    for (const name of ["file", "folder", "dangling"])
      await expect(save(join(folder, name), "x"), name).rejects.toMatchObject({ exit: EXIT.conflict });
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("mine");
    await expect(save(join(folder, "none", "file"), "x")).rejects.toMatchObject({ exit: EXIT.usage });
  });

  test.runIf(process.platform === "linux")("tells of a device that is full", async () => {
    await expect(save("/dev/full", "x")).rejects.toMatchObject({
      exit: EXIT.usage,
      why: expect.stringMatching(/ENOSPC/),
    });
  });
});

test("a printed path is one word of a shell, whatever is in it", async () => {
  for (const name of ["plain", "a b", "it's", "$(id)", "a;b", "", "~x", "-n", "ä", "\\", '"'])
    expect(execFileSync("sh", ["-c", `printf %s ${shellWord(name)}`], { encoding: "utf8" })).toBe(name);
});

test("a file that is read names itself where it is not there", () => {
  expect(() => readText("/nonexistent/file")).toThrow(/ENOENT/);
});
