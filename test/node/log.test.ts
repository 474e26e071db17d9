// The log: one JSON object a line, lines for people on a terminal, secrets never.
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { logOf, openLog } from "../../node/log.js";
import { testFolder } from "./folder.js";

function stream(isTTY = false) {
  const lines: string[] = [];
  return { lines, isTTY, write: (line: string) => void lines.push(line) };
}

test("a line is one JSON object with level, time, part and message", () => {
  const out = stream();
  logOf(openLog({ level: "info", file: null }, out), "quorum").info({ height: 7 }, "entry\nfinal");
  expect(out.lines).toHaveLength(1);
  expect(out.lines[0]!.trimEnd()).not.toContain("\n");
  expect(JSON.parse(out.lines[0]!)).toEqual({
    level: 30,
    time: expect.any(Number),
    part: "quorum",
    height: 7,
    msg: "entry\nfinal",
  });
});

test("secrets are not written, however deep they lie in what is logged", () => {
  for (const isTTY of [false, true]) {
    const out = stream(isTTY);
    const log = openLog({ level: "info", file: null }, out);
    for (const name of ["token", "passphrase", "seed", "salt", "plainSeed", "authorization"]) {
      log.info({ [name]: "hush", a: { [name]: "hush", b: { [name]: "hush" } }, kept: "kept" }, "x");
      log.child({ [name]: "hush" }).info("y");
    }
    expect(out.lines).toHaveLength(12);
    expect(out.lines.join("")).not.toContain("hush");
    expect(out.lines[0]).toContain("kept");
  }
});

test("below its level nothing is written", () => {
  const out = stream();
  const log = openLog({ level: "warn", file: null }, out);
  log.info("quiet");
  log.warn("loud");
  expect(out.lines.map((line) => JSON.parse(line).msg)).toEqual(["loud"]);
});

test("a terminal gets lines for people, with the cause of an error", () => {
  const out = stream(true);
  const log = logOf(openLog({ level: "info", file: null }, out), "gossip");
  log.warn({ peer: "abc", count: 2 }, "slow");
  log.error({ err: new Error("no route") }, "failed");
  const [slow, failed] = out.lines.map(stripVTControlCharacters);
  expect(slow).toMatch(/^\d\d:\d\d:\d\d\.\d{3} warn {2}gossip slow peer=abc count=2\n$/);
  expect(failed).toMatch(/ error gossip failed\nError: no route\n {4}at /);
});

test("a log file holds the lines at once, and only its owner reads it", async () => {
  const path = join(await testFolder(), "logs", "daemon.log");
  const out = stream(true);
  openLog({ level: "info", file: path }, out).info("written");
  expect(JSON.parse(await readFile(path, "utf8")).msg).toBe("written");
  expect(out.lines).toEqual([]);
  if (process.platform !== "win32") expect((await stat(path)).mode & 0o777).toBe(0o600);
});
