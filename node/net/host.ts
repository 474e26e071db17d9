// The libp2p host: TCP, Noise, yamux, identify, ping, kad-dht and gossipsub, configured for this network.
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { type Identify, identify } from "@libp2p/identify";
import type { Libp2p } from "@libp2p/interface";
import { type KadDHT, kadDHT, passthroughMapper, removePrivateAddressesMapper } from "@libp2p/kad-dht";
import { type Ping, ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { createLibp2p } from "libp2p";
import type { Bytes } from "../../src/base/index.js";
import { MAX_FRAME_BYTES } from "../../src/quorum/index.js";
import { type Gossip, gossipService } from "./gossip.js";
import { PeerShelf } from "./peer-shelf.js";
import { thriftyNoise } from "./thrifty-noise.js";
import { thriftyYamux } from "./thrifty-yamux.js";
import { short, type Topics } from "./topics.js";

export type Services = {
  readonly identify: Identify;
  readonly ping: Ping;
  readonly dht: KadDHT;
  readonly gossip: Gossip;
};
export type Host = Libp2p<Services>;

export interface HostOptions {
  readonly peerKey: Bytes;
  readonly listen: readonly string[];
  readonly chain: Bytes;
  readonly topics: Topics;
  readonly loopback: boolean;
  /** all connections, of members and others, with room for those that are being made */
  readonly maxConnections: number;
  /** connections that come, before their handshake is done: `isCrowded` bounds them already */
  readonly maxPending: number;
  readonly dialsInFlight: number;
  conductOf(peer: string): number;
  isShutOut(peer: string): boolean;
  /** of an address, whoever it was heard from */
  mayDial(address: string): boolean;
  /** whether one more that comes, from an address, is one too many now: asked once for each, before its handshake */
  isCrowded(address: string): boolean;
}

/** Pings keep quiet connections alive, and are the only way to notice a dead one. */
const PING_INTERVAL_MS = 30_000;
const SELF_QUERY_INTERVAL_MS = 300_000;
/**
 * A self query dials the twenty nearest peers: in a small testnet, everybody, and a full mesh creeps in. There,
 * introductions suffice; elsewhere the first one waits until a peer has had time to meet somebody.
 */
const FIRST_SELF_QUERY_MS = 30_000;
const DIAL_TIMEOUT_MS = 10_000;
/** Whoever connects is identified and noted for six hours, and names are free. */
const MAX_NOTED_PEERS = 4096;

/** How streams share a connection: a reader that does not read holds up at most one window. */
const muxer = () =>
  thriftyYamux({
    streamOptions: { maxStreamWindowSize: MAX_FRAME_BYTES, maxReadBufferLength: 2 * MAX_FRAME_BYTES },
  });

/** A host that is not yet started: handlers are set first. */
export async function createHost(options: HostOptions): Promise<Host> {
  const { loopback } = options;
  return createLibp2p<Services>({
    start: false,
    datastore: new PeerShelf(MAX_NOTED_PEERS),
    privateKey: await generateKeyPairFromSeed("Ed25519", options.peerKey),
    nodeInfo: { userAgent: "mabeam/1" },
    addresses: { listen: [...options.listen] },
    transports: [tcp()],
    connectionEncrypters: [thriftyNoise()],
    streamMuxers: [muxer()],
    connectionMonitor: { pingInterval: PING_INTERVAL_MS },
    connectionManager: {
      maxConnections: options.maxConnections,
      maxParallelDials: options.dialsInFlight,
      dialTimeout: DIAL_TIMEOUT_MS,
      reconnectRetries: 0,
      // The library's own ten are taken by ten sockets that say nothing.
      maxIncomingPendingConnections: options.maxPending,
      ...(loopback ? { inboundConnectionThreshold: 1000 } : {}),
    },
    connectionGater: {
      denyDialPeer: (peer) => options.isShutOut(peer.toString()),
      denyDialMultiaddr: (address) => !options.mayDial(address.toString()),
      denyInboundConnection: ({ remoteAddr }) => options.isCrowded(remoteAddr.toString()),
      denyInboundEncryptedConnection: (peer) => options.isShutOut(peer.toString()),
    },
    services: {
      identify: identify(),
      ping: ping(),
      dht: kadDHT({
        protocol: `/mabeam/1/${short(options.chain)}/kad`,
        // With a public address a peer serves lookups, which kad-dht finds out by itself; elsewhere nobody would ask.
        ...(loopback ? { clientMode: true } : {}),
        peerInfoMapper: loopback ? passthroughMapper : removePrivateAddressesMapper,
        querySelfInterval: SELF_QUERY_INTERVAL_MS,
        initialQuerySelfInterval: loopback ? SELF_QUERY_INTERVAL_MS : FIRST_SELF_QUERY_MS,
      }),
      gossip: gossipService({
        topics: options.topics,
        conductOf: options.conductOf,
      }),
    },
  });
}

/** A host that only dials: no listener, no services. */
export const createDialer = (): Promise<Libp2p> =>
  createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [thriftyNoise()],
    streamMuxers: [muxer()],
    connectionMonitor: { enabled: false },
  });
