// `mabeam quorum …` and `mabeam slash …`: who orders the log, and what was taken from whom.
import { AMNESIA_HELP } from "../amnesia-words.js";
import { arg, flag, type Group } from "../leaf.js";
import { idPrefix } from "../parse.js";
import { pageFlags } from "./shared.js";

const load = () => import("../commands/quorum.js");
const slash = () => import("../commands/slash.js");

export const QUORUM: Group = {
  says: "who orders the log, and what stands in it",
  rows: [
    {
      words: "status",
      says: "term, leader, height, tolerance",
      asks: async () => (await load()).status,
    },
    { words: "members", says: "the seats", asks: async () => (await load()).members },
    {
      words: "override-amnesia",
      says: "let a seat sign again that may have forgotten what it signed; this can cost its bond",
      flags: [
        flag("--force", "also where the other members could still tell what it signed"),
        flag("--yes", "without asking"),
      ],
      help: AMNESIA_HELP,
      asks: async () => (await import("../commands/amnesia.js")).overrideAmnesia,
    },
    {
      words: "log",
      says: "the newest final entries",
      flags: pageFlags,
      asks: async () => (await load()).log,
    },
  ],
};

export const SLASH: Group = {
  says: "stake that was taken, and for what",
  rows: [
    {
      words: "list",
      says: "the newest penalties of seats and trades, with warnings",
      flags: [flag("--agent <id>", "only those of this agent", idPrefix), ...pageFlags],
      asks: async () => (await slash()).list,
    },
    {
      words: "show",
      says: "what was taken, each number it was computed from, and of a seat the signed messages that convict",
      args: [arg("<id>", "of the slash, of a trade's the trade's, or a unique beginning of it", idPrefix)],
      asks: async () => (await slash()).show,
    },
    {
      words: "quote",
      says: "what giving up, silence and being proven wrong would cost the performer of a trade now",
      args: [arg("<trade>", "id, or a unique beginning of it", idPrefix)],
      asks: async () => (await import("../commands/slash-quote.js")).quote,
    },
    {
      words: "report",
      says: "hand evidence to the network; whoever reports it gets nothing",
      args: [arg("<file>", "base64, or the output of `slash show --json`; - for stdin")],
      asks: async () => (await slash()).report,
    },
  ],
};
