// `mabeam trade …`: what was promised is delivered and paid.
import { arg, flag, type Group } from "../leaf.js";
import { idPrefix, path, wholeId } from "../parse.js";
import { actorFlags, pageFlags } from "./shared.js";

const load = () => import("../commands/trade.js");
const say = () => import("../commands/trade-say.js");

const tradeArg = arg("<trade>", "id, or a unique beginning of it", idPrefix);
const states = ["due", "delivered", "paid", "refunded"];

const FAILING_RULE =
  "Giving up is the cheapest way to fail, silence costs more, and being proven wrong most: `slash quote <trade>` says how much.";

export const TRADE: Group = {
  says: "what auctions have promised: deliver it, accept it, give it up",
  help: FAILING_RULE,
  rows: [
    {
      words: "list",
      says: "the newest trades",
      flags: [
        flag("--agent <id>", "only those of this agent", idPrefix),
        flag("--role <role>", "only those in which the agent (default: the daemon's) is this").choices([
          "performer",
          "buyer",
        ]),
        flag("--state <state>", "only those in this state").choices(states),
        flag("--auction <id>", "only those of this auction", wholeId),
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
        flag("--file <file>", "what is delivered: its SHA-256 is the hash", path),
        ...actorFlags,
      ],
      asks: async () => (await say()).deliver,
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
  ],
};
