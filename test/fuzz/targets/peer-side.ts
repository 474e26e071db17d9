// What stands behind the network in these targets: the daemon's own handlers over a real peer, and a note of what they got.
import { createHash } from "node:crypto";
import { Counters } from "../../../node/net/counters.js";
import { Gate } from "../../../node/net/gate.js";
import { NETWORK_LIMITS } from "../../../node/net/limits.js";
import type { NetworkHandlers } from "../../../node/net/ports.js";
import { Topics } from "../../../node/net/topics.js";
import { networkHandlers } from "../../../node/network-handlers.js";
import { type Bytes, encode } from "../../../src/base/index.js";
import type { Event } from "../../../src/peer/index.js";
import { quorumMessage } from "../../../src/quorum/index.js";
import { Random } from "../../../testnet/lab/simulate/world/random.js";
import { logAnswer } from "../../log-answer.js";
import { knownKeys } from "../known-keys.js";
import { realInputs } from "../real.js";

export interface PeerSide {
  readonly handlers: NetworkHandlers;
  readonly gate: Gate;
  readonly counters: Counters;
  /** what the driver was offered */
  readonly offered: Omit<Event, "nowMs">[];
  readonly blamed: string[];
  blame(from: string): void;
}

/** Another one for each input, so that no input hides behind what an earlier one left. */
export function peerSide(): PeerSide {
  const { behind: peer, cluster, genesis } = realInputs();
  const offered: Omit<Event, "nowMs">[] = [];
  const blamed: string[] = [];
  const counters = new Counters();
  const handlers = networkHandlers({
    peer,
    driver: {
      offer: (event, _bytes, settle) => {
        offered.push(event);
        settle?.("kept");
        return true;
      },
      submit: async () => ({ ok: false, refusal: { code: "NOT_HERE", detail: {} } }),
    },
    nowMs: () => cluster.nowMs,
    verifier: knownKeys,
    genesisBytes: genesis,
    onLogPruned: () => undefined,
    serving: {
      snapshot: async () => null,
      snapshotRows: async () => null,
      serveLog: async (fromHeight, max) =>
        encode(
          quorumMessage,
          logAnswer(
            cluster
              .host(0)
              .log(fromHeight)
              .slice(0, max + 1),
            max,
          ),
        ),
    },
    faucet: { granter: new Uint8Array(32), free: 1n, stake: 1n },
  });
  const { chain, market } = peer.ledger.network;
  const gate = new Gate({
    chain,
    market,
    topics: new Topics(chain, market),
    limits: NETWORK_LIMITS,
    handlers,
    verifier: knownKeys,
    counters,
    maxValidityMs: peer.ledger.params.maxValidityMs,
    wallMs: () => cluster.nowMs,
    steadyMs: () => cluster.nowMs,
    isShutOut: () => false,
  });
  return { handlers, gate, counters, offered, blamed, blame: (from) => void blamed.push(from) };
}

/** Choices that belong to an input: the same for the same bytes. */
export function choicesOf(input: Bytes): Random {
  return new Random(createHash("sha256").update(input).digest().readUInt32BE(0), "choices");
}
