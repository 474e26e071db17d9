// Which of its two builds the command line is started from.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../folder.js";

/** A checkout of which each program says which it is; files by the second at which they were made. */
async function started(made: Readonly<Record<string, number>>, command = "status"): Promise<string> {
  const root = await testFolder();
  cpSync("bin", join(root, "bin"), { recursive: true });
  writeFileSync(join(root, "package.json"), '{"type":"module"}');
  for (const folder of ["node/cli", "client"]) mkdirSync(join(root, "dist", folder), { recursive: true });
  for (const [path, second] of Object.entries(made)) {
    const file = join(root, "dist", path);
    writeFileSync(file, path.endsWith(".js") ? `console.log(${JSON.stringify(path)});` : "");
    utimesSync(file, second, second);
  }
  return execFileSync(process.execPath, [join(root, "bin", "mabeam.mjs"), command], {
    encoding: "utf8",
  }).trim();
}

const WHOLE = "node/cli/main.js";
const CLIENT = "client/main.js";

test.each([
  ["there is no bundle", { [WHOLE]: 1 }, WHOLE],
  [
    "the bundle is the newest",
    { [WHOLE]: 1, "src.tsbuildinfo": 2, "node.tsbuildinfo": 2, [CLIENT]: 3 },
    CLIENT,
  ],
  ["TypeScript was run after it for node", { [WHOLE]: 1, "node.tsbuildinfo": 4, [CLIENT]: 3 }, WHOLE],
  ["TypeScript was run after it for src", { [WHOLE]: 1, "src.tsbuildinfo": 4, [CLIENT]: 3 }, WHOLE],
  ["it is a package, without TypeScript's notes", { [WHOLE]: 5, [CLIENT]: 3 }, CLIENT],
])("where %s, a command is started from the right build", async (_, made, from) => {
  expect(await started(made as Record<string, number>)).toBe(from);
});

test.each(["daemon", "db"])(
  "%s, which loads what a bundle cannot hold, is never of the bundle",
  async (command) => {
    expect(await started({ [WHOLE]: 1, [CLIENT]: 3 }, command)).toBe(WHOLE);
  },
);
