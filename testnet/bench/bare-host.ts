// A bare host: libp2p and gossipsub with nothing of ours on top. What a peer costs beyond it is our doing.
import { hash } from "node:crypto";
import { type GossipSub, type GossipSubComponents, gossipsub } from "@libp2p/gossipsub";
import { type Identify, identify } from "@libp2p/identify";
import type { Libp2p } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";
import type { Dial } from "../dialling.js";

type BareServices = { readonly identify: Identify; readonly gossip: BareGossip };
export type BareHost = Libp2p<BareServices>;
type BareGossip = GossipSub & { getMeshPeers(topic: string): string[] };

/** The mesh of a small network, as our own peers have it. */
const DEGREE = { D: 4, Dlo: 3, Dhi: 6, Dout: 1, Dlazy: 6 };

/** A started host on loopback that has joined `topics`; messages are not signed, and named by their content. */
export async function bareHost(topics: readonly string[]): Promise<BareHost> {
  const make = gossipsub({
    ...DEGREE,
    heartbeatInterval: 1000,
    floodPublish: true,
    emitSelf: false,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    globalSignaturePolicy: "StrictNoSign",
    msgIdFn: ({ data }) => hash("sha256", data, "buffer").subarray(0, 20),
    // All hosts share one address, and would shut each other out for it.
    scoreParams: { IPColocationFactorWeight: 0 },
  });
  const host = await createLibp2p<BareServices>({
    addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 200 },
    services: {
      identify: identify(),
      gossip: (components: GossipSubComponents) => make(components) as BareGossip,
    },
  });
  for (const topic of topics) host.services.gossip.subscribe(topic);
  return host;
}

/** Makes every dial of the plan. */
export async function dialAll(hosts: readonly Libp2p[], dials: readonly Dial[]): Promise<void> {
  for (const { from, to } of dials) await hosts[from]!.dial(hosts[to]!.getMultiaddrs());
}
