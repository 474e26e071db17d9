// Protocols of others on this network: streams that they serve, and connections to peers that they name.
import type { Connection, Stream } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import type { Bytes } from "../../src/base/index.js";
import type { PeerRef } from "../../src/peer/event.js";
import type { Counters, Part } from "./counters.js";
import type { Host } from "./host.js";
import { CALL_LIMIT_MS } from "./limits.js";
import { transportKeyOf } from "./peer-key.js";
import { NetworkRefusal } from "./ports.js";
import { isLoopback } from "./reach.js";

export interface DirectPort {
  readonly host: Host;
  readonly loopback: boolean;
  readonly counters: Counters;
  readonly steadyMs: () => number;
  readonly connectionTo: (ref: PeerRef) => Connection | null;
  /** the peers of this chain that are connected */
  readonly neighbours: () => readonly PeerRef[];
  readonly blame: (from: PeerRef) => void;
}

/** A stream that came or was opened, with the raw Ed25519 keys of both ends as Noise authenticated them. */
export interface DirectStream {
  readonly stream: Stream;
  readonly from: PeerRef;
  readonly self: Bytes;
  readonly remote: Bytes;
}

/** What a protocol of somebody else's has of the network. */
export class Direct {
  constructor(private readonly port: DirectPort) {}

  get self(): PeerRef {
    return this.port.host.peerId.toString();
  }

  get steadyMs(): () => number {
    return this.port.steadyMs;
  }

  /** Where this peer can be reached: loopback addresses only where there are no others. */
  addresses(): readonly string[] {
    const all = this.port.host.getMultiaddrs().map(String);
    const wide = all.filter((address) => !isLoopback(address));
    return wide.length > 0 ? wide : all;
  }

  neighbours(): readonly PeerRef[] {
    return this.port.neighbours();
  }

  count(part: Part, code: string): void {
    this.port.counters.add(part, code);
  }

  blame(from: PeerRef): void {
    this.port.blame(from);
  }

  /** Serves a protocol: `work` ends when the stream may. What it throws ends the stream. */
  async serve(
    protocol: string,
    maxInboundStreams: number,
    work: (incoming: DirectStream) => Promise<void>,
  ): Promise<void> {
    const limits = { maxInboundStreams, maxOutboundStreams: 64 };
    await this.port.host.handle(
      protocol,
      async (stream, connection) => {
        try {
          await work(this.known(stream, connection));
          await stream.close({ signal: AbortSignal.timeout(CALL_LIMIT_MS) });
        } catch (error) {
          stream.abort(error instanceof Error ? error : new NetworkRefusal("FAILED", String(error)));
        }
      },
      limits,
    );
  }

  /** A connection to this peer, dialled if there is none. @throws NetworkRefusal UNREACHABLE */
  async reach(ref: PeerRef, addresses: readonly string[] = []): Promise<Connection> {
    const there = this.port.connectionTo(ref);
    if (there !== null) return there;
    const targets = addresses.flatMap((address) => this.targetOf(ref, address));
    if (targets.length === 0) throw new NetworkRefusal("UNREACHABLE", "no address of it is known");
    const signal = AbortSignal.timeout(CALL_LIMIT_MS);
    const connection = await this.port.host.dial(targets, { signal }).catch((error: unknown) => {
      throw new NetworkRefusal("UNREACHABLE", String(error));
    });
    if (connection.remotePeer.equals(peerIdFromString(ref))) return connection;
    throw new NetworkRefusal("UNREACHABLE", "another peer answers there");
  }

  /** Opens a stream, does `work` on it, and ends it. @throws NetworkRefusal, what `work` and libp2p throw */
  async withStream<T>(
    connection: Connection,
    protocol: string,
    work: (outgoing: DirectStream) => Promise<T>,
  ): Promise<T> {
    const signal = AbortSignal.timeout(CALL_LIMIT_MS);
    const stream = await connection.newStream(protocol, { signal, maxOutboundStreams: 64 });
    try {
      const done = await work(this.known(stream, connection));
      stream
        .close({ signal: AbortSignal.timeout(CALL_LIMIT_MS) })
        .catch((error: Error) => stream.abort(error));
      return done;
    } catch (error) {
      stream.abort(error instanceof Error ? error : new NetworkRefusal("FAILED", String(error)));
      throw error;
    }
  }

  private known(stream: Stream, connection: Connection): DirectStream {
    const self = transportKeyOf(this.port.host.peerId);
    const remote = transportKeyOf(connection.remotePeer);
    if (self === null || remote === null) throw new NetworkRefusal("NO_KEY", "its name holds no key");
    return { stream, from: connection.remotePeer.toString(), self, remote };
  }

  /** An address as it is dialled; none: it is no address of that peer, or of this machine and meant for another. */
  private targetOf(ref: PeerRef, address: string): Multiaddr[] {
    if (isLoopback(address) && !this.port.loopback) return [];
    try {
      const whole = address.includes("/p2p/") ? address : `${address}/p2p/${ref}`;
      return whole.endsWith(`/p2p/${ref}`) ? [multiaddr(whole)] : [];
    } catch {
      return [];
    }
  }
}

/** The same, for whoever plays it. */
export type DirectNet = Pick<Direct, keyof Direct>;
