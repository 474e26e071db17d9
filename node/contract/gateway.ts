// The gateway of a daemon: its limits and who shares them, and what it says while it runs.
import { z } from "zod";
import { document, listDocument } from "./document.js";
import { gatewayRequest, limit, requestId, toldBy, who } from "./gateway-request.js";
import { onlyPeer, peerQuery, type Route, read } from "./route.js";
import { amount, capabilityText, count, hex32, queryCount, time, total } from "./scalar.js";

const band = z.enum(["interactive", "normal", "batch"]);

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
  /** what it asked for since the gateway began: what is not among the five that follow waits */
  asked: count,
  answered: count,
  refused: count,
  failed: count,
  left: count,
  running: count,
  inputTokens: count,
  outputTokens: count,
  /** what that cost */
  cost: total,
  /** of it and all below it, also before the gateway's last start: today (UTC), and ever */
  spent: z.strictObject({ day: total, all: total }),
  /**
   * Of a share, in what shares are compared by: a limit's whole window is worth 1,000,000,000. Of what all were granted in
   * windows that are over, what it left to others of its part, and what it got beyond. Null: it draws from another's share.
   */
  evidence: z.strictObject({ granted: z.int(), lent: count, borrowed: count }).nullable(),
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
  /** as they hold now, and what is used or reserved of each */
  limits: z.array(limit.extend({ taken: count })),
  /** how unequally shares are served that wait now, in costs for a weight of 1, and the most that it can be */
  fairness: z.strictObject({ gap: count, bound: count }),
  /** what somebody else has used of the key's limits: from when to when it was seen, and how long ago, as long as no answer says that it is over */
  foreign: z.array(limit.extend({ amount: count, forMs: count, quietMs: count })),
});

/** The subscription behind a key, as the upstream tells of it. */
const plan = z.strictObject({
  isRejected: z.boolean(),
  /** which of its windows */
  window: z.string().nullable(),
  until: time.nullable(),
  usedBp: count.nullable(),
});

const isKeyKnown = z
  .boolean()
  .describe(
    "true: the upstream knows the key, and does not let it do what was asked; false: it takes none such",
  );
const keyModel = z.string().nullable().describe("that was asked for; null: the request named none");

/** The upstream refuses the gateway's own key. */
const keyRefused = z.strictObject({ isKnown: isKeyKnown, model: keyModel, since: time });

/** A key that gateways of several owners share. */
const sharedKey = z.strictObject({
  seller: hex32,
  capability: capabilityText,
  /** whose leases this gateway uses */
  agent: hex32,
  /** of 1,000, that are its now */
  parts: count,
  /** who has the window that counts now; none: none was sold for it */
  window: z.array(
    z.strictObject({
      owner: hex32,
      holder: hex32,
      parts: count,
      until: time,
      /** the holder's gateway has said something of late; of one's own: true */
      isHeard: z.boolean(),
    }),
  ),
  deputies: z.array(hex32),
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
  /** of the prices that come with the gateway; an owner's own go before them */
  pricesDate: z.iso.date(),
  waiting: count,
  running: count,
  pools: z.array(pool),
  /** null: it has the key alone */
  shared: sharedKey.nullable(),
  /** null: nothing speaks of one */
  plan: plan.nullable(),
  /** null: the upstream takes the key, as far as anybody knows */
  keyRefused: keyRefused.nullable(),
  /** how many have a name or were seen */
  agentCount: count,
  /** all that have a name, and of the others those that were seen last, as many as were asked for */
  agents: z.array(gatewayAgent),
});
export type GatewayView = z.output<typeof gatewayView>;

/** What `mabeam gateway --json` writes, one a line: the first once it serves, the others as they happen. */
export const gatewayEvents = {
  ready: document("GatewayReady", z.strictObject({ url: z.string(), api: z.string() })),
  passed: document("GatewayPassed", gatewayRequest),
  exhausted: document("GatewayExhausted", z.strictObject({ pool: z.string(), ...parked.shape })),
  resumed: document("GatewayResumed", z.strictObject({ pool: z.string() })),
  plan: document("GatewayPlan", plan),
  keyRefused: document("GatewayKeyRefused", z.strictObject({ isKnown: isKeyKnown, model: keyModel })),
  keyTaken: document(
    "GatewayKeyTaken",
    z.strictObject({ forMs: count.describe("from the first refusal to the answer that says otherwise") }),
  ),
  unanswered: document(
    "GatewayUnanswered",
    z.strictObject({ why: z.string().describe("the last attempt's word for it") }),
  ),
  answers: document(
    "GatewayAnswers",
    z.strictObject({ forMs: count.describe("from the first attempt that was not answered") }),
  ),
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
  budgetNear: document(
    "GatewayBudgetNear",
    z.strictObject({
      agent: z.string(),
      window: z.enum(["day", "week", "month", "session", "total"]),
      most: amount,
      used: amount,
      resets: time.nullable(),
    }),
  ),
  budgetUnsettled: document(
    "GatewayBudgetUnsettled",
    z.strictObject({ agent: z.string(), code: z.string() }),
  ),
  parts: document(
    "GatewayParts",
    z.strictObject({
      parts: count.describe("of 1,000, of a key that owners share"),
      until: time.nullable().describe("so long it is sure of them; null: it has none"),
    }),
  ),
  wishRefused: document("GatewayWishRefused", z.strictObject({ wish: z.string(), code: z.string() })),
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
    "The requests that ended last, the newest first, or those that wait now, the oldest first",
    requestListDocument,
    z.strictObject({
      ...peerQuery,
      limit: queryCount(200)
        .refine((value) => value >= 1, "at least 1")
        .default(50),
      agent: who.optional(),
      state: z.enum(["over", "waiting"]).default("over"),
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
