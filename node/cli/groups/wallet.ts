// `mabeam wallet …`.
import { arg, flag, type Group, type Row } from "../leaf.js";
import { AMOUNT_RULE, credits, idPrefix, wholeId } from "../parse.js";
import { pageFlags } from "./shared.js";

const load = () => import("../commands/wallet.js");

export const SUBMIT: Row = {
  words: "submit",
  says: "hand in operations that were signed elsewhere, and see the answer to each",
  args: [arg("<file>", "one operation a line, in base64, or one as it was encoded; - for stdin")],
  help: "Exit 1 if one of them was refused; the others are on their way.",
  asks: async () => (await import("../commands/submit.js")).submit,
};

export const WALLET: Group = {
  says: "what agents have",
  rows: [
    {
      words: "balance",
      says: "free and locked credits of an agent",
      args: [arg("[agent]", "id, or a unique beginning of it (default: the daemon's)", idPrefix)],
      asks: async () => (await load()).balance,
    },
    {
      words: "history",
      says: "what an agent of this daemon paid and was paid, newest first",
      flags: [flag("--agent <id>", "whose (default: the daemon's)", wholeId), ...pageFlags],
      asks: async () => (await load()).history,
    },
    {
      words: "transfer",
      says: "send credits to another agent",
      args: [arg("<to>", "the whole id of the agent", wholeId), arg("<amount>", "credits", credits)],
      flags: [
        flag("--agent <id>", "the agent that pays (default: the daemon's)", wholeId),
        flag("--fee <credits>", "what the log is paid for it (default: what is asked now)", credits),
      ],
      help: AMOUNT_RULE,
      asks: async () => (await load()).transfer,
    },
    {
      words: "grant",
      says: "mint credits for an agent, within what genesis lets the daemon's agent mint; a newcomer's account begins so",
      args: [arg("<to>", "the whole id of the agent", wholeId), arg("<amount>", "credits", credits)],
      flags: [
        flag("--stake <credits>", "so many as stake besides", credits),
        flag("--agent <id>", "the agent that grants (default: the daemon's)", wholeId),
        flag("--fee <credits>", "what the log is paid for it (default: what is asked now)", credits),
      ],
      help: AMOUNT_RULE,
      asks: async () => (await load()).grant,
    },
    {
      words: "raise",
      says: "pay more for an operation that waits, so that the log takes it sooner",
      args: [arg("<operation>", "the whole id of the operation", wholeId)],
      flags: [
        flag("--fee <credits>", "at least a quarter more (default: what puts it before its like)", credits),
      ],
      help: AMOUNT_RULE,
      asks: async () => (await load()).raise,
    },
  ],
};
