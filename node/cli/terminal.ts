// The terminal that a command runs in: where its lines go, and what may be assumed of whoever reads them.
import { existsSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import type { CommandIo } from "./commands.js";

export interface Terminal extends CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks a person; null where nobody can answer. */
  confirm(question: string): Promise<boolean | null>;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  let readerGone = false;
  // A reader that has enough, such as `head`, is no failure. Whoever handles signals has more to do than to print.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    readerGone = true;
    if (process.listenerCount("SIGTERM") === 0) process.exit(0);
  });
  return {
    env,
    out: (line) => void (readerGone || stdout.write(`${line}\n`)),
    err: (line) => void stderr.write(`${line}\n`),
    colors: stdout.isTTY === true && !env.NO_COLOR,
    progress: stderr.isTTY === true,
    self: inCheckout() ? "npx mabeam" : "mabeam",
    async confirm(question) {
      if (stdin.isTTY !== true || stderr.isTTY !== true) return null;
      const prompt = createInterface({ input: stdin, output: stderr });
      const answer = await prompt.question(`${question} [y/N] `);
      prompt.close();
      return /^y(es)?$/i.test(answer.trim());
    },
  };
}

/** In a checkout no PATH holds `mabeam`. The project's tsconfig.json is there, and in no package. */
function inCheckout(): boolean {
  const roots = ["../../tsconfig.json", "../../../tsconfig.json"];
  return roots.some((file) => existsSync(fileURLToPath(new URL(file, import.meta.url))));
}
