// The agents in custody: listed, and one more taken in.
import { sortedKeys, toHex } from "../../../src/base/index.js";
import { type AGENT_ROUTES, type AgentView, agentView, asDocument } from "../../contract/index.js";
import { type Answers, bytesOf } from "../answer.js";
import type { HostedPeer } from "../hosted.js";
import { asList, wholePage } from "../paging.js";
import { problem } from "../problem.js";
import { refusalProblem } from "../refusal.js";

export const AGENT_ANSWERS: Answers<typeof AGENT_ROUTES> = {
  async agents({ peer, serving }) {
    const views = sortedKeys(peer.state.agents).map((id) => viewOf(peer, id));
    return asList("AgentList", agentView, wholePage(views), (one) => one.agent, serving.onUnshown);
  },

  async addAgent({ peer, body: { name } }) {
    const { keyring } = peer.around;
    if (keyring === null) throw problem("AGENTS_FIXED");
    const key = await keyring.open(name);
    if (typeof key === "string") throw problem(key);
    const id = toHex(key.publicKey);
    if (!peer.state.agents.has(id)) {
      const held = await peer.node.command({ kind: "holdAgent", key });
      if (!held.ok) throw refusalProblem(held.refusal);
    }
    if (peer.state.ledger.accountOf(key.publicKey) === null) keyring.welcome(key.publicKey);
    return asDocument("Agent", viewOf(peer, id));
  },
};

function viewOf({ state, around }: HostedPeer, agent: string): AgentView {
  const account = state.ledger.accountOf(bytesOf(agent));
  return {
    agent,
    name: around.keyring?.names().get(agent) ?? null,
    isDefault: around.defaultAgent !== null && toHex(around.defaultAgent) === agent,
    hasAccount: account !== null,
    free: (account?.free ?? 0n).toString(),
  };
}
