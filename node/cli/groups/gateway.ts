// `mabeam gateway …`.
import { arg, configOption, flag, type Group, homeOption, jsonOption } from "../leaf.js";
import { path, wholeNumber } from "../parse.js";

const load = () => import("../commands/gateway-requests.js");

const perMinute = wholeNumber(1, 1_000_000_000);

export const GATEWAY: Group = {
  says: "share the limits of one API key among agents: a request that has no room waits for its turn",
  itself: {
    flags: [
      flag("--upstream <url>", "the API, such as https://api.openai.com"),
      flag("--key-file <file>", "a file of one line, the API's key; clients send any", path),
      flag("--rpm <n>", "requests a minute that the key may make", perMinute),
      flag("--tpm <n>", "tokens a minute, input and output together", perMinute),
      flag("--itpm <n>", "input tokens a minute, where the API counts them apart", perMinute),
      flag("--otpm <n>", "output tokens a minute, where the API counts them apart", perMinute),
      flag(
        "--listen <host:port>",
        "where clients find it (default: 127.0.0.1:4170); port 0 takes any free one",
      ),
      flag(
        "--fail <how>",
        "while its books cannot be written: send no request (closed, the default), or all",
      ).choices(["open", "closed"]),
      flag("--api <host:port>", "where `gateway top` and the like find it; port 0 takes any free one"),
      flag("--insecure-plain-keys", "keep the keys of its ledger unencrypted"),
      flag("--passphrase-file <file>", "a file of one line, the passphrase of those keys", path),
      flag("--log-level <level>", "fatal, error, warn, info, debug, trace"),
      homeOption(),
      configOption(),
      jsonOption(),
    ],
    alone: async () => (await import("../commands/gateway.js")).gateway,
  },
  help: "It runs in the foreground until Ctrl-C, on a ledger of its own in .mabeam/dev, which it makes the first time and resumes later (--home: another folder).",
  rows: [
    {
      words: "top",
      says: "who shares the key's limits, and how it goes with each; on a terminal anew every second",
      flags: [
        flag("--once", "look once, also on a terminal"),
        flag("--agents <n>", "how many, those that were seen last", wholeNumber(1, 4_096), 200),
      ],
      isOfGateway: true,
      asks: async () => (await import("../commands/gateway-top.js")).top,
    },
    {
      words: "requests",
      says: "the requests that ended last",
      flags: [
        flag("--limit <n>", "how many", wholeNumber(1, 200), 20),
        flag("--agent <name>", "of this agent alone, by the name that `gateway top` shows"),
      ],
      isOfGateway: true,
      asks: async () => (await load()).requests,
    },
    {
      words: "explain",
      says: "what became of a request, and why it waited",
      args: [arg("<request>", "its id, as its answer's x-mabeam-request says, or a unique beginning of it")],
      isOfGateway: true,
      asks: async () => (await load()).explain,
    },
  ],
};
