// Builds dist/ with TypeScript and bundles the command line, once for everyone: `prepare`, `pretest`, `pretestnet` and `prebench` call this.
// It does nothing when dist is fresh, or when TypeScript is not installed and dist is there to be used as it is.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleClient } from "./bundle.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const stamp = join(dist, ".built");
const launched = join(dist, "node", "cli", "main.js");
const bundled = join(dist, "client", "main.js");
const compiler = join(root, "node_modules", "typescript", "lib", "tsc.js");
const PROJECTS = ["src", "node", "testnet"];

/** Every folder and file under `folder`. Folders count too: their time changes when a file is removed. */
function* walk(folder) {
  yield folder;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}

const changedMs = (path) => statSync(path).mtimeMs;

function isFresh() {
  if (![stamp, launched, bundled].every((path) => existsSync(path))) return false;
  // Whoever ran TypeScript alone since has a bundle of before, which the launcher does not start.
  const notes = ["src", "node"].map((project) => join(dist, `${project}.tsbuildinfo`)).filter(existsSync);
  if (notes.some((path) => changedMs(path) > changedMs(bundled))) return false;
  const builtMs = changedMs(stamp);
  const inputs = PROJECTS.flatMap((project) => [...walk(join(root, project))]);
  inputs.push(join(root, "tsconfig.base.json"), join(root, "package.json"));
  inputs.push(fileURLToPath(import.meta.url), join(root, "scripts", "bundle.mjs"));
  if (existsSync(compiler)) inputs.push(compiler);
  return inputs.every((path) => changedMs(path) <= builtMs);
}

const MADE = /(\.d)?\.(m?)[jt]s(\.map)?$/;

/** Removes what an earlier build made of a source that is gone. */
function prune() {
  for (const project of PROJECTS) {
    for (const path of [...walk(join(dist, project))].filter((path) => MADE.test(path))) {
      const source = join(root, relative(dist, path).replace(MADE, ".$2"));
      if (!existsSync(`${source}ts`) && !existsSync(`${source}js`)) rmSync(path);
    }
  }
}

function say(...lines) {
  process.stderr.write(`${lines.join("\n")}\n`);
}

async function build() {
  if (isFresh()) return 0;
  if (!existsSync(compiler)) return withoutCompiler();
  const startedMs = Date.now();
  const references = PROJECTS.map((project) => join(root, project));
  const run = spawnSync(process.execPath, [compiler, "-b", ...references], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (run.status !== 0) {
    say(
      "build: TypeScript refused the sources; its reasons are above.",
      "Fix: mend what it names. If it misses a package, run `npm ci`. If it seems to remember what is gone, remove dist/ and run `npm run build`.",
    );
    return run.status ?? 1;
  }
  prune();
  await bundleClient(dist);
  writeFileSync(stamp, "");
  // As old as the start: what an editor saved while the compiler ran counts as newer.
  utimesSync(stamp, startedMs / 1000, startedMs / 1000);
  say(`build: dist/ is ready (${((Date.now() - startedMs) / 1000).toFixed(1)} s)`);
  return 0;
}

function withoutCompiler() {
  if (existsSync(launched)) return 0;
  say(
    "build: dist/ is missing, and TypeScript, which makes it, is not installed.",
    "Fix: run `npm ci` (without --omit=dev), then `npm run build`.",
  );
  // An install must not fail for it: `npm ci --omit=dev` may be one layer of an image that brings dist later.
  return process.env.npm_lifecycle_event === "prepare" ? 0 : 1;
}

process.exitCode = await build();
