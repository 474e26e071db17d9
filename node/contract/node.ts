// A process, its peers and their connections: what a peer says of itself and of those it is connected to.
import { z } from "zod";
import { document, listDocument } from "./document.js";
import { onlyPeer, type Route, read } from "./route.js";
import { amount, count, hex32, time } from "./scalar.js";

/** How far a peer may be trusted to act: only `ready` votes and serves fresh reads. */
export const mode = z
  .enum(["starting", "catching-up", "isolated", "stalled", "ready", "amnesia", "forked", "corrupt"])
  .describe(
    "amnesia: does not vote until it knows what it signed; forked: two logs were finalised, it has stopped; " +
      "corrupt: its own state is not the one that the log attests",
  );

/** Who could sign with this peer's keys besides its owner. */
export const keyCustody = z
  .enum(["encrypted", "passphrase-beside", "plain", "public"])
  .describe(
    "encrypted: whoever has the passphrase; passphrase-beside, plain: whoever can read the folder; public: anyone, these are test keys",
  );
export type KeyCustody = z.output<typeof keyCustody>;

export const nodeView = z.strictObject({
  version: z.string(),
  /** which peer of this process answers: 0 to `peerCount` − 1 */
  peer: count,
  peerCount: z.int().min(1),
  peerId: z.string(),
  addresses: z.array(z.string()),
  chain: hex32,
  market: hex32,
  /** the agent that acts when a request names none; null: this daemon holds no agent key */
  agent: hex32.nullable(),
  /** the agents whose keys this daemon holds */
  agents: z.array(hex32),
  seat: count.nullable(),
  mode,
  height: count,
  /** the height the best connected peer reports, null where none is connected */
  networkHeight: count.nullable(),
  ledgerTime: time,
  connections: count,
  storage: z.enum(["persistent", "in-memory"]),
  home: z.string().nullable(),
  keys: keyCustody,
  testnet: z.boolean(),
  quorum: z.strictObject({ members: z.int().min(1), byzantineTolerance: count }),
  /** windows of an auction whose creator names none */
  timing: z.strictObject({ commitMs: z.int().min(1), revealMs: z.int().min(1) }),
  fee: amount,
  startedAt: time,
  pid: count,
  warnings: z.array(z.string()),
});
export type NodeView = z.output<typeof nodeView>;

export const peerView = z.strictObject({
  peerId: z.string(),
  address: z.string(),
  direction: z.enum(["inbound", "outbound"]),
  /** the seat that the connection proved */
  seat: count.nullable(),
  height: count.nullable(),
  connectedAt: time,
});
export type PeerView = z.output<typeof peerView>;

export const readiness = z.strictObject({ ready: z.boolean(), missing: z.array(z.string()) });
export type Readiness = z.output<typeof readiness>;

export const nodeDocument = document("Node", nodeView);
export const peerDocument = document("Peer", peerView);
export const peerListDocument = listDocument("PeerList", peerView);
export const readinessDocument = document("Readiness", readiness);
export const healthDocument = document("Health", z.strictObject({ status: z.literal("ok") }));
export const stoppingDocument = document("Stopping", z.strictObject({ pid: count }));

const connectRequest = z.strictObject({ address: z.string().min(1).max(512) });
const emptyRequest = z.strictObject({});

/** Unversioned routes for whoever supervises the process. They never tell more than their names say. */
const PROBE_ROUTES = {
  health: {
    method: "GET",
    path: "/healthz",
    tag: "probes",
    summary: "Whether the process answers",
    status: 200,
    answer: healthDocument,
  },
  readiness: {
    method: "GET",
    path: "/readyz",
    tag: "probes",
    summary: "Whether peer 0 acts on the present state of the log",
    status: 200,
    orStatus: 503,
    answer: readinessDocument,
  },
} as const satisfies Record<string, Route>;

export const NODE_ROUTES = {
  ...PROBE_ROUTES,
  node: read("node", "/v1/node", "This peer: who it is and how it stands", nodeDocument),
  peers: read("node", "/v1/peers", "The peers it is connected to", peerListDocument),
  connect: {
    method: "POST",
    path: "/v1/peers",
    tag: "node",
    summary: "Connect to a peer",
    query: onlyPeer,
    body: connectRequest,
    status: 200,
    answer: peerDocument,
  },
  stop: {
    method: "POST",
    path: "/v1/node/stop",
    tag: "node",
    summary: "Stop the process in good order",
    query: onlyPeer,
    body: emptyRequest,
    status: 202,
    answer: stoppingDocument,
  },
} as const satisfies Record<string, Route>;
