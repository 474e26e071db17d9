#!/usr/bin/env node
// The launcher: a committed file with its run bit, so that a rebuild never loses the permission to run.
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/node/cli/main.js", import.meta.url);
/** The same program in one piece, which starts in half the time. */
const client = new URL("../dist/client/main.js", import.meta.url);
/**
 * Commands that run peers, or found their network, load the modules that the bundle holds too: they must not have two of each. `db` loads the store,
 * whose native part finds itself by where it lies.
 */
const NOT_OF_BUNDLE = new Set(["daemon", "dev", "network", "testnet", "simulate", "bench", "db"]);
/** `gateway` runs a peer as `daemon` does, unless the word of one of its commands follows; `id` asks one, unless it makes a seat. */
const runsPeer = ([word = "", next = "-", ...more]) =>
  NOT_OF_BUNDLE.has(word) ||
  (word === "gateway" && next.startsWith("-")) ||
  (word === "id" && [next, ...more].includes("--seat"));

if (!existsSync(fileURLToPath(main))) {
  process.stderr.write(
    "mabeam: this checkout is not built.\nFix: run `npm ci`, or `npm run build` if the packages are installed.\n",
  );
  process.exit(1);
}

const madeMs = (path) =>
  statSync(new URL(`../dist/${path}`, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;
const clientMs = madeMs("client/main.js");
/** TypeScript alone makes no bundle, and one from before it would be another program. A package has nothing of TypeScript's. */
const isStale = Math.max(madeMs("src.tsbuildinfo"), madeMs("node.tsbuildinfo")) > clientMs;
const isWhole = runsPeer(process.argv.slice(2)) || clientMs === 0 || isStale;
await import(isWhole ? main.href : client.href);
