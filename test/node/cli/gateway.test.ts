// `mabeam gateway`: what is wrong with its flags is said before anything is made.
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { closeAll, file, mabeam, newHome } from "./cli-fixture.js";

afterEach(closeAll);

/** Runs it with a key, in a folder of its own. */
async function tried(line: string, key = "sk-1\n", mode = 0o600) {
  const folder = newHome();
  const keyFile = file(folder, "key", key);
  chmodSync(keyFile, mode);
  const home = join(folder, "dev");
  const ran = await mabeam(home, `gateway ${line.replace("KEY", keyFile)} --home ${home}`);
  expect([ran.out, existsSync(home)]).toEqual([[], false]);
  return ran;
}

const PLACE = "--upstream http://127.0.0.1:9";

test.each([
  ["--key-file KEY --rpm 1", 2, "--upstream does not say which API"],
  ["--upstream api.example.com --key-file KEY --rpm 1", 2, "is no address"],
  ["--upstream http://api.example.com --key-file KEY --rpm 1", 2, "is not encrypted"],
  ["--upstream https://api.example.com?a=1 --key-file KEY --rpm 1", 2, "carries more than a place"],
  ["--upstream https://u@api.example.com --key-file KEY --rpm 1", 2, "carries more than a place"],
  [`${PLACE} --rpm 1`, 2, "--key-file names no key"],
  [`${PLACE} --key-file nowhere --rpm 1`, 5, "no such file"],
  [`${PLACE} --key-file KEY`, 2, "nothing says what the key may do"],
  [`${PLACE} --key-file KEY --rpm 0`, 2, "'--rpm <n>'"],
  [`${PLACE} --key-file KEY --rpm 1 --listen 0.0.0.0:1`, 2, "of this machine alone"],
  [`${PLACE} --key-file KEY --rpm 1 --listen here`, 2, "is no host:port"],
])("gateway %s ends with %i: %s", async (line, exit, why) => {
  const ran = await tried(line);
  expect([ran.exit, ran.err]).toEqual([exit, expect.stringContaining(why)]);
});

test("a key that others may read, or that is more than a line, is not taken", async () => {
  const line = `${PLACE} --key-file KEY --rpm 1`;
  const open = await tried(line, "sk-1\n", 0o644);
  expect([open.exit, open.err]).toEqual([
    4,
    expect.stringMatching(/its mode is 0644.*\nFix: run: chmod 600 /),
  ]);
  for (const text of ["", "two words\n", "two\nlines\n"]) {
    const ran = await tried(line, text);
    expect([ran.exit, ran.err]).toEqual([2, expect.stringContaining("not one line of printable characters")]);
  }
});

test("a word that is no command of it, and a flag of its own before one, are said to be wrong", async () => {
  const strange = await mabeam(newHome(), "gateway tpo");
  expect([strange.exit, strange.err]).toEqual([2, expect.stringContaining("`npx mabeam gateway --help`")]);
});
