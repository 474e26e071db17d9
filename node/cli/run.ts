// One run of the program: arguments in, an exit code out, and every failure in the same three lines.
import { Command, CommanderError } from "commander";
import { EXIT } from "./commands.js";
import { exitOf, failureLines, usageFailure } from "./failure.js";
import { AGENT } from "./groups/agent.js";
import { AUCTION, OUTCOME, VERIFY } from "./groups/auction.js";
import { addWithdrawal, BID } from "./groups/bid.js";
import { BUDGET } from "./groups/budget.js";
import { CONFIG } from "./groups/config.js";
import { DAEMON, DEV } from "./groups/daemon.js";
import { DB } from "./groups/db.js";
import { GATEWAY } from "./groups/gateway.js";
import { KEY } from "./groups/key.js";
import { LEASE } from "./groups/lease.js";
import { NETWORK } from "./groups/network.js";
import { NODE, PEERS } from "./groups/node.js";
import { QUORUM, SLASH } from "./groups/quorum.js";
import { STAKE } from "./groups/stake.js";
import { BENCH, SIMULATE, TESTNET } from "./groups/testnet.js";
import { JURY, TRADE } from "./groups/trade.js";
import { SUBMIT, WALLET } from "./groups/wallet.js";
import { addGroup, addRow, type Run } from "./leaf.js";
import type { Terminal } from "./terminal.js";
import { VERSION } from "./version.js";

/** Runs `mabeam <argv…>`. Never throws. */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<number> {
  const run: Run = { terminal, exit: EXIT.ok };
  const program = programOf(run);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return run.exit;
  } catch (error) {
    if (error instanceof CommanderError) return afterCommander(error, program, argv, terminal);
    for (const line of failureLines(error, terminal.self)) terminal.err(line);
    return exitOf(error);
  }
}

/** Every command of the program, with its arguments and options; nothing runs. */
export function programOf(run: Run): Command {
  const program = new Command("mabeam")
    .description("Agents of different owners share scarce things through sealed-bid markets, with no server.")
    .version(VERSION)
    .enablePositionalOptions()
    .showSuggestionAfterError();
  for (const row of [DAEMON, DEV, ...NODE]) addRow(program, row, run);
  addGroup(program, "network", NETWORK, run);
  addGroup(program, "gateway", GATEWAY, run);
  addGroup(program, "peers", PEERS, run);
  addGroup(program, "agent", AGENT, run);
  addGroup(program, "auction", AUCTION, run);
  addWithdrawal(addGroup(program, "bid", BID, run));
  addGroup(program, "trade", TRADE, run);
  addGroup(program, "jury", JURY, run);
  addGroup(program, "lease", LEASE, run);
  addRow(program, VERIFY, run);
  addRow(program, OUTCOME, run);
  addGroup(program, "wallet", WALLET, run);
  addGroup(program, "stake", STAKE, run);
  addGroup(program, "budget", BUDGET, run);
  addRow(program, SUBMIT, run);
  addGroup(program, "quorum", QUORUM, run);
  addGroup(program, "slash", SLASH, run);
  addGroup(program, "testnet", TESTNET, run);
  addRow(program, SIMULATE, run);
  addRow(program, BENCH, run);
  addGroup(program, "key", KEY, run);
  addGroup(program, "db", DB, run);
  addGroup(program, "config", CONFIG, run);
  settle(program, run.terminal);
  return program;
}

/** Commander neither exits nor writes failures by itself; its help goes where it was asked for. */
function settle(command: Command, terminal: Terminal): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => terminal.out(text.replace(/\n$/, "")),
    writeErr: (text) => terminal.err(text.replace(/\n$/, "")),
    outputError: () => {},
  });
  for (const child of command.commands) settle(child, terminal);
}

function afterCommander(
  error: CommanderError,
  program: Command,
  argv: readonly string[],
  terminal: Terminal,
): number {
  if (error.exitCode === 0) return EXIT.ok;
  // A group without a command has shown its help.
  if (error.code === "commander.help") return EXIT.usage;
  const why = error.message.replace(/^error: /, "").replaceAll("\n", " ");
  const fix = `\`mabeam ${[...commandOf(program, argv), "--help"].join(" ")}\` says what is expected`;
  const failure = usageFailure("could not understand the command", why, fix);
  for (const line of failureLines(failure, terminal.self)) terminal.err(line);
  return EXIT.usage;
}

/** The words of `argv` that name a command. */
function commandOf(program: Command, argv: readonly string[]): string[] {
  const found: string[] = [];
  let here = program;
  for (const word of argv) {
    const next = here.commands.find((child) => child.name() === word);
    if (next === undefined) break;
    found.push(word);
    here = next;
  }
  return found;
}
