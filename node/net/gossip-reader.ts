// Reading gossip from a peer: at a bounded pace, and blaming it for frames that are none.
import type { PeerId } from "@libp2p/interface";
import type { PeerRef } from "../../src/peer/event.js";
import type { Counters } from "./counters.js";
import type { Gate } from "./gate.js";
import type { Gossip } from "./gossip.js";
import {
  BEHIND_MESSAGES,
  GOSSIP_BURST_BYTES,
  GOSSIP_BYTES_PER_SECOND,
  GOSSIP_FRAME_COST_BYTES,
  GOSSIP_MESSAGE_COST_BYTES,
} from "./limits.js";
import { TokenBuckets } from "./token-bucket.js";

/** What this file knows of gossipsub beyond its published interface; version 17.1.1 is pinned. */
interface Reader {
  pipePeerReadStream(peer: PeerId, frames: AsyncIterable<Frame>): Promise<void>;
  handlePeerReadStreamError(error: Error, peer: PeerId): void;
  decodeRpc(bytes: Uint8Array): Rpc;
  handleReceivedRpc(peer: PeerId, rpc: Rpc): Promise<void>;
}
interface Rpc {
  readonly messages: readonly unknown[];
}
interface Frame {
  subarray(): Uint8Array;
}

export interface GossipReading {
  readonly gossip: Gossip;
  readonly gate: Gate;
  readonly counters: Counters;
  readonly steadyMs: () => number;
  readonly isStopped: () => boolean;
  /** whether what a peer says is not heard at all */
  readonly isShutOut: (from: PeerRef) => boolean;
  /** relayed what it could have seen to be bad */
  readonly blame: (from: PeerRef) => void;
  readonly pause: (ms: number) => Promise<void>;
}

/** Who is behind is read on when that is over, or after so long: finals and evidence come this way too. */
const BEHIND_STEP_MS = 20;
const MAX_BEHIND_MS = 500;

/**
 * The published reader takes frames as fast as they come, and answers one that it cannot decode with a line in its log.
 * Here a peer that has used up its allowance, or whose messages are slow to judge since they are forged, is read no
 * further for a while, so that its own window holds it back; and every bad frame counts against it.
 * @returns what counts as many messages more of a peer: operations that came in one
 */
export function readWithCare(port: GossipReading): (from: PeerRef, messages: number) => void {
  const { gossip, gate, counters, steadyMs, isStopped, isShutOut, blame, pause } = port;
  const reader = gossip as unknown as Reader;
  const allowance = new TokenBuckets(GOSSIP_BYTES_PER_SECOND, GOSSIP_BURST_BYTES, steadyMs);
  /** More of what it said waits to be judged than one who relays in good faith has waiting. */
  const isBehind = (from: PeerRef): boolean => !isStopped() && gate.waitingOf(from) >= BEHIND_MESSAGES;
  /** It does not decode, or holds more than `decodeRpcLimits` allow: nobody sends such a one by accident. */
  const badFrame = (from: PeerRef): void => {
    counters.add("peers", "BAD_GOSSIP_FRAME");
    blame(from);
  };
  reader.pipePeerReadStream = async (peer, frames) => {
    const name = peer.toString();
    try {
      for await (const frame of frames) {
        if (isStopped() || isShutOut(name)) return; // its connection is being closed
        const bytes = frame.subarray();
        const rpc = decoded(reader, bytes);
        if (rpc === null) badFrame(name);
        else reader.handleReceivedRpc(peer, rpc).catch(() => undefined);
        const waitMs = allowance.spend(name, costOf(bytes, rpc));
        if (waitMs > 0) await pause(waitMs);
        for (let ms = 0; ms < MAX_BEHIND_MS && isBehind(name); ms += BEHIND_STEP_MS) {
          await pause(BEHIND_STEP_MS);
        }
      }
    } catch (error) {
      if ((error as Error).name === "InvalidDataLengthError") badFrame(name);
      reader.handlePeerReadStreamError(error as Error, peer);
    }
  };
  return (from, messages) => void allowance.spend(from, messages * GOSSIP_MESSAGE_COST_BYTES);
}

const costOf = (bytes: Uint8Array, rpc: Rpc | null): number =>
  bytes.length + GOSSIP_FRAME_COST_BYTES + (rpc?.messages.length ?? 0) * GOSSIP_MESSAGE_COST_BYTES;

function decoded(reader: Reader, bytes: Uint8Array): Rpc | null {
  try {
    return reader.decodeRpc(bytes);
  } catch {
    return null;
  }
}
