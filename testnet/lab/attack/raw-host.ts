// An attacker's host: libp2p with none of this network's rules.
import type { Connection, Stream } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p, type Libp2p } from "libp2p";
import { GOSSIP_PROTOCOL } from "../../../node/net/gossip.js";

/** A host with a key of its own that listens to nobody. */
export const rawHost = (): Promise<Libp2p> =>
  createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    connectionManager: { reconnectRetries: 0 },
  });

export interface Line {
  readonly connection: Connection;
  readonly stream: Stream;
}

/** A stream of a protocol, gossip by default, to an address; null if it is not let in. */
export async function openLine(
  host: Libp2p,
  address: string,
  protocol = GOSSIP_PROTOCOL,
): Promise<Line | null> {
  try {
    const connection = await host.dial(multiaddr(address));
    const stream = await connection.newStream(protocol, { maxOutboundStreams: 1_000 });
    return { connection, stream };
  } catch {
    return null;
  }
}

/** Writes if the stream takes more; false if it is over. */
export function push({ stream, connection }: Line, bytes: Uint8Array): boolean {
  if (stream.status !== "open" || connection.status !== "open") return false;
  try {
    if (!stream.writableNeedsDrain) stream.send(bytes);
    return true;
  } catch {
    return false;
  }
}
