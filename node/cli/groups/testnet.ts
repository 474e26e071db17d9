// `mabeam testnet …`, `simulate`, `bench`: declared here, done in testnet/.
import { type Command, InvalidArgumentError, Option } from "commander";
import { FORMAT_NAMES, type FormatName } from "../../contract/auction.js";
import { EXIT, runTestnetCommand } from "../commands.js";
import { usageFailure } from "../failure.js";
import { homeOption, jsonOption, type Run, speaksToDaemon, worksAlone } from "../leaf.js";
import { credits, wholeId, wholeNumber, words } from "../parse.js";

const natural = wholeNumber(0, Number.MAX_SAFE_INTEGER);

const sized = (command: Command) =>
  command
    .option("--peers <n>", "how many peers", wholeNumber(1, 128))
    .option("--quorum <n>", "how many of them hold a seat (default: 7, or all if fewer)", wholeNumber(1, 128))
    .option("--agents <n>", "how many demo agents", wholeNumber(0, 256))
    .option("--seed <n>", "from which keys, values and choices follow", natural);

interface SizeFlags {
  readonly peers?: number;
  readonly quorum?: number;
  readonly agents?: number;
  readonly seed?: number;
}
const sizeOf = ({ peers, quorum, agents, seed }: SizeFlags) => ({
  peers: peers ?? null,
  quorum: quorum ?? null,
  agents: agents ?? null,
  seed: seed ?? null,
});

interface UpFlags extends SizeFlags {
  readonly isolate?: "process";
  readonly detach?: true;
  readonly wait?: true;
  readonly rounds?: number;
  readonly inMemory?: true;
  readonly showKeys?: true;
  readonly api?: string;
  readonly home?: string;
  readonly json?: true;
}

export function testnetGroup(program: Command, run: Run): void {
  const testnet = program.command("testnet").description("a network of real peers on this machine");
  upCommand(testnet, run);
  runCommand(testnet, run);
  processCommands(testnet, run);
  speaksToDaemon(
    testnet
      .command("faucet")
      .description("grant credits out of nothing; only the testnet's own process can")
      .argument("[agent]", "the whole id (default: the daemon's own agent)", wholeId)
      .option("--amount <credits>", "how many (default: the faucet's usual)", credits),
    run,
    async () => (await import("../commands/wallet.js")).faucet,
  );
}

function upCommand(testnet: Command, run: Run): void {
  worksAlone(
    sized(testnet.command("up").description("start it, or resume it"))
      .addOption(
        new Option(
          "--isolate <how>",
          "process: one process per peer, so that a kill is a kill -9 (about 140 MB each; 4 peers by default)",
        ).choices(["process"]),
      )
      .option("-d, --detach", "run in the background")
      .option("--wait", "with --detach: return once it is ready")
      .option("--rounds <n>", "end after this many auctions", wholeNumber(1, 1_000_000))
      .option("--in-memory", "keep nothing on disk")
      .option("--show-keys", "print the private test keys")
      .option("--api <host:port>", "where the API listens")
      .addOption(homeOption())
      .addOption(jsonOption()),
    run,
    async () => (terminal, flags: UpFlags) =>
      runTestnetCommand(
        "up",
        {
          ...sizeOf(flags),
          home: flags.home ?? null,
          isolate: flags.isolate ?? null,
          detach: flags.detach === true,
          wait: flags.wait === true,
          rounds: flags.rounds ?? null,
          inMemory: flags.inMemory === true,
          showKeys: flags.showKeys === true,
          api: flags.api ?? null,
          json: flags.json === true,
        },
        terminal,
      ),
  );
}

interface RunFlags extends SizeFlags {
  readonly rounds?: number;
  readonly formats?: readonly FormatName[];
  readonly json?: true;
}

/** @throws InvalidArgumentError */
function formatNames(text: string): readonly FormatName[] {
  if (text === "all") return FORMAT_NAMES;
  return text.split(",").map((name) => {
    const known = FORMAT_NAMES.find((one) => one === name);
    if (known !== undefined) return known;
    throw new InvalidArgumentError(`No format is called ${name}. There are: ${FORMAT_NAMES.join(", ")}.`);
  });
}

function runCommand(testnet: Command, run: Run): void {
  worksAlone(
    sized(testnet.command("run").description("start, trade, check, stop: exit 0 only if every check held"))
      .option("--rounds <n>", "how many auctions", wholeNumber(1, 1_000_000))
      .option("--formats <names>", "all, or some with commas between: sellers take them in turn", formatNames)
      .addOption(jsonOption()),
    run,
    async () => (terminal, flags: RunFlags) =>
      runTestnetCommand(
        "run",
        {
          ...sizeOf(flags),
          rounds: flags.rounds ?? null,
          formats: flags.formats ?? null,
          json: flags.json === true,
        },
        terminal,
      ),
  );
}

interface HomeFlags {
  readonly home?: string;
  readonly json?: true;
}

interface LogsFlags extends HomeFlags {
  readonly follow?: true;
  readonly lines: number;
  readonly peer?: number;
}

function processCommands(testnet: Command, run: Run): void {
  for (const [name, description] of [
    ["down", "stop it"],
    ["ps", "its peers"],
  ] as const) {
    worksAlone(
      testnet.command(name).description(description).addOption(homeOption()).addOption(jsonOption()),
      run,
      async () => (terminal, flags: HomeFlags) =>
        runTestnetCommand(name, { home: flags.home ?? null, json: flags.json === true }, terminal),
    );
  }
  worksAlone(
    testnet
      .command("reset")
      .description("remove what it has left: keys, log and stores of its peers")
      .option("--yes", "without asking")
      .addOption(homeOption())
      .addOption(jsonOption()),
    run,
    async () => async (terminal, flags: HomeFlags & { readonly yes?: true }) => {
      const meant = flags.yes ?? (await terminal.confirm("Remove the testnet and everything on it?"));
      if (meant === null) throw unasked();
      if (!meant) return EXIT.ok;
      return runTestnetCommand("reset", { home: flags.home ?? null, json: flags.json === true }, terminal);
    },
  );
  worksAlone(
    testnet
      .command("logs")
      .description("its log")
      .option("-f, --follow", "go on as it grows")
      .option("-n, --lines <n>", "how many of the last lines", wholeNumber(1, 100_000), 50)
      .option("--peer <n>", "of this peer, where each has a process of its own", wholeNumber(0, 127))
      .addOption(homeOption()),
    run,
    async () => (terminal, flags: LogsFlags) =>
      runTestnetCommand(
        "logs",
        {
          home: flags.home ?? null,
          peer: flags.peer ?? null,
          follow: flags.follow === true,
          lines: flags.lines,
        },
        terminal,
      ),
  );
}

const unasked = () =>
  usageFailure(
    "did not remove the testnet",
    "nobody is here to ask whether it is meant",
    "add --yes if it is",
  );

interface SimulateFlags {
  readonly seed: number;
  readonly runs: number;
  readonly peers?: number;
  readonly quorum?: number;
  readonly byzantine?: number;
  readonly faults?: readonly string[];
  readonly mutant?: string;
  readonly only?: readonly string[];
  readonly shrink: boolean;
  readonly listMutants?: true;
  readonly json?: true;
}

export function simulateGroup(program: Command, run: Run): void {
  worksAlone(
    program
      .command("simulate")
      .description("the same protocol under a virtual clock, network and disk, with faults")
      .option("--seed <n>", "of the first run; run i has seed + i", natural, 1)
      .option("--runs <n>", "how many", wholeNumber(1, 1_000_000_000), 100)
      .option("--peers <n>", "how many peers", wholeNumber(1, 128))
      .option("--quorum <n>", "how many seats", wholeNumber(1, 128))
      .option("--byzantine <n>", "how many of the seats lie", wholeNumber(0, 128))
      .addOption(new Option("--faults <kinds>", "only these kinds, separated by commas").argParser(words))
      .option("--mutant <name>", "break one rule on purpose: the run must find it")
      .option("--list-mutants", "name them")
      .addOption(new Option("--only <parts>", "only these parts of one seed's scenario").argParser(words))
      .option("--no-shrink", "leave a violation as it was found")
      .addOption(jsonOption()),
    run,
    async () => (terminal, flags: SimulateFlags) =>
      runTestnetCommand(
        "simulate",
        {
          seed: flags.seed,
          runs: flags.runs,
          peers: flags.peers ?? null,
          quorum: flags.quorum ?? null,
          byzantine: flags.byzantine ?? null,
          faults: flags.faults ?? null,
          mutant: flags.mutant ?? null,
          only: flags.only ?? null,
          shrink: flags.shrink,
          listMutants: flags.listMutants === true,
          json: flags.json === true,
        },
        terminal,
      ),
  );
  worksAlone(
    program
      .command("bench")
      .description("measure, each figure beside its limit in the same run")
      .option("--only <text>", "only rows whose name contains this")
      .addOption(jsonOption()),
    run,
    async () => (terminal, flags: { readonly only?: string; readonly json?: true }) =>
      runTestnetCommand("bench", { only: flags.only ?? null, json: flags.json === true }, terminal),
  );
}
