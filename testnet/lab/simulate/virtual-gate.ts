// The daemon's own gate and handlers in virtual time: clocks are given, and every verdict is there at once.
import { Counters } from "../../../node/net/counters.js";
import { Gate } from "../../../node/net/gate.js";
import type { GateLimits } from "../../../node/net/gate-port.js";
import type { JudgingTurns } from "../../../node/net/judging-queue.js";
import { NETWORK_LIMITS } from "../../../node/net/limits.js";
import type { Topics } from "../../../node/net/topics.js";
import { type GateParts, gateHandlers } from "../../../node/network-handlers.js";
import type { Verifier } from "../../../src/crypto/index.js";
import type { Peer } from "../../../src/peer/state.js";

export interface VirtualGateParts {
  readonly peer: Peer;
  readonly verifier: Verifier;
  /** what a driver is offered; it answers what it takes in at once or later, in the order of virtual time */
  readonly offer: GateParts["driver"]["offer"];
  readonly wallMs: () => number;
  /** never goes back */
  readonly steadyMs: () => number;
  readonly topics: Topics;
  readonly limits?: GateLimits;
  readonly counters?: Counters;
  /** of a thread in which work takes time; absent: there is always room */
  readonly turns?: JudgingTurns;
}

export function virtualGate(parts: VirtualGateParts): Gate {
  const { peer, wallMs, steadyMs, topics } = parts;
  const { network, params } = peer.ledger;
  const verifier = atOnce(parts.verifier);
  return new Gate({
    ...network,
    topics,
    limits: parts.limits ?? NETWORK_LIMITS,
    handlers: gateHandlers({ peer, driver: { offer: parts.offer }, nowMs: wallMs, verifier }),
    verifier,
    counters: parts.counters ?? new Counters(),
    maxValidityMs: params.maxValidityMs,
    wallMs,
    steadyMs,
    ...(parts.turns === undefined ? {} : { turns: parts.turns }),
    isShutOut: () => false,
  });
}

const atOnce = (verifier: Verifier): GateParts["verifier"] => ({
  verify: (key, message, signature) => verifier.verify(key, message, signature),
  verifyAsync: (key, message, signature) => (verifier.verify(key, message, signature) ? "valid" : "invalid"),
});
