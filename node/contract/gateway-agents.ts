// The named agents of a gateway: who they are, what they may spend and have spent, and changes. Keys are shown once.
import { z } from "zod";
import { document, listDocument } from "./document.js";
import { onlyPeer, type Route, read } from "./route.js";
import { amount, hex32, time } from "./scalar.js";

/** As AGENT_NAME of the gateway has it, and a test holds the two together. */
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,55}$/, "1 to 56 of a–z, 0–9 and hyphens, beginning with a letter or digit");
const weight = z.int().min(1).max(10_000);
const band = z.enum(["interactive", "normal", "batch"]);

/** What a limit lets be spent; null: no limit. */
const limit = amount.refine((text) => text !== "0", "a limit is at least one micro-credit").nullable();
const limits = {
  /** these three are terms of its budget in the ledger */
  perDay: limit,
  total: limit,
  until: time.nullable(),
  /** these are the gateway's own */
  perWeek: limit,
  perMonth: limit,
  perSession: limit,
};

/** A limit as it stands. */
const bound = z.strictObject({
  window: z.enum(["day", "week", "month", "session", "total"]),
  most: amount,
  used: amount,
  /** of what is used: set aside for requests that run */
  setAside: amount,
  /** null: no time mends it */
  resets: time.nullable(),
});

export const gatewayNamedAgent = z.strictObject({
  name,
  /** how its key begins; null: it is the one called `unknown` */
  keyBegins: z.string().nullable(),
  weight,
  band,
  parent: name.nullable(),
  limits: z.strictObject(limits),
  spending: z.array(bound),
  /** null: it never had a budget there */
  ledgerAgent: hex32.nullable(),
  inLedger: z
    .enum(["none", "live", "ended", "on its way"])
    .describe("its budget in the ledger; none: it needs none, its limits are the gateway's alone"),
});
export type GatewayNamedAgent = z.output<typeof gatewayNamedAgent>;

const warnings = z.array(z.string());
const changedDocument = document("GatewayNamedAgent", gatewayNamedAgent.extend({ warnings }));
const keyDocument = document(
  "GatewayAgentKey",
  gatewayNamedAgent.extend({ warnings, key: z.string().describe("it is shown here and never again") }),
);
const listOfAgents = listDocument("GatewayNamedAgentList", gatewayNamedAgent);

const figures = { weight, band, parent: name.nullable(), ...limits };
/** What is absent stays as it is, or is as usual. */
const change = z.strictObject(figures).partial();
export type GatewayAgentChange = z.output<typeof change>;

const asked = { method: "POST", tag: "gateway", query: onlyPeer, status: 200 } as const;
const ofOne = z.strictObject({ name });

export const GATEWAY_AGENT_ROUTES = {
  gatewayAgents: read(
    "gateway",
    "/v1/gateway/agents",
    "The named agents of the gateway, by name",
    listOfAgents,
  ),
  addGatewayAgent: {
    ...asked,
    path: "/v1/gateway/agents",
    summary: "Name an agent: its key is in the answer, and nowhere else",
    body: change.extend({ name }),
    answer: keyDocument,
  },
  setGatewayAgent: {
    ...asked,
    path: "/v1/gateway/agents/:name",
    summary: "Change what an agent is entitled to and may spend; null lifts a limit",
    params: ofOne,
    body: change,
    answer: changedDocument,
  },
  renewGatewayAgentKey: {
    ...asked,
    path: "/v1/gateway/agents/:name/key",
    summary: "Give an agent a new key: the one before is nobody's from now on",
    params: ofOne,
    body: z.strictObject({}),
    answer: keyDocument,
  },
  removeGatewayAgent: {
    method: "DELETE",
    path: "/v1/gateway/agents/:name",
    tag: "gateway",
    summary: "Remove an agent: its key is nobody's from now on, and its budget is closed",
    params: ofOne,
    query: onlyPeer,
    status: 200,
    answer: changedDocument,
  },
} as const satisfies Record<string, Route>;
