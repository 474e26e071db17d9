// The programs in examples/, each as its reader runs it.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs an example to its end. @returns its exit code, and all that it said */
const ran = (path: string): Promise<{ readonly code: number | null; readonly said: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
    child.once("error", reject).once("close", (code) => resolve({ code, said }));
  });

test("five workers claim twenty tasks, two die in the middle, and each task is done by one holder", async () => {
  const { code, said } = await ran("examples/task-claims/run.mjs");
  expect([code, said]).toEqual([0, expect.stringContaining("20 tasks done, 0 wrong")]);
  const done = [...said.matchAll(/^task (\d+): .* fence (\d+)$/gm)].map(([, n]) => n);
  expect(new Set(done).size).toBe(20);
  expect(done).toHaveLength(20);
  expect(said.match(/has died in the middle of a task/g)).toHaveLength(2);
}, 240_000);

test("a picture goes from one owner's daemon to the other's, though the line is cut on its way", async () => {
  const { code, said } = await ran("examples/renderer/run.mjs");
  expect([code, said]).toEqual([0, expect.stringContaining("the picture has 12000017 bytes")]);
  expect(said).toMatch(/12000017 bytes, as the log names them \([0-9a-f]{10}\); paid/);
}, 240_000);
