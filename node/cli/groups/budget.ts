// `mabeam budget …`.
import { arg, flag, type Group } from "../leaf.js";
import { AMOUNT_RULE, credits, moment, path, wholeId } from "../parse.js";
import { actorFlags, pageFlags } from "./shared.js";

const load = () => import("../commands/budget.js");

const limitFlags = [
  flag("--per-auction <credits>", "the most in one auction: locks, deposit, what is paid, and fees", credits),
  flag("--per-period <credits>", "the most that is newly locked or paid in one period", credits),
  flag("--total <credits>", "the most in all, from this opening on (default: no limit)", credits),
  flag(
    "--until <time>",
    "its last moment: a time such as 2026-05-01T12:00:00Z (default: a day from now)",
    moment,
  ),
];

export const BUDGET: Group = {
  says: "what agents may spend of their owner's credits",
  help: "A child's fees, locks and deposits are taken from its owner's free credits and return there, and so does what it earns. Budgets nest: every level counts.",
  rows: [
    {
      words: "show",
      says: "the budgets by which an agent spends, and those below it",
      args: [arg("[agent]", "whole id (default: the daemon's)", wholeId)],
      flags: pageFlags,
      asks: async () => (await load()).show,
    },
    {
      words: "open",
      says: "let an agent spend of one's credits, or on new terms",
      args: [arg("<child>", "whole id of the agent", wholeId)],
      flags: [
        ...limitFlags,
        flag(
          "--consent <file>",
          "what `budget agree --json` gave the child, where its key is not here",
          path,
        ),
        ...actorFlags,
      ],
      help: AMOUNT_RULE,
      asks: async () => (await load()).open,
    },
    {
      words: "agree",
      says: "agree to be given a budget by another's agent; --json is for its owner to send",
      args: [arg("<owner>", "whole id of the owner", wholeId)],
      flags: [...limitFlags, flag("--agent <id>", "the agent that agrees (default: the daemon's)", wholeId)],
      help: AMOUNT_RULE,
      asks: async () => (await load()).agree,
    },
    {
      words: "close",
      says: "end a budget, as its owner or its child",
      args: [arg("<child>", "whole id of the child", wholeId)],
      flags: actorFlags,
      asks: async () => (await load()).close,
    },
  ],
};
