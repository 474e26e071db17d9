// `mabeam trade …` and `mabeam jury …`: what was promised is delivered and paid, or disputed and judged.
import { arg, flag, type Group } from "../leaf.js";
import { AMOUNT_RULE, credits, idPrefix, path, wholeId, wholeNumber } from "../parse.js";
import { actorFlags, pageFlags } from "./shared.js";

const load = () => import("../commands/trade.js");
const say = () => import("../commands/trade-say.js");
const goods = () => import("../commands/goods.js");
const jury = () => import("../commands/jury.js");

const tradeArg = arg("<trade>", "id, or a unique beginning of it", idPrefix);
const states = ["due", "delivered", "disputed", "paid", "refunded", "split"];

const FAILING_RULE =
  "Giving up is the cheapest way to fail, silence costs more, and being proven wrong most: `slash quote <trade>` says how much.";

export const TRADE: Group = {
  says: "what auctions have promised: deliver it, accept it, give it up, dispute it",
  help: FAILING_RULE,
  rows: [
    {
      words: "list",
      says: "the newest trades that the ledger has, or with --ended all that have ended",
      flags: [
        flag("--agent <id>", "only those of this agent", idPrefix),
        flag("--role <role>", "only those in which the agent (default: the daemon's) is this").choices([
          "performer",
          "buyer",
        ]),
        flag("--state <state>", "only those in this state").choices(states),
        flag("--auction <id>", "only those of this auction", wholeId),
        flag("--ended", "from history: what has ended, also what the ledger has forgotten").conflicts([
          "role",
          "state",
          "auction",
        ]),
        flag("--capability <name>", "with --ended: only trades of this").conflicts("agent"),
        ...pageFlags,
      ],
      asks: async () => (await load()).list,
    },
    {
      words: "show",
      says: "one trade, and each number that its end was computed from",
      args: [tradeArg],
      flags: [flag("--watch", "then follow it until it has ended")],
      asks: async () => (await load()).show,
    },
    {
      words: "deliver",
      says: "say that it is delivered, by the hash of what is",
      args: [tradeArg],
      flags: [
        flag("--hash <hash>", "of what is delivered, 64 hexadecimal digits", wholeId).conflicts("file"),
        flag("--file <file>", "what is delivered: the daemon hands it over to the buyer's", path),
        ...actorFlags,
      ],
      asks: async () => (await say()).deliver,
    },
    {
      words: "input",
      says: "give what is to be worked on: the daemon hands it over to the performer's",
      args: [tradeArg],
      flags: [flag("--file <file>", "up to 64 MiB", path).makeOptionMandatory()],
      asks: async () => (await goods()).input,
    },
    {
      words: "fetch",
      says: "what was delivered, as a file, once all of it is here and is what the log says",
      args: [tradeArg],
      flags: [
        flag("--out <file>", "a new file", path).makeOptionMandatory(),
        flag("--input", "what the buyer gave to work on instead"),
      ],
      help: "The daemon fetches it by itself, and goes on when this command is ended. With --timeout it is waited for so long.",
      asks: async () => (await goods()).fetchGoods,
    },
    {
      words: "accept",
      says: "take what was delivered: its performer is paid",
      args: [tradeArg],
      flags: actorFlags,
      asks: async () => (await say()).accept,
    },
    {
      words: "fail",
      says: "give it up before its deadline: the price returns to the buyer",
      args: [tradeArg],
      flags: [...actorFlags, flag("-y, --yes", "do not ask")],
      help: FAILING_RULE,
      asks: async () => (await say()).fail,
    },
    {
      words: "dispute",
      says: "have the seats judge what was delivered; the bond is lost if they find nothing wrong",
      args: [tradeArg],
      flags: [
        flag("--evidence <hash>", "hash of what is wrong with it, 64 hexadecimal digits", wholeId).conflicts(
          "file",
        ),
        flag("--file <file>", "what is wrong with it: its SHA-256 is the hash", path),
        flag("--bond <credits>", "what is set aside for it (default: the least that will do)", credits),
        ...actorFlags,
      ],
      help: AMOUNT_RULE,
      asks: async () => (await say()).dispute,
    },
  ],
};

export const JURY: Group = {
  says: "disputes, which the seats judge",
  rows: [
    {
      words: "list",
      says: "what is to be judged, until when, and who has voted",
      flags: pageFlags,
      asks: async () => (await jury()).list,
    },
    {
      words: "vote",
      says: "judge a dispute for a seat, once",
      args: [tradeArg],
      flags: [
        flag(
          "--uphold <bp>",
          "so much of the delivery is wrong, 10000: all of it",
          wholeNumber(1, 10_000),
        ).conflicts("reject"),
        flag("--reject", "nothing is wrong with it"),
        ...actorFlags,
      ],
      help: "Where two thirds of the seats uphold, the median of their shares goes back to the buyer. Where so many reject, the bond goes to the performer. Without --agent the owner of a seat votes, whose key the daemon holds.",
      asks: async () => (await jury()).vote,
    },
  ],
};
