// The limits of the network layer, by name, and the relations between them (spec/network).
import { invariant } from "../../src/base/index.js";
import { MAX_OPERATION_BYTES } from "../../src/market/index.js";
import type { Topic } from "../../src/peer/ready.js";
import { MAX_FRAME_BYTES } from "../../src/quorum/index.js";
import type { ServingLimits } from "./serving-line.js";

/** What a topic carries at most, and how many messages may wait to be judged. */
export interface TopicRule {
  readonly maxBytes: number;
  readonly maxWaiting: number;
}

/** In the order in which waiting messages are served. */
export const TOPIC_RULES: Readonly<Record<Topic, TopicRule>> = {
  evidence: { maxBytes: MAX_OPERATION_BYTES, maxWaiting: 256 },
  final: { maxBytes: 16 * 1024, maxWaiting: 1024 },
  ops: { maxBytes: MAX_OPERATION_BYTES, maxWaiting: 4096 },
};
export const TOPICS_BY_PRIORITY: readonly Topic[] = ["evidence", "final", "ops"];

/** One frame of gossipsub's own protocol: several messages or many ids. */
export const MAX_GOSSIP_FRAME_BYTES = 1024 * 1024;
/** What gossip is read from one peer: bytes per second and at once; frames and messages count for so many bytes more. */
export const GOSSIP_BYTES_PER_SECOND = 4 * 1024 * 1024;
export const GOSSIP_BURST_BYTES = 4 * 1024 * 1024;
export const GOSSIP_FRAME_COST_BYTES = 1536;
export const GOSSIP_MESSAGE_COST_BYTES = 512;
/** So many messages of one peer that wait to be judged keep it from being read further for a while. */
export const BEHIND_MESSAGES = 16;
/** One frame of the status protocol, and of a quorum stream before its proof. */
export const MAX_SMALL_FRAME_BYTES = 64 * 1024;
/** A genesis travels in one frame of the sync protocol. */
export const MAX_GENESIS_BYTES = 1024 * 1024;
/** What a sync answer adds around the bytes it carries. */
export const ANSWER_OVERHEAD_BYTES = 16;
/** Idle and total time of a call on any protocol but the quorum's. */
export const CALL_LIMIT_MS = 10_000;
export const MAX_STREAMS_PER_PROTOCOL = 4;
/** Statuses that a peer may ask for at once, and per second. */
export const STATUS_BURST = 20;
export const STATUS_PER_SECOND = 4;
/** A question for the log is 20 bytes, its answer up to 2 MiB, which this peer reads, decodes and encodes. */
export const LOG_SERVING: ServingLimits = {
  atOnce: 2,
  waiting: 32,
  waitingEach: MAX_STREAMS_PER_PROTOCOL,
  answerBytes: MAX_FRAME_BYTES,
  bytesPerSecond: 4 * 1024 * 1024,
  burstBytes: 16 * 1024 * 1024,
  allBytesPerSecond: 16 * 1024 * 1024,
  allBurstBytes: 32 * 1024 * 1024,
  unreadBytesEach: 2 * MAX_FRAME_BYTES,
  unreadBytes: 32 * MAX_FRAME_BYTES,
  patienceMs: 4000,
};

/** How long and how many message ids are remembered: at least half of each. */
export const SEEN_MS = 600_000;
export const SEEN_IDS = 1 << 17;
/** Gossipsub's own memory is short, for it is not bounded by number: ours is the one that counts. */
export const GOSSIP_SEEN_MS = 30_000;
/** How long an operation may wait for the state that it needs. */
export const PENDING_MS = 60_000;
/**
 * Evidence of no use that a peer may relay, per second and at once, before no more of its evidence is judged. Who relays
 * in good faith passes on none: it meets some only while a conviction is on its way.
 */
export const IDLE_EVIDENCE_PER_SECOND = 1;
export const IDLE_EVIDENCE_BURST = 16;

/** What may be set per network; the rest are laws. */
export interface NetworkLimits {
  /** operations, finals and evidence per second and at once from one relaying peer */
  readonly relayPerSecond: number;
  readonly relayBurst: number;
  /** operations per second and at once of one author */
  readonly authorPerSecond: number;
  readonly authorBurst: number;
  /** operations that wait for state: in all, and of one author */
  readonly pending: number;
  readonly pendingPerAuthor: number;
  /** messages under judgement at once: in all but for the slow lane's, and of one relaying peer */
  readonly verifying: number;
  readonly verifyingPerPeer: number;
  /** frames and bytes that wait for one member that does not read */
  readonly memberQueueFrames: number;
  readonly memberQueueBytes: number;
  /** sync requests at once, and how many more in each 10 s, of one peer */
  readonly syncRequests: number;
  /** connections that the dialer wants, and dials at once */
  readonly targetConnections: number;
  readonly dialsInFlight: number;
  /**
   * connections of others that are let in, before their handshake, per second and at once: of all together, for a
   * handshake costs more than most of what may be asked after it, and a name is free
   */
  readonly acceptsPerSecond: number;
  readonly acceptsBurst: number;
}

export const NETWORK_LIMITS: NetworkLimits = {
  relayPerSecond: 1000,
  relayBurst: 4000,
  authorPerSecond: 5,
  authorBurst: 20,
  pending: 4096,
  pendingPerAuthor: 8,
  verifying: 64,
  verifyingPerPeer: 8,
  memberQueueFrames: 4096,
  memberQueueBytes: 8 * 1024 * 1024,
  syncRequests: 50,
  targetConnections: 8,
  dialsInFlight: 4,
  acceptsPerSecond: 16,
  acceptsBurst: 128,
};

/** Connections of one name that come from its side: a restarted peer's older ones may still seem to stand. */
export const MAX_CONNECTIONS_EACH = 3;

/**
 * Connections that may stand before they have shown what they are: those that come at once, and those that come while
 * one takes its time for the handshake, again for its status and again to prove the seat that it claims. Fewer places
 * would be taken by whoever says nothing, or claims what it does not hold.
 */
export const mostUnknown = ({
  acceptsPerSecond,
  acceptsBurst,
}: Pick<NetworkLimits, "acceptsPerSecond" | "acceptsBurst">): number =>
  acceptsBurst + Math.ceil((3 * acceptsPerSecond * CALL_LIMIT_MS) / 1000);

/** Many peers on one machine: handshakes are what costs, and every peer's dials are another's connections. */
export const LOOPBACK_LIMITS: NetworkLimits = { ...NETWORK_LIMITS, targetConnections: 6, dialsInFlight: 2 };

invariant(
  LOG_SERVING.answerBytes <= LOG_SERVING.unreadBytesEach &&
    LOG_SERVING.unreadBytesEach < LOG_SERVING.unreadBytes,
  "an asker that has read all may be answered, and one that reads nothing keeps no other from it",
);
invariant(LOG_SERVING.patienceMs < CALL_LIMIT_MS / 2, "who waits in line is answered before its call ends");
invariant(
  MAX_GENESIS_BYTES + ANSWER_OVERHEAD_BYTES <= MAX_FRAME_BYTES,
  "a genesis fits one frame of the sync protocol",
);
invariant(
  GOSSIP_BURST_BYTES >= 2 * MAX_GOSSIP_FRAME_BYTES &&
    NETWORK_LIMITS.relayPerSecond * (GOSSIP_FRAME_COST_BYTES + GOSSIP_MESSAGE_COST_BYTES) <=
      GOSSIP_BYTES_PER_SECOND / 2,
  "a peer that relays as much as it may is not held back for its frames",
);
invariant(
  Math.max(...Object.values(TOPIC_RULES).map((rule) => rule.maxBytes)) < MAX_GOSSIP_FRAME_BYTES,
  "a message fits one frame of gossip",
);
