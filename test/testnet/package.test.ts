// The npm package: every module in it finds what it imports, no bench, no attack, and a command that says so.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix, resolve } from "node:path";
import { afterAll, expect, it } from "vitest";

// `prepare` would build anew: the tests have a dist already.
const asked = ["pack", "--dry-run", "--json", "--ignore-scripts"];
const [packed] = JSON.parse(
  execFileSync("npm", asked, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
);
const files: readonly string[] = packed.files.map(({ path }: { path: string }) => path);

const LEFT_OUT = /^dist\/testnet\/(bench|lab\/attack)\//;
/** The one command that is for checkouts. */
const OF_CHECKOUTS = "dist/testnet/cli/bench.js";

const home = mkdtempSync(join(tmpdir(), "mabeam-package-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

it("carries the commands, and neither bench nor attacks", () => {
  expect(files).toContain(OF_CHECKOUTS);
  expect(files).toContain("dist/testnet/cli/simulate.js");
  expect(files.filter((path) => LEFT_OUT.test(path))).toEqual([]);
});

it("unpacked, is found by the name of its SDK", () => {
  for (const path of [...files, "package.json"]) cpSync(path, join(home, path), { recursive: true });
  symlinkSync(resolve("node_modules"), join(home, "node_modules"));
  const program =
    'import { createAgent, strategies } from "mabeam/sdk"; console.log(typeof createAgent, strategies.truthful().name);';
  const ran = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: home,
    encoding: "utf8",
  });
  expect([ran.stdout.trim(), ran.status]).toEqual(["function truthful", 0]);
});

it("holds every module that a module in it imports", () => {
  const carried = new Set(files);
  const missing = files
    .filter((path) => /^dist\/(src|node|testnet)\/.*\.js$/.test(path) && path !== OF_CHECKOUTS)
    .flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(/(?:from|import)\s*\(?"(\.[^"]+)"/g)]
        .map(([, to]) => posix.join(posix.dirname(path), to!))
        .filter((target) => !carried.has(target))
        .map((target) => `${path} → ${target}`),
    );
  expect(missing).toEqual([]);
});

it("carries what `exports` names, and the client in Python", () => {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as {
    exports: Record<string, Record<"types" | "default", string>>;
  };
  const named = Object.values(exports).flatMap((one) => [one.types, one.default]);
  expect(Object.keys(exports)).toEqual([".", "./sdk", "./testnet"]);
  for (const path of named) expect(files).toContain(path.replace("./", ""));
  expect(files).toContain("python/mabeam.py");
});

it("unpacked, says of `bench` what is missing and what to do", () => {
  const { status, stderr, stdout } = spawnSync(process.execPath, ["bin/mabeam.mjs", "bench"], {
    cwd: home,
    encoding: "utf8",
    env: { ...process.env, MABEAM_HOME: home },
  });
  expect({ status, stdout, lines: stderr.trim().split("\n") }).toEqual({
    status: 1,
    stdout: "",
    lines: [
      "mabeam: could not measure.",
      "Cause: the installed package carries no benchmarks",
      "Fix: run `npm run bench` in a checkout of the repository",
    ],
  });
});
