// The connections of this host: which one to a peer can be used, and how those end that may not stand.
import type { Connection, PeerId } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import type { PeerRef } from "../../src/peer/event.js";
import type { Counters } from "./counters.js";
import type { Host } from "./host.js";
import type { KnownPeers } from "./known-peers.js";
import { MAX_CONNECTIONS_EACH } from "./limits.js";
import { type NetworkLog, NetworkRefusal } from "./ports.js";

export interface ConnectionsPort {
  readonly host: Host;
  readonly known: KnownPeers;
  readonly counters: Counters;
  readonly log: NetworkLog;
  isStopped(): boolean;
}

export class Connections {
  constructor(private readonly port: ConnectionsPort) {}

  /** One to a peer that can be used; null: there is none, or the name is no peer's. */
  readonly to = (ref: PeerRef): Connection | null => {
    try {
      const connections = this.port.host.getConnections(peerIdFromString(ref));
      return connections.find((connection) => connection.status === "open") ?? null;
    } catch {
      return null;
    }
  };

  /** Ends every connection to a peer that is no use to this one. */
  readonly part = ({ remotePeer }: Connection): void => {
    const { host, known, isStopped } = this.port;
    if (isStopped()) return;
    known.failed(remotePeer.toString());
    void host.hangUp(remotePeer).catch(() => undefined);
  };

  /** One name is counted once, so it may not take the places of many: its oldest connections go. */
  keepNewest(peer: PeerId): void {
    const { host, counters } = this.port;
    const inbound = host.getConnections(peer).filter(({ direction }) => direction === "inbound");
    for (const one of inbound.slice(0, Math.max(0, inbound.length - MAX_CONNECTIONS_EACH))) {
      counters.add("peers", "TOO_MANY_OF_ONE");
      one.abort(new NetworkRefusal("TOO_MANY_OF_ONE", "it has newer connections"));
    }
  }

  /** At once: a close in good order would go on reading what the peer still sends. */
  shutOut(ref: PeerRef): void {
    const { host, counters, log } = this.port;
    counters.add("peers", "SHUT_OUT");
    log.warn({ peer: ref }, "a peer misbehaved again and again, and is shut out");
    const reason = new NetworkRefusal("SHUT_OUT", "it misbehaved again and again");
    for (const connection of host.getConnections(peerIdFromString(ref))) connection.abort(reason);
  }
}
