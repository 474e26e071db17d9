// `mabeam network …`.
import { arg, configOption, flag, type Group, homeOption, jsonOption } from "../leaf.js";
import { AMOUNT_RULE, credits, networkName, path } from "../parse.js";

const paths = (text: string, before: readonly string[] = []): readonly string[] => [...before, path(text)];

export const NETWORK: Group = {
  says: "networks of several owners",
  rows: [
    {
      words: "create",
      says: "found one: make of its seats' member files the one file that everybody's daemon starts with",
      flags: [
        flag(
          "--seats <file>",
          "what `mabeam id --seat` wrote; once for each seat (default: this folder alone)",
          paths,
        ),
        flag("--trust <whom>", "whom its owners trust: each other as one domain, or strangers")
          .choices(["domain", "strangers"])
          .default("domain"),
        flag("--name <name>", "shown to people (default: one that nobody has)", networkName),
        flag("--funds <credits>", "what each seat's owner begins with (default: 1000000)", credits),
        flag("--stake <credits>", "its stake beside its bond (default: 10000)", credits),
        flag(
          "--allowance <credits>",
          "what it may grant to others, 0 for nothing (default: 1000000)",
          credits,
        ),
        flag("--out <file>", "where to write it", path).default("network.json"),
        flag("--insecure-plain-keys", "of a network of this folder alone: keep keys unencrypted"),
        flag("--passphrase-file <file>", "a file of one line, the passphrase of this folder's keys", path),
        homeOption(),
        configOption(),
        jsonOption(),
      ],
      help: AMOUNT_RULE,
      alone: async () => (await import("../commands/network.js")).create,
    },
    {
      words: "show",
      says: "what a founding file founds, before a daemon takes it: who sits, with what, by which rules",
      args: [arg("<file>", "what `mabeam network create` wrote", path)],
      flags: [homeOption(), configOption(), jsonOption()],
      alone: async () => (await import("../commands/network.js")).show,
    },
  ],
};
