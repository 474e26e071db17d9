// How commands are declared: a row for each here, its work in a module that is loaded only when it runs.
import { Argument, type Command, Option } from "commander";
import { usageFailure } from "./failure.js";
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
export function speaksToDaemon<O>(
  command: Command,
  run: Run,
  load: () => Promise<Action<O>>,
  { isOfGateway, instead }: Pick<Row, "isOfGateway" | "instead"> = {},
): Command {
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
      if (instead !== undefined && options[instead.flag as keyof O] !== undefined) {
        const action = (await instead.alone()) as AloneAction<O>;
        run.exit = (await action(run.terminal, options, ...args)) ?? 0;
        return;
      }
      const [action, session] = [
        await load(),
        await Session.open(options, run.terminal, isOfGateway === true),
      ];
      run.exit = (await action(session, options, ...args)) ?? 0;
    });
}

// biome-ignore lint/suspicious/noConfusingVoidType: as above
export type AloneAction<O> = (terminal: Terminal, options: O, ...args: string[]) => Promise<number | void>;

/** Gives a command work that needs no daemon. Nothing returned: exit 0. */
export function worksAlone<O>(command: Command, run: Run, load: () => Promise<AloneAction<O>>): Command {
  return command.action(async (...given: unknown[]) => {
    const action = await load();
    const args = given.slice(0, -2) as string[];
    run.exit = (await action(run.terminal, given.at(-2) as O, ...args)) ?? 0;
  });
}

/** A command: what is typed, what it says of itself, what it takes, and its work, which is loaded when it runs. */
export type Row = {
  readonly words: string;
  readonly says: string;
  readonly args?: readonly Argument[];
  readonly flags?: readonly Option[];
  /** below its options, in `--help` */
  readonly help?: string;
  /** the group's name alone means it */
  readonly isDefault?: true;
  /** with this flag, by its name in code, it does something that needs no daemon */
  readonly instead?: { readonly flag: string; readonly alone: () => Promise<AloneAction<never>> };
  /** commands behind its own words */
  readonly rows?: readonly Row[];
  /** the daemon of a gateway is meant: where nobody names one, that of `.mabeam/dev` */
  readonly isOfGateway?: true;
} & ({ readonly asks: () => Promise<Action<never>> } | { readonly alone: () => Promise<AloneAction<never>> });

/** Commands that begin with the same word. */
export interface Group {
  readonly says: string;
  readonly help?: string;
  readonly rows: readonly Row[];
  /** what the word alone does, with flags of its own */
  readonly itself?: { readonly flags: readonly Option[]; readonly alone: () => Promise<AloneAction<never>> };
}

/** What a text becomes, or an InvalidArgumentError. */
type Reader = (text: string) => unknown;

export function flag(flags: string, says: string, read?: Reader, preset?: unknown): Option {
  const option = new Option(flags, says);
  return read === undefined ? option : option.default(preset).argParser(read);
}

export function arg(name: string, says?: string, read?: Reader): Argument {
  const argument = new Argument(name, says);
  return read === undefined ? argument : argument.argParser(read);
}

/** Adds a command to a program or to a group of it. */
export function addRow(parent: Command, row: Row, run: Run): void {
  const command = parent.command(row.words, { isDefault: row.isDefault === true }).description(row.says);
  for (const argument of row.args ?? []) command.addArgument(argument);
  for (const option of row.flags ?? []) command.addOption(option);
  if (row.help !== undefined) command.addHelpText("after", `\n${row.help}`);
  if ("asks" in row) speaksToDaemon(command, run, row.asks, row);
  else worksAlone(command, run, row.alone);
  for (const inner of row.rows ?? []) addRow(command, inner, run);
}

/** Adds a group with its commands. */
export function addGroup(
  program: Command,
  name: string,
  { says, help, rows, itself }: Group,
  run: Run,
): Command {
  const group = program.command(name).description(says);
  if (help !== undefined) group.addHelpText("after", `\n${help}`);
  if (itself !== undefined) {
    for (const option of itself.flags) group.addOption(option);
    worksAlone(group, run, itself.alone).hook("preSubcommand", refuseFlags);
  }
  for (const row of rows) addRow(group, row, run);
  return group;
}

/** A group's own flags mean nothing to its commands. @throws CliFailure USAGE where one stands before a command's word */
function refuseFlags(group: Command, command: Command): void {
  const given = group.options.filter((one) => group.getOptionValueSource(one.attributeName()) === "cli");
  if (given.length === 0) return;
  throw usageFailure(
    "could not understand the command",
    `${given[0]!.long} stands before ${command.name()}, where it means ${group.name()} itself`,
    `write flags last: \`mabeam ${group.name()} ${command.name()} --help\` says which there are`,
  );
}
