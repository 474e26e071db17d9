// `mabeam agent …`.
import { arg, type Group } from "../leaf.js";
import { agentName } from "../parse.js";

const load = () => import("../commands/agent.js");

export const AGENT: Group = {
  says: "the agents that a daemon signs for",
  rows: [
    {
      words: "list",
      says: "those in its custody",
      isDefault: true,
      asks: async () => (await load()).list,
    },
    {
      words: "add",
      says: "have it take in a further agent, and make its key the first time",
      args: [arg("<name>", "what its key is called", agentName)],
      asks: async () => (await load()).add,
    },
  ],
};
