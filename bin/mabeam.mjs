#!/usr/bin/env node
// The launcher: a committed file with its run bit, so that a rebuild never loses the permission to run.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/node/cli/main.js", import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  process.stderr.write(
    "mabeam: this checkout is not built.\nFix: run `npm ci`, or `npm run build` if the packages are installed.\n",
  );
  process.exit(1);
}
await import(main.href);
