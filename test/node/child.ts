// Real child processes of a test: TypeScript files of test/node/children, spoken to by lines.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const HOOKS = new URL("./typescript-hooks.mjs", import.meta.url).href;

export interface Child {
  readonly process: ChildProcess;
  /** The next line of its stdout, or null when it has ended. */
  line(): Promise<string | null>;
  /** Waits until it has ended: the exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals>;
  /** kill -9, and waits. */
  kill(): Promise<void>;
}

/** @param options.maxFileKib a limit on every file the child writes (`ulimit -f`): a disk that fills up */
export function startChild(
  name: string,
  args: readonly string[],
  options: { maxFileKib?: number } = {},
): Child {
  const script = fileURLToPath(new URL(`./children/${name}.ts`, import.meta.url));
  const command = [process.execPath, "--import", HOOKS, script, ...args];
  const limited =
    options.maxFileKib === undefined
      ? command
      : ["bash", "-c", `ulimit -f ${options.maxFileKib} && exec "$@"`, "bash", ...command];
  return childOf(limited);
}

/** Any program, by its command and arguments. */
export function childOf(command: readonly string[]): Child {
  const child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  const end = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const kill = async () => {
    child.kill("SIGKILL");
    await end;
  };
  onTestFinished(kill);
  return {
    process: child,
    line: async () => {
      const next = await lines.next();
      return next.done ? null : next.value;
    },
    ended: () => end,
    kill,
  };
}
