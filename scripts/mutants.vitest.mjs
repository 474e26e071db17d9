// Vitest's configuration for one mutant: a comparison of one source file is another. scripts/mutants.mjs sets the variable.
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";

const { file, from, to, text } = JSON.parse(process.env.MABEAM_MUTANT);
const target = resolve(file);

/** What each file took in the last `npm run check`, if there was one. */
const REPORT = join("dist", "report", "fast.json");
const took = new Map(
  existsSync(REPORT)
    ? JSON.parse(readFileSync(REPORT, "utf8")).testResults.map((one) => [
        one.name,
        one.endTime - one.startTime,
      ])
    : [],
);

/** The quick files first: one failure is enough, and the long searches rarely give the first. */
class CheapestFirst extends BaseSequencer {
  async sort(specs) {
    const cost = ({ moduleId }) => took.get(moduleId) ?? statSync(moduleId).size;
    return [...specs].sort((a, b) => cost(a) - cost(b));
  }
}

export default defineConfig({
  plugins: [
    {
      name: "mutant",
      enforce: "pre",
      transform(code, id) {
        return id.split("?")[0] === target ? code.slice(0, from) + text + code.slice(to) : null;
      },
    },
  ],
  test: {
    setupFiles: ["test/setup.ts"],
    pool: "forks",
    isolate: false,
    maxWorkers: 1,
    testTimeout: 300_000,
    bail: 1,
    sequence: { sequencer: CheapestFirst },
  },
});
