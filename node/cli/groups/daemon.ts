// `mabeam daemon`.
import { configOption, flag, homeOption, jsonOption, type Row } from "../leaf.js";
import { path } from "../parse.js";

const repeated = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** Flags of whatever runs a daemon on this machine alone. */
const own = [
  flag("--api <host:port>", "where the API listens; port 0 takes any free one"),
  flag("--insecure-plain-keys", "keep keys unencrypted; status then says so"),
  flag("--passphrase-file <file>", "a file of one line, the passphrase of the keys", path),
  flag("--log-level <level>", "fatal, error, warn, info, debug, trace"),
];

export const DEV: Row = {
  words: "dev",
  says: "run a network of one in the foreground, founded in .mabeam/dev the first time; for work on your own machine",
  flags: [...own, homeOption(), configOption(), jsonOption()],
  alone: async () => (await import("../commands/dev.js")).dev,
};

export const DAEMON: Row = {
  words: "daemon",
  says: "run a peer in the foreground; Ctrl-C ends it in good order",
  flags: [
    flag("--join <multiaddr>", "a peer of the network to join; may be repeated").argParser(repeated),
    flag("--chain <hash>", "the network's genesis hash: what is fetched must match it"),
    flag(
      "--genesis <file>",
      "what `mabeam network create` wrote: takes the seat that this folder's keys have in it, else follows",
      path,
    ),
    flag("--listen <multiaddr>", "where other peers dial this one; may be repeated").argParser(repeated),
    flag("--api <host:port>", "where the API listens; port 0 takes any free one"),
    flag(
      "--allowed-hosts <name>",
      "a further name by which the API may be called; may be repeated",
    ).argParser(repeated),
    flag("--insecure-api-public", "let the API listen beyond this machine, without TLS"),
    flag("--in-memory", "keep nothing on disk but keys: a restart begins anew"),
    flag("--insecure-plain-keys", "keep keys unencrypted; status then says so"),
    flag("--passphrase-file <file>", "a file of one line, the passphrase of the keys", path),
    flag("--log-level <level>", "fatal, error, warn, info, debug, trace"),
    flag("--max-connections <n>", "connections kept at once, seats of the quorum not counted"),
    flag(
      "--keep <what>",
      "of the log behind the ledger's memory: all, or so much of what transcripts of own auctions need, and of each kind of history (default: 1GB)",
    ),
    homeOption(),
    configOption(),
    jsonOption(),
  ],
  alone: async () => (await import("../commands/daemon.js")).daemon,
};
