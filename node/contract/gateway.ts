// The gateway of a daemon: its limits and who shares them, the requests that ended last, and what it says while it runs.
import { z } from "zod";
import { document, listDocument } from "./document.js";
import { onlyPeer, peerQuery, type Route, read } from "./route.js";
import { amount, count, queryCount, time, total } from "./scalar.js";

const dimension = z.enum(["requests", "tokens", "inputTokens", "outputTokens"]);
const band = z.enum(["interactive", "normal", "batch"]);
const toldBy = z
  .enum(["key", "signature", "fields", "body", "client"])
  .describe("by what its client was recognised: the first of these that says something");

/** A name of the gateway's: that of a named agent, a session, or what stands for a client. */
const who = z.string().min(1).max(512);

const limit = z.strictObject({ dimension, limit: z.int().min(1), windowMs: z.int().min(1) });

export const gatewayAgent = z.strictObject({
  who,
  toldBy,
  /** the named agent on whose terms it calls: `unknown` for callers that show no agent's key */
  named: z.string(),
  /** whose share it draws from: its own, or that of the one at the top of its tree; null: its agent was removed */
  share: who.nullable(),
  /** the one above it: by what its client says, or as its owner said of a named agent; null: none that is known */
  parent: who.nullable(),
  weight: z.int().min(1).max(10_000).nullable(),
  band: band.nullable(),
  /** what it asked for since the gateway began: what is not among the four that follow waits or runs */
  asked: count,
  answered: count,
  refused: count,
  failed: count,
  left: count,
  inputTokens: count,
  outputTokens: count,
  /** what that cost */
  cost: total,
  /** of its requests among the last 10,000 of all; null: it has none there */
  waits: z
    .strictObject({ requests: z.int().min(1), p50Ms: count, p99Ms: count, longestMs: count })
    .nullable(),
});
export type GatewayAgent = z.output<typeof gatewayAgent>;

/** Why a key is used up: nothing paid is left, its limit of a day, its subscription. */
const exhaustion = z.enum(["credit", "day", "plan"]);
const parked = z.strictObject({ why: exhaustion, until: time.nullable() });

/** The limits of a class of models, and who is before them. */
const pool = z.strictObject({
  /** of its class; `untried`: of all models that the upstream has not answered for yet; `all`: of all */
  name: z.string(),
  waiting: count,
  running: count,
  /** who asks is refused at once; null: who asks waits */
  parked: parked.nullable(),
});

/** The subscription behind a key, as the upstream tells of it. */
const plan = z.strictObject({
  isRejected: z.boolean(),
  /** which of its windows */
  window: z.string().nullable(),
  until: time.nullable(),
  usedBp: count.nullable(),
});

export const gatewayView = z.strictObject({
  /** where clients find it */
  url: z.string(),
  upstream: z.string(),
  startedAt: time,
  /** as its owner gave them, of each pool */
  limits: z.array(limit),
  /** of each limit, left alone */
  headroomBp: count,
  waiting: count,
  running: count,
  pools: z.array(pool),
  /** null: nothing speaks of one */
  plan: plan.nullable(),
  /** how many have a name or were seen */
  agentCount: count,
  /** all that have a name, and of the others those that were seen last, as many as were asked for */
  agents: z.array(gatewayAgent),
});
export type GatewayView = z.output<typeof gatewayView>;

export const gatewayRequest = z.strictObject({
  /** as its answer's `x-mabeam-request` says */
  id: z.string(),
  agent: who,
  toldBy,
  parent: who.nullable(),
  share: who,
  model: z.string().nullable(),
  askedAt: time,
  waitedMs: count,
  /** from asking to its end */
  tookMs: count,
  /** null: it never reached the upstream */
  used: z.strictObject({ inputTokens: count, outputTokens: count }).nullable(),
  /** by the price of the model that answered */
  cost: amount,
  end: z
    .enum(["answered", "refused", "left", "failed"])
    .describe("refused: by the gateway; left: its client went away; failed: the upstream's answer was none"),
});
export type GatewayRequest = z.output<typeof gatewayRequest>;

const requestId = z
  .string()
  .regex(
    /^[A-Za-z0-9_-]{6,64}$/,
    "the id of a request, or its beginning, is 6 to 64 letters, digits, _ and -",
  );

/** What `mabeam gateway --json` writes, one a line: the first once it serves, the others as they happen. */
export const gatewayEvents = {
  ready: document("GatewayReady", z.strictObject({ url: z.string(), api: z.string() })),
  passed: document("GatewayPassed", gatewayRequest),
  exhausted: document("GatewayExhausted", z.strictObject({ pool: z.string(), ...parked.shape })),
  resumed: document("GatewayResumed", z.strictObject({ pool: z.string() })),
  plan: document("GatewayPlan", plan),
  drift: document(
    "GatewayDrift",
    z.strictObject({
      pool: z.string(),
      state: z.enum(["begun", "over"]),
      ...limit.shape,
      amount: z.int().min(1).describe("what somebody else used since it began"),
      forMs: count,
    }),
  ),
  limits: document("GatewayLimits", z.strictObject({ pool: z.string(), limits: z.array(limit) })),
  unlisted: document("GatewayUnlistedModel", z.strictObject({ model: z.string(), pricedAs: z.string() })),
  warning: document("GatewayWarning", z.strictObject({ code: z.string(), message: z.string() })),
} as const;

const gatewayDocument = document("Gateway", gatewayView);
const requestDocument = document("GatewayRequest", gatewayRequest);
const requestListDocument = listDocument("GatewayRequestList", gatewayRequest);

export const GATEWAY_ROUTES = {
  gateway: read(
    "gateway",
    "/v1/gateway",
    "The gateway of this daemon: its limits, and who shares them",
    gatewayDocument,
    z.strictObject({ ...peerQuery, agents: queryCount(4_096).default(200) }),
  ),
  gatewayRequests: read(
    "gateway",
    "/v1/gateway/requests",
    "The requests that ended last, the newest first",
    requestListDocument,
    z.strictObject({
      ...peerQuery,
      limit: queryCount(200)
        .refine((value) => value >= 1, "at least 1")
        .default(50),
      agent: who.optional(),
    }),
  ),
  gatewayMetrics: {
    method: "GET",
    path: "/v1/gateway/metrics",
    tag: "gateway",
    summary: "What the gateway measures, as Prometheus reads it",
    query: onlyPeer,
    status: 200,
    media: "text/plain",
    streamed: true,
    answer: null,
  },
  gatewayRequest: {
    ...read(
      "gateway",
      "/v1/gateway/requests/:id",
      "What became of a request, by its id or a unique prefix of it",
      requestDocument,
    ),
    params: z.strictObject({ id: requestId }),
  },
} as const satisfies Record<string, Route>;
