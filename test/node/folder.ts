// A folder for one test, gone when the test is over.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export async function testFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "mabeam-test-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}
