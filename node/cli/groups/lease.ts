// `mabeam lease …`: parts of windows that were sold.
import { arg, flag, type Group } from "../leaf.js";
import { duration, idPrefix, moment, repeatedId, wholeId, wholeNumber } from "../parse.js";
import { actorFlags, pageFlags } from "./shared.js";

const load = () => import("../commands/lease.js");

const windowArg = arg("<auction>", "the whole id of the auction that sold the window", wholeId);
const ownerFlag = flag("--owner <id>", "whose lease it is (default: the agent's own)", wholeId);
const amountOf = (what: string) => `${what}, in parts times milliseconds`;

export const LEASE: Group = {
  says: "parts of windows that were sold: who has them, who holds them, what was used of them",
  help: "A sale with --from and --to and without --deliver leases what it sells. The whole of a window has 1,000 parts; what is not sold stays its seller's.",
  rows: [
    {
      words: "list",
      says: "the leases that the ledger has, the latest window first",
      flags: [
        flag("--auction <id>", "only those of this window: its auction's id, or a beginning of it", idPrefix),
        flag("--agent <id>", "only what this agent owns or holds", idPrefix),
        flag("--capability <name>", "only of this"),
        ...pageFlags,
      ],
      asks: async () => (await load()).list,
    },
    {
      words: "used",
      says: "from history: what holders have said they used, newest first",
      flags: [
        flag("--agent <id>", "only of leases of this agent, or what it said", idPrefix),
        flag("--capability <name>", "only of this").conflicts("agent"),
        ...pageFlags,
      ],
      asks: async () => (await load()).used,
    },
    {
      words: "hold",
      says: "hold a lease until a time; after it one of its deputies may take it over",
      args: [windowArg],
      flags: [
        flag("--for <duration>", "how long from now on", duration).conflicts("until"),
        flag("--until <time>", "until when (default: to the window's end)", moment),
        flag("--deputy <id>", "who may take it over, instead of those named before; repeat it", repeatedId),
        ownerFlag,
        ...actorFlags,
      ],
      asks: async () => (await load()).hold,
    },
    {
      words: "usage",
      says: "say what was used of a lease, once its window is over",
      args: [windowArg],
      flags: [
        flag(
          "--used <n>",
          amountOf("for whom the agent serves"),
          wholeNumber(0, Number.MAX_SAFE_INTEGER),
        ).makeOptionMandatory(),
        flag("--lent <n>", amountOf("to other holders"), wholeNumber(0, Number.MAX_SAFE_INTEGER), 0),
        ownerFlag,
        ...actorFlags,
      ],
      asks: async () => (await load()).usage,
    },
  ],
};
