// The client in Python alone: what it takes for a value, a budget, an output, a folder, and what not.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

it("python/mabeam.py passes its checks", () => {
  const args = ["-B", at("./python/checks.py"), at("../../../python")];
  const { stdout, stderr } = spawnSync("python3", args, { encoding: "utf8" });
  expect([stdout.trim(), stderr]).toEqual(["ok", ""]);
});
