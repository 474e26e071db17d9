// `mabeam agent …`.
import { arg, flag, type Group } from "../leaf.js";
import { agentName, capabilityWord } from "../parse.js";

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
    {
      words: "new",
      says: "write a program in this folder that is an agent: it runs as it is, and is one's own to change",
      args: [arg("<name>", "of the agent, and of the file", agentName)],
      flags: [
        flag("--python", "in Python, beside the one file that it needs (default: JavaScript)"),
        flag("--capability <name>", "what it does for others", capabilityWord, "task.render"),
      ],
      alone: async () => (await import("../commands/agent-new.js")).scaffold,
    },
  ],
};
