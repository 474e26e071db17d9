// Vitest's configuration for one mutant: a comparison of one source file is another. scripts/mutants.mjs sets the variable.
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

const { file, from, to, text } = JSON.parse(process.env.MABEAM_MUTANT);
const target = resolve(file);

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
  test: { setupFiles: ["test/setup.ts"], pool: "forks", isolate: false, maxWorkers: 1, testTimeout: 300_000, bail: 1 },
});
