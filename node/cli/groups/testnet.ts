// `mabeam testnet …`, `simulate`, `bench`: their work is in testnet/cli.
import { InvalidArgumentError } from "commander";
import { FORMAT_NAMES, type FormatName } from "../../contract/auction.js";
import { type AloneAction, arg, flag, type Group, homeOption, jsonOption, type Row } from "../leaf.js";
import { credits, wholeId, wholeNumber, words } from "../parse.js";

/** The work of a command, in the module of its name. Loaded by address, so that node/ has no import of testnet/. */
const work = (name: string) => async (): Promise<AloneAction<never>> =>
  (await import(new URL(`../../../testnet/cli/${name}.js`, import.meta.url).href)).run;

const natural = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const where = [homeOption(), jsonOption()];
const size = [
  flag("--peers <n>", "how many peers", wholeNumber(1, 128)),
  flag("--quorum <n>", "how many of them hold a seat (default: 7, or all if fewer)", wholeNumber(1, 128)),
  flag("--agents <n>", "how many demo agents", wholeNumber(0, 256)),
  flag("--seed <n>", "from which keys, values and choices follow", natural),
];

/** @throws InvalidArgumentError */
function formatNames(text: string): readonly FormatName[] {
  if (text === "all") return FORMAT_NAMES;
  return text.split(",").map((name) => {
    const known = FORMAT_NAMES.find((one) => one === name);
    if (known !== undefined) return known;
    throw new InvalidArgumentError(`No format is called ${name}. There are: ${FORMAT_NAMES.join(", ")}.`);
  });
}

export const TESTNET: Group = {
  says: "a network of real peers on this machine",
  rows: [
    {
      words: "up",
      says: "start it, or resume it",
      flags: [
        ...size,
        flag(
          "--isolate <how>",
          "process: one process per peer, so that a kill is a kill -9 (about 140 MB each; 4 peers by default)",
        ).choices(["process"]),
        flag("-d, --detach", "run in the background"),
        flag("--wait", "with --detach: return once it is ready"),
        flag("--rounds <n>", "end after this many auctions", wholeNumber(1, 1_000_000)),
        flag("--in-memory", "keep nothing on disk"),
        flag("--show-keys", "print the private test keys"),
        flag("--api <host:port>", "where the API listens"),
        ...where,
      ],
      alone: work("up"),
    },
    {
      words: "run",
      says: "start, trade, check, stop: exit 0 only if every check held",
      flags: [
        ...size,
        flag("--rounds <n>", "how many auctions", wholeNumber(1, 1_000_000)),
        flag("--formats <names>", "all, or some with commas between: sellers take them in turn", formatNames),
        jsonOption(),
      ],
      alone: work("run"),
    },
    { words: "down", says: "stop it", flags: where, alone: work("down") },
    { words: "ps", says: "its peers", flags: where, alone: work("ps") },
    {
      words: "reset",
      says: "remove what it has left: keys, log and stores of its peers",
      flags: [flag("--yes", "without asking"), ...where],
      alone: work("reset"),
    },
    {
      words: "logs",
      says: "its log",
      flags: [
        flag("-f, --follow", "go on as it grows"),
        flag("-n, --lines <n>", "how many of the last lines", wholeNumber(1, 100_000), 50),
        flag("--peer <n>", "of this peer, where each has a process of its own", wholeNumber(0, 127)),
        homeOption(),
      ],
      alone: work("logs"),
    },
    {
      words: "faucet",
      says: "grant credits out of nothing; only the testnet's own process can",
      args: [arg("[agent]", "the whole id (default: the daemon's own agent)", wholeId)],
      flags: [
        flag("--amount <credits>", "how many free ones (default: the faucet's usual, with stake)", credits),
        flag("--stake <credits>", "how many as stake (default: none beside --amount)", credits),
      ],
      asks: async () => (await import("../commands/wallet.js")).faucet,
    },
  ],
};

export const SIMULATE: Row = {
  words: "simulate",
  says: "the same protocol under a virtual clock, network and disk, with faults",
  flags: [
    flag("--seed <n>", "of the first run; run i has seed + i", natural, 1),
    flag("--runs <n>", "how many", wholeNumber(1, 1_000_000_000), 100),
    flag("--peers <n>", "how many peers", wholeNumber(1, 128)),
    flag("--quorum <n>", "how many seats", wholeNumber(1, 128)),
    flag("--byzantine <n>", "how many of the seats lie", wholeNumber(0, 128)),
    flag("--faults <kinds>", "only these kinds, separated by commas", words),
    flag("--mutant <name>", "break one rule on purpose: the run must find it"),
    flag("--list-mutants", "name them"),
    flag("--only <parts>", "only these parts of one seed's scenario", words),
    flag("--no-shrink", "leave a violation as it was found"),
    jsonOption(),
  ],
  alone: work("simulate"),
};

export const BENCH: Row = {
  words: "bench",
  says: "measure, each figure beside its limit in the same run",
  args: [arg("[group]", "gateway: the rows of the gateway; without it the usual ones")],
  flags: [flag("--only <text>", "only rows whose name contains this"), jsonOption()],
  alone: work("bench"),
};
