// What `npm run test:clients` runs: the tests of the gateway's clients with the newest official ones, which want a newer Node than
// this project. Node comes from the registry by npx, they are installed below node_modules, and neither is the project's.
import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE = "node@24.21.0";
const TESTS = join("test", "node", "gateway", "sdk");

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "node_modules", ".newest-clients");

function run(command, args, options) {
  const { status } = spawnSync(command, args, { stdio: "inherit", ...options });
  if (status !== 0) process.exit(status ?? 1);
}

cpSync(join(root, TESTS, "newest"), folder, { recursive: true });
run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder });
run("npx", ["--yes", NODE, join("node_modules", "vitest", "vitest.mjs"), "run", TESTS], {
  cwd: root,
  env: { ...process.env, CLIENTS: join(folder, "clients.mjs") },
});
