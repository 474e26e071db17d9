// `mabeam status`, `id`, `peers`, `stop`, `wallet`, `quorum`, `slash`: how things stand.
import { type Command, Option } from "commander";
import { AMNESIA_HELP } from "../amnesia-words.js";
import { type Run, speaksToDaemon } from "../leaf.js";
import { AMOUNT_RULE, credits, idPrefix, wholeId, wholeNumber } from "../parse.js";

export function networkGroup(program: Command, run: Run): void {
  const node = async () => await import("../commands/node.js");
  speaksToDaemon(
    program.command("status").description("how the daemon is"),
    run,
    async () => (await node()).status,
  );
  speaksToDaemon(
    program.command("id").description("who this daemon is: its peer, its agents, its addresses"),
    run,
    async () => (await node()).identity,
  );
  speaksToDaemon(
    program.command("stop").description("end the daemon in good order"),
    run,
    async () => (await node()).stop,
  );
  const peers = program.command("peers").description("the peers it is connected to");
  speaksToDaemon(
    peers.command("list", { isDefault: true }).description("list them"),
    run,
    async () => (await node()).peers,
  );
  speaksToDaemon(
    peers.command("connect").description("dial another peer").argument("<multiaddr>", "its address"),
    run,
    async () => (await node()).connect,
  );
}

export function moneyGroup(program: Command, run: Run): void {
  const wallet = program.command("wallet").description("what agents have");
  speaksToDaemon(
    wallet
      .command("balance")
      .description("free and locked credits of an agent")
      .argument("[agent]", "id, or a unique beginning of it (default: the daemon's)", idPrefix),
    run,
    async () => (await import("../commands/wallet.js")).balance,
  );
  speaksToDaemon(
    wallet
      .command("history")
      .description("what an agent of this daemon paid and was paid, newest first")
      .addOption(new Option("--agent <id>", "whose (default: the daemon's)").argParser(wholeId))
      .option("--limit <n>", "how many", wholeNumber(1, 200), 20)
      .option("--cursor <cursor>", "the page that follows another"),
    run,
    async () => (await import("../commands/wallet.js")).history,
  );
  speaksToDaemon(
    wallet
      .command("transfer")
      .description("send credits to another agent")
      .argument("<to>", "the whole id of the agent", wholeId)
      .argument("<amount>", "credits", credits)
      .addOption(new Option("--agent <id>", "the agent that pays (default: the daemon's)").argParser(wholeId))
      .option("--fee <credits>", "what the log is paid for it (default: what is asked now)", credits)
      .addHelpText("after", `\n${AMOUNT_RULE}`),
    run,
    async () => (await import("../commands/wallet.js")).transfer,
  );
  speaksToDaemon(
    wallet
      .command("raise")
      .description("pay more for an operation that waits, so that the log takes it sooner")
      .argument("<operation>", "the whole id of the operation", wholeId)
      .option("--fee <credits>", "at least a quarter more (default: what puts it before its like)", credits)
      .addHelpText("after", `\n${AMOUNT_RULE}`),
    run,
    async () => (await import("../commands/wallet.js")).raise,
  );
}

export function quorumGroup(program: Command, run: Run): void {
  const load = async () => await import("../commands/quorum.js");
  const quorum = program.command("quorum").description("who orders the log, and what stands in it");
  speaksToDaemon(
    quorum.command("status").description("term, leader, height, tolerance"),
    run,
    async () => (await load()).status,
  );
  speaksToDaemon(quorum.command("members").description("the seats"), run, async () => (await load()).members);
  speaksToDaemon(
    quorum
      .command("override-amnesia")
      .description("let a seat sign again that may have forgotten what it signed; this can cost its bond")
      .option("--force", "also where the other members could still tell what it signed")
      .option("--yes", "without asking")
      .addHelpText("after", `\n${AMNESIA_HELP}`),
    run,
    async () => (await import("../commands/amnesia.js")).overrideAmnesia,
  );
  const paged = (command: Command) =>
    command
      .option("--limit <n>", "how many", wholeNumber(1, 200), 20)
      .option("--cursor <cursor>", "the page that follows another");
  speaksToDaemon(
    paged(quorum.command("log").description("the newest final entries")),
    run,
    async () => (await load()).log,
  );
  slashCommands(program, run, paged);
}

function slashCommands(program: Command, run: Run, paged: (command: Command) => Command): void {
  const load = async () => await import("../commands/slash.js");
  const slash = program.command("slash").description("bonds that were taken, and for what");
  speaksToDaemon(
    paged(slash.command("list").description("the newest slashes")),
    run,
    async () => (await load()).list,
  );
  speaksToDaemon(
    slash
      .command("show")
      .description("what was taken, and the signed messages that convict, side by side")
      .argument("<id>", "of the slash, or a unique beginning of it", idPrefix),
    run,
    async () => (await load()).show,
  );
  speaksToDaemon(
    slash
      .command("report")
      .description("hand evidence to the network; whoever reports it gets nothing")
      .argument("<file>", "base64, or the output of `slash show --json`; - for stdin"),
    run,
    async () => (await load()).report,
  );
}
