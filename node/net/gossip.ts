// Gossipsub with this network's policies: no libp2p signature, ids by content, finite limits, scores (spec/network#topics, spec/network#scoring).

import type { PublishResult } from "@libp2p/gossipsub";
import { type GossipSub, type GossipSubComponents, gossipsub, TopicValidatorResult } from "@libp2p/gossipsub";
import { isLoopback } from "../loopback.js";
import { GOSSIP_SEEN_MS, MAX_GOSSIP_FRAME_BYTES } from "./limits.js";
import { idText, type Topics } from "./topics.js";

export { TopicValidatorResult };

export const GOSSIP_PROTOCOL = "/meshsub/1.1.0";

/** What this network uses of gossipsub beyond its published interface; version 17 is pinned. */
export interface Gossip extends GossipSub {
  readonly opts: { D: number; Dlo: number; Dhi: number; Dout: number };
  getScore(peer: string): number;
  getMeshPeers(topic: string): string[];
  publish(
    topic: string,
    data: Uint8Array,
    options?: { readonly floodPublish: boolean },
  ): Promise<PublishResult>;
  reportMessageValidationResult(id: string, from: string, result: TopicValidatorResult): void;
}

interface Degree {
  readonly D: number;
  readonly Dlo: number;
  readonly Dhi: number;
  readonly Dout: number;
}

const LARGE: Degree = { D: 8, Dlo: 6, Dhi: 12, Dout: 3 };
const SMALL: Degree = { D: 4, Dlo: 3, Dhi: 6, Dout: 1 };
const SMALL_BELOW_PEERS = 50;

/** Three invalid messages in quick succession are 180 points: below `graylistThreshold` whatever good was done. */
export const SCORE_THRESHOLDS = {
  gossipThreshold: -40,
  publishThreshold: -80,
  graylistThreshold: -160,
  acceptPXThreshold: 50,
  opportunisticGraftThreshold: 2,
} as const;

/** Good deeds (P1, P2, P5) stay below 20 in all, the distance between three faults and the gray list. */
const TOPIC_SCORE = {
  topicWeight: 1,
  timeInMeshWeight: 0.01,
  timeInMeshQuantum: 1000,
  timeInMeshCap: 100,
  firstMessageDeliveriesWeight: 0.2,
  firstMessageDeliveriesDecay: 0.95,
  firstMessageDeliveriesCap: 20,
  // P3 and P3b punish quiet honest peers on topics of low rate: off.
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesThreshold: 0,
  meshFailurePenaltyWeight: 0,
  invalidMessageDeliveriesWeight: -20,
  invalidMessageDeliveriesDecay: 0.97,
} as const;
const TOPIC_SCORE_CAP = 10;

const DECODE_LIMITS = {
  maxSubscriptions: 64,
  maxMessages: 5000,
  maxIhaveMessageIDs: 5000,
  maxIwantMessageIDs: 5000,
  maxIdontwantMessageIDs: 512,
  maxControlMessages: 64,
  maxPeerInfos: 16,
} as const;

/** A message of fewer bytes costs less when it comes twice than each mesh peer's word that it need not come. */
const WORTH_DECLINING_BYTES = 4096;

/** What gossip may hold unsent for one peer that does not read; beyond it the stream is cut. */
export const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

/**
 * Whom P6 counts for nothing: all peers of this machine share its loopback address, and it says nothing of their owners.
 * That holds as well for a peer that others can reach, when it has joined a testnet beside it.
 */
class LoopbackHosts extends Set<string> {
  override has(host: string): boolean {
    return isLoopback(host);
  }
}

export interface GossipPolicy {
  readonly topics: Topics;
  /** P5: what the direct protocols know of a peer */
  conductOf(peer: string): number;
}

export function gossipService(policy: GossipPolicy): (components: GossipSubComponents) => Gossip {
  const { topics } = policy;
  const make = gossipsub({
    ...SMALL,
    Dlazy: 6,
    gossipFactor: 0.25,
    heartbeatInterval: 1000,
    idontwantMinDataSize: WORTH_DECLINING_BYTES,
    floodPublish: true,
    batchPublish: true,
    emitSelf: false,
    doPX: false,
    fallbackToFloodsub: false,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    tagMeshPeers: false,
    globalSignaturePolicy: "StrictNoSign",
    asyncValidation: true,
    allowedTopics: topics.all(),
    msgIdFn: (message) => topics.idOf(message.topic, message.data),
    msgIdToStrFn: idText,
    seenTTL: GOSSIP_SEEN_MS,
    maxInboundDataLength: MAX_GOSSIP_FRAME_BYTES,
    maxOutboundBufferSize: MAX_UNSENT_BYTES,
    decodeRpcLimits: DECODE_LIMITS,
    scoreThresholds: SCORE_THRESHOLDS,
    scoreParams: {
      topics: Object.fromEntries(topics.all().map((name) => [name, { ...TOPIC_SCORE }])) as never,
      topicScoreCap: TOPIC_SCORE_CAP,
      appSpecificScore: (peer) => policy.conductOf(peer),
      appSpecificWeight: 1,
      IPColocationFactorWeight: -5,
      IPColocationFactorThreshold: 3,
      IPColocationFactorWhitelist: new LoopbackHosts(),
      behaviourPenaltyWeight: -10,
      behaviourPenaltyDecay: 0.2,
    },
  });
  return (components) => make(components) as Gossip;
}

/** Chooses the degree of the mesh by the number of peers known to this one. */
export function fitDegree(gossip: Gossip, knownPeers: number): void {
  Object.assign(gossip.opts, knownPeers < SMALL_BELOW_PEERS ? SMALL : LARGE);
}
