// What `npm test` runs: the fast tests, or the files that are named. In the end it says what was left out.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const args = process.argv.slice(2);
/** Whoever names a file or a folder wants it run, fast or not. */
const named = args.some((arg) => !arg.startsWith("-"));
const FAST = ["--project=fast", "--project=pure"];
const projects = named || args.some((arg) => arg.startsWith("--project")) ? [] : FAST;

const run = spawnSync(process.execPath, [vitest, "run", ...projects, ...args], {
  cwd: root,
  stdio: "inherit",
});
process.exitCode = run.status ?? 1;

if (projects.length > 0) {
  const all = readdirSync(join(root, "test"), { recursive: true }).filter((name) =>
    name.endsWith(".test.ts"),
  );
  const listed = spawnSync(process.execPath, [vitest, "list", "--filesOnly", ...FAST], {
    cwd: root,
    encoding: "utf8",
  });
  const fast = listed.stdout.split("\n").filter((line) => line.includes(".test.ts")).length;
  console.log(
    [
      `These were the fast tests: ${fast} of ${all.length} files. Left out: real processes and networks, floods, the fuzzer,`,
      "the explorer and the simulator's swarm. `npm run test:long` runs those; `npm run check` runs everything.",
    ].join("\n"),
  );
}
