// The built program as a process of one test: what it says, line by line, and how it ends.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

export interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<number | NodeJS.Signals>;
  /** the next line of stdout; null: it has ended */
  line(): Promise<string | null>;
  /** The next document of stdout, of this kind if one is named. @throws Error with what it said: it ended without one */
  document(kind?: string): Promise<Record<string, unknown>>;
  /** all of stderr so far */
  readonly said: () => string;
}

/** Starts `mabeam <argv>` in an environment that nobody has set anything of; it ends with the test. */
export function start(...argv: string[]): Program {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  const child = spawn(process.execPath, ["bin/mabeam.mjs", ...argv], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit").then(([code, signal]) => code ?? signal);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  let said = "";
  child.stderr!.on("data", (text) => {
    said += text;
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const line = async () => {
    const next = await lines.next();
    return next.done ? null : next.value;
  };
  const document = async (kind?: string): Promise<Record<string, unknown>> => {
    for (let text = await line(); text !== null; text = await line()) {
      const one = JSON.parse(text);
      if (kind === undefined || one.kind === kind) return one;
    }
    throw new Error(`it ended without ${kind ?? "a document"}: ${said}`);
  };
  return { child, ended, said: () => said, line, document };
}
