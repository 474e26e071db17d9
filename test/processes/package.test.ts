// Failpoints are for tests: nothing of them is in what is published.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TRACE = /failpoint|black.?box/i;

test("no file of the package knows of failpoints or black boxes", async () => {
  const { stdout } = await promisify(execFile)("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: ROOT,
    maxBuffer: 1 << 24,
  });
  const [{ files }] = JSON.parse(stdout) as [{ files: readonly { path: string }[] }];
  const paths = files.map(({ path }) => path);
  expect(paths).toContain("dist/testnet/isolate/peer-main.js");
  const tainted = (path: string): boolean =>
    TRACE.test(path) || TRACE.test(readFileSync(join(ROOT, path), "utf8"));
  expect(paths.filter((path) => path !== "CHANGELOG.md" && tainted(path))).toEqual([]);
  expect(tainted("test/processes/failpoints.mjs"), "the search finds what it looks for").toBe(true);
});
