// The agents in a daemon's custody: it signs, seals and reveals for them. More of them come at run time.
import { z } from "zod";
import { document, listDocument } from "./document.js";
import { onlyPeer, type Route, read } from "./route.js";
import { amount, hex32 } from "./scalar.js";

/** As names of the gateway's agents are. */
const AGENT_NAME = /^[a-z0-9][a-z0-9-]{0,55}$/;
export const AGENT_NAME_RULE = "1 to 56 of a–z, 0–9 and hyphens, beginning with a letter or digit";
export const isAgentName = (text: string): boolean => AGENT_NAME.test(text);
const name = z.string().regex(AGENT_NAME, AGENT_NAME_RULE);

export const agentView = z.strictObject({
  agent: hex32,
  /** under which its key lies; null: its key does not lie in the daemon's folder */
  name: name.nullable(),
  /** it acts where a request names no agent */
  isDefault: z.boolean(),
  /** whether the ledger knows it; what it may spend then, `GET /v1/wallet` says */
  hasAccount: z.boolean(),
  free: amount,
});
export type AgentView = z.output<typeof agentView>;

const agentDocument = document("Agent", agentView);
const agentListDocument = listDocument("AgentList", agentView);

export const AGENT_ROUTES = {
  agents: read("agents", "/v1/agents", "The agents in this daemon's custody, by id", agentListDocument),
  addAgent: {
    method: "POST",
    path: "/v1/agents",
    tag: "agents",
    summary: "Take a further agent into custody: its key is made the first time, and opened from then on",
    description:
      "A name that is there answers with its agent: to ask again changes nothing. On a testnet the faucet grants to a new one.",
    query: onlyPeer,
    body: z.strictObject({ name }),
    status: 200,
    answer: agentDocument,
  },
} as const satisfies Record<string, Route>;
