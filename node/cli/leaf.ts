// How commands are declared: their options here, their work in a module that is loaded only when they run.
import { type Command, Option } from "commander";
import { path, patience, wholeNumber } from "./parse.js";
import { Session, type SessionFlags } from "./session.js";
import type { Terminal } from "./terminal.js";

/** What one run of the program shares: its terminal, and the exit code it will have. */
export interface Run {
  readonly terminal: Terminal;
  exit: number;
}

/** The work of a command that speaks to a daemon. Nothing returned: exit 0. */
// biome-ignore lint/suspicious/noConfusingVoidType: most commands end by saying what they have to say
export type Action<O> = (session: Session, options: O, ...args: string[]) => Promise<number | void>;

export const jsonOption = () =>
  new Option("--json", "print JSON: one line, or of a stream one line for each event");
export const homeOption = () =>
  new Option("--home <folder>", "the data folder (MABEAM_HOME)").argParser(path);
export const configOption = () =>
  new Option("--config <file>", "the configuration file (MABEAM_CONFIG)").argParser(path);

/** Gives a command the options of everything that speaks to a daemon, and its work. */
export function speaksToDaemon<O>(command: Command, run: Run, load: () => Promise<Action<O>>): Command {
  return command
    .addOption(jsonOption())
    .addOption(new Option("--api <address>", "the daemon's API, host:port (default: as api.json says)"))
    .addOption(
      new Option("--token-file <file>", "the file of its bearer token (default: as api.json says)").argParser(
        path,
      ),
    )
    .addOption(homeOption())
    .addOption(configOption())
    .addOption(
      new Option("--peer <n>", "which peer of a testnet's process, from 0").argParser(wholeNumber(0, 9999)),
    )
    .addOption(
      new Option(
        "--timeout <duration>",
        "how long to wait for an answer or an outcome, at most 24d (default: 30s; `auction watch`: until it is over)",
      ).argParser(patience),
    )
    .action(async (...given: unknown[]) => {
      const options = given.at(-2) as O & SessionFlags;
      const args = given.slice(0, -2) as string[];
      const [action, session] = [await load(), await Session.open(options, run.terminal)];
      run.exit = (await action(session, options, ...args)) ?? 0;
    });
}

/** Gives a command work that needs no daemon. Nothing returned: exit 0. */
export function worksAlone<O>(
  command: Command,
  run: Run,
  // biome-ignore lint/suspicious/noConfusingVoidType: as above
  load: () => Promise<(terminal: Terminal, options: O, ...args: string[]) => Promise<number | void>>,
): Command {
  return command.action(async (...given: unknown[]) => {
    const action = await load();
    const args = given.slice(0, -2) as string[];
    run.exit = (await action(run.terminal, given.at(-2) as O, ...args)) ?? 0;
  });
}
