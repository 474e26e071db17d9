// `mabeam gateway …`.
import { arg, configOption, flag, type Group, homeOption, jsonOption } from "../leaf.js";
import {
  AMOUNT_RULE,
  agentName,
  credits,
  creditsOrNone,
  duration,
  momentOrNone,
  path,
  repeated,
  repeatedId,
  wholeId,
  wholeNumber,
  words,
} from "../parse.js";

const load = () => import("../commands/gateway-requests.js");

const agents = () => import("../commands/gateway-agents.js");

const figures = [
  flag("--weight <n>", "of the share of the limits: 1 to 10,000", wholeNumber(1, 10_000)),
  flag("--band <band>", "who goes first").choices(["interactive", "normal", "batch"]),
  flag(
    "--parent <name>",
    "the agent whose share it draws from and whose limits hold for it too, or none",
    agentName,
  ),
  flag("--per-day <credits>", "what it and all below it may spend a day (UTC), or none", creditsOrNone),
  flag("--per-week <credits>", "a week, from Monday on", creditsOrNone),
  flag("--per-month <credits>", "a month of the calendar", creditsOrNone),
  flag("--per-session <credits>", "each session, with its subagents", creditsOrNone),
  flag("--total <credits>", "in all, since it was added", creditsOrNone),
  flag("--until <time>", "its last moment, such as 2026-05-01T12:00:00Z, or none", momentOrNone),
];
const agent = arg("<name>", "the agent", agentName);
const CREDIT_RULE = `One credit stands for one US dollar of the price list. ${AMOUNT_RULE} Files, batches and pictures whose answers tell no usage cost nothing in the books: \`mabeam gateway --strict-paths\` refuses them.`;

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
        "--shared-limits",
        "the API limits all models together; otherwise each class of models has the limits that are given",
      ),
      flag("--strict-paths", "refuse calls that no API of these kinds has; otherwise they are passed on"),
      flag(
        "--prices <file>",
        "prices of models, in LiteLLM's schema, which go before the gateway's own",
        path,
      ),
      flag(
        "--fallback <chain>",
        "MODEL=MODEL2[,MODEL3…]: who answers where MODEL cannot; may be repeated",
        repeated,
      ),
      flag(
        "--fallback-on <troubles>",
        "in which another model answers: limit, context, policy, outage (default: outage,limit)",
        words,
      ),
      flag("--fallback-dearer", "it may be a model that costs more, or of which no list knows the price"),
      flag(
        "--listen <host:port>",
        "where clients find it (default: 127.0.0.1:4170); port 0 takes any free one",
      ),
      flag(
        "--share <name>",
        "share the key with gateways of other owners, by windows of it that are sold under this name",
      ),
      flag(
        "--seller <agent>",
        "who owns the key and sells its windows (default: this gateway does)",
        wholeId,
      ),
      flag("--parts <n>", "of each window's 1,000 parts: as many are bid for", wholeNumber(1, 1_000)),
      flag("--part-price <credits>", "the most that is paid for a part (default: 0.0001)", credits),
      flag("--window <duration>", "how long a window is that is sold (default: 60s)", duration).conflicts(
        "seller",
      ),
      flag(
        "--ahead <n>",
        "windows that are sold ahead of the one that runs (default: 2)",
        wholeNumber(1, 60),
      ).conflicts("seller"),
      flag(
        "--keep-parts <n>",
        "parts that are not sold: with what nobody buys they are the seller's (default: 0)",
        wholeNumber(0, 999),
      ).conflicts("seller"),
      flag("--reserve <credits>", "the least price of a part (default: 0.000001)", credits).conflicts(
        "seller",
      ),
      flag(
        "--deputy <agent>",
        "who takes this gateway's parts over if it falls silent; may be repeated",
        repeatedId,
      ),
      flag("--genesis <file>", "with --share: what founds the network, or the folder's own again", path),
      flag(
        "--term <duration>",
        "how long it may be silent before (default: the shortest that the network allows)",
        duration,
      ),
      flag("--join <multiaddr>", "with --share: a peer of the network to join; may be repeated", repeated),
      flag("--chain <hash>", "with --share: the network's genesis hash"),
      flag(
        "--peer-listen <multiaddr>",
        "with --share: where other peers dial this one; may be repeated",
        repeated,
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
  help: "It runs in the foreground until Ctrl-C, on a ledger of its own in .mabeam/dev, which it makes the first time and resumes later (--home: another folder). With --share it runs on the network of its folder, as `mabeam daemon` does.",
  rows: [
    {
      words: "top",
      says: "who shares the key's limits, and how it goes with each; on a terminal anew every second",
      flags: [
        flag("--once", "look once, also on a terminal"),
        flag(
          "--shares",
          "what each share was granted, what it lent and borrowed, in the place of its counts",
        ),
        flag("--agents <n>", "how many, those that were seen last", wholeNumber(1, 4_096), 200),
      ],
      isOfGateway: true,
      asks: async () => (await import("../commands/gateway-top.js")).top,
    },
    {
      words: "requests",
      says: "the requests that ended last, or those that wait now",
      flags: [
        flag("--limit <n>", "how many", wholeNumber(1, 200), 20),
        flag("--waiting", "those that wait now, whoever has waited for longest first"),
        flag("--agent <name>", "of this agent alone, by its name, or as `gateway top` shows it"),
      ],
      isOfGateway: true,
      asks: async () => (await load()).requests,
    },
    {
      words: "explain",
      says: "what became of a request, and why it waited or waits",
      args: [arg("<request>", "its id, as its answer's x-mabeam-request says, or a unique beginning of it")],
      isOfGateway: true,
      asks: async () => (await load()).explain,
    },
    {
      words: "agents",
      says: "the agents that have names: keys, shares, and what each may spend and has spent",
      isOfGateway: true,
      asks: async () => (await agents()).list,
      rows: [
        {
          words: "add",
          says: "name an agent; its key is shown once",
          args: [agent],
          flags: figures,
          help: CREDIT_RULE,
          isOfGateway: true,
          asks: async () => (await agents()).add,
        },
        {
          words: "set",
          says: "change what an agent is entitled to and may spend; `unknown` is the one of callers without a key",
          args: [agent],
          flags: figures,
          help: CREDIT_RULE,
          isOfGateway: true,
          asks: async () => (await agents()).set,
        },
        {
          words: "remove",
          says: "remove an agent: its key is nobody's from then on",
          args: [agent],
          isOfGateway: true,
          asks: async () => (await agents()).remove,
        },
        {
          words: "key",
          says: "give an agent a new key, shown once; the one before ends",
          args: [agent],
          isOfGateway: true,
          asks: async () => (await agents()).key,
        },
      ],
    },
  ],
};
