// What the gate is given and says: a message of a peer, its verdict, and the peer behind it that judges and is told.
import type { Bytes, Hash } from "../../src/base/index.js";
import type { PeerRef } from "../../src/peer/event.js";
import type { Topic } from "../../src/peer/ready.js";
import type { Counters } from "./counters.js";
import type { JudgingTurns } from "./judging-queue.js";
import type { NetworkLimits } from "./limits.js";
import type { NetworkHandlers, SignatureVerdict } from "./ports.js";
import type { Soon } from "./soon.js";
import type { Topics } from "./topics.js";

/** One message of one peer. `id` is null where it did not come by gossip. */
export interface Arrival {
  readonly topic: Topic;
  readonly raw: Bytes;
  readonly from: PeerRef;
  readonly id: string | null;
}

/** `pend`: a later verdict follows, unless it never gets one. */
export type Verdict =
  | { readonly kind: "accept" }
  | { readonly kind: "ignore" | "reject" | "pend"; readonly code: string };
export type Settle = (verdict: Verdict) => void;
/** The same of one operation of a bundle, by its place. */
export type SettleOne = (at: number, verdict: Verdict) => void;

export const ACCEPT: Verdict = { kind: "accept" };
export const ignore = (code: string): Verdict => ({ kind: "ignore", code });
export const reject = (code: string): Verdict => ({ kind: "reject", code });

/** What of the peer behind it the gate asks and tells. */
export type GateHandlers = Pick<
  NetworkHandlers,
  "judgeOperation" | "judgeEvidence" | "judgeFinal" | "onOperation" | "onFinal"
>;

export type GateLimits = Pick<
  NetworkLimits,
  | "relayPerSecond"
  | "relayBurst"
  | "authorPerSecond"
  | "authorBurst"
  | "pending"
  | "pendingPerAuthor"
  | "verifying"
  | "verifyingPerPeer"
>;

/** An `AsyncVerifier`, or one whose verdicts are there at once. */
export interface GateVerifier {
  verifyAsync(
    publicKey: Bytes,
    message: Bytes,
    signature: Bytes,
    slowed?: () => void,
  ): Soon<SignatureVerdict>;
}

export interface GatePort {
  readonly chain: Hash;
  readonly market: Hash;
  readonly topics: Topics;
  readonly limits: GateLimits;
  readonly handlers: GateHandlers;
  readonly verifier: GateVerifier;
  readonly counters: Counters;
  /** the network's parameter: what is valid for longer than this from now is not relayed yet */
  readonly maxValidityMs: number;
  readonly wallMs: () => number;
  /** never goes back */
  readonly steadyMs: () => number;
  /** absent: those of this process's event loop */
  readonly turns?: JudgingTurns;
  /** a peer that misbehaved again and again: what it still has waiting is not looked at */
  isShutOut(from: PeerRef): boolean;
}
