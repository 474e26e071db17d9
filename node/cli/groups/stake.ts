// `mabeam stake …`.
import { arg, type Group } from "../leaf.js";
import { AMOUNT_RULE, credits, idPrefix } from "../parse.js";
import { actorFlags } from "./shared.js";

const load = () => import("../commands/stake.js");

export const STAKE: Group = {
  says: "credits that answer for what an agent promises",
  help: "Stake is free until a lien on it secures something; a slash takes of it. What is withdrawn can be slashed until it is free.",
  rows: [
    {
      words: "list",
      says: "an agent's stake: what liens secure, what is free, what is unbonding and until when, what is owed",
      args: [arg("[agent]", "id, or a unique beginning of it (default: the daemon's)", idPrefix)],
      asks: async () => (await load()).list,
    },
    {
      words: "add",
      says: "make free credits stake; an open slash debt is paid first",
      args: [arg("<amount>", "credits", credits)],
      flags: actorFlags,
      help: AMOUNT_RULE,
      asks: async () => (await load()).add,
    },
    {
      words: "withdraw",
      says: "begin to unbond free stake",
      args: [arg("<amount>", "credits", credits)],
      flags: actorFlags,
      help: AMOUNT_RULE,
      asks: async () => (await load()).withdraw,
    },
  ],
};
