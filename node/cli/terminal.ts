// The terminal that a command runs in: where its lines go, and what may be assumed of whoever reads them.
import { createInterface } from "node:readline/promises";
import type { WriteStream } from "node:tty";
import { codeOf, messageOf } from "../accident.js";
import { escaped, printable } from "../printable.js";
import { calledAs } from "./called-as.js";
import { type CommandIo, EXIT } from "./commands.js";

/** A terminal that shows one thing, again and again as it is by then. */
export interface Screen {
  /** Writes over what it showed before; what is wider or higher than the terminal is cut off. */
  show(lines: readonly string[]): void;
}

export interface Terminal extends CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** null: what is written goes on below what was, as into a file */
  readonly screen: Screen | null;
  /** Asks a person; null where nobody can answer. */
  confirm(question: string): Promise<boolean | null>;
}

/** The terminal of this process. Everything it prints passes `printable`: no word from elsewhere steers a terminal. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const plain = Boolean(env.NO_COLOR) || env.TERM === "dumb";
  const paints = (stream: WriteStream): boolean => stream.isTTY === true && !plain;
  const [outColors, errColors] = [paints(stdout), paints(stderr)];
  let outGone = false;
  let errGone = false;
  let outlives = false;
  const err = (text: string): void => void (errGone || stderr.write(`${printable(text, errColors)}\n`));
  // With stderr gone there is nobody left to tell.
  stderr.on("error", () => {
    errGone = true;
  });
  stdout.on("error", (error) => {
    if (outGone) return;
    outGone = true;
    if (outlives) return;
    // A reader that has enough, such as `head`, is no failure.
    if (codeOf(error) === "EPIPE") process.exit(EXIT.ok);
    err("mabeam: could not write the answer.");
    err(`Cause: ${messageOf(error)}`);
    err("Fix: make room where stdout goes, or send it elsewhere");
    process.exit(EXIT.failed);
  });
  return {
    env,
    out: (text) => void (outGone || stdout.write(`${printable(text, outColors)}\n`)),
    err,
    colors: outColors || errColors,
    progress: stderr.isTTY === true && env.TERM !== "dumb",
    screen: stdout.isTTY === true && env.TERM !== "dumb" ? screenOf(stdout) : null,
    self: calledAs(process.argv[1], process.cwd(), process.platform),
    outlive() {
      outlives = true;
    },
    async confirm(question) {
      if (stdin.isTTY !== true || stderr.isTTY !== true) return null;
      const prompt = createInterface({ input: stdin, output: stderr });
      const closed = new Promise<null>((resolve) => prompt.once("close", () => resolve(null)));
      const answer = await Promise.race([prompt.question(`${printable(question, false)} [y/N] `), closed]);
      prompt.close();
      return answer === null ? null : /^y(es)?$/i.test(answer.trim());
    },
  };
}

const ESC = "\u001b";
const [TOP, REST_OF_LINE, REST_OF_SCREEN] = [`${ESC}[H`, `${ESC}[K`, `${ESC}[J`];

/** Plain lines: they are cut by their letters. */
function screenOf(stdout: WriteStream): Screen {
  return {
    show(lines) {
      const { columns = 80, rows = 24 } = stdout;
      const shown = lines.slice(0, Math.max(1, rows - 1));
      const text = shown.map((line) => `${escaped(line).slice(0, columns)}${REST_OF_LINE}\n`).join("");
      stdout.write(TOP + text + REST_OF_SCREEN);
    },
  };
}
