// What the network asks of the peer it serves, and what it is told when it is made.
import type { Bytes, Hash } from "../../src/base/index.js";
import type { Signer } from "../../src/crypto/index.js";
import type { Place } from "../../src/ledger/index.js";
import type { Operation } from "../../src/market/index.js";
import type { PeerRef } from "../../src/peer/event.js";
import type { Topic } from "../../src/peer/ready.js";
import type { Electorate, FinalProof, QuorumMessage } from "../../src/quorum/index.js";
import type { Keeping } from "../driver/keeping.js";
import type { Asker } from "./address-groups.js";
import type { EclipseAlarm } from "./eclipse-watch.js";
import type { NetworkLimits } from "./limits.js";
import type { Soon } from "./soon.js";

/** Judges signatures off the main thread; `overloaded` is no verdict (spec/encoding#S1). */
export interface AsyncVerifier {
  verifyAsync(
    publicKey: Bytes,
    message: Bytes,
    signature: Bytes,
    /** called if the verdict has to come from the slow lane */
    slowed?: () => void,
  ): Promise<SignatureVerdict>;
}

export type SignatureVerdict = "valid" | "invalid" | "overloaded";

/** What the finalised state says of an operation: a cheap and synchronous read (spec/network#step-6). */
export type StateVerdict =
  | { readonly kind: "accept" }
  /** no later state will accept it, so it need not wait; `reject`: nor any state at any time, which its relayer could see */
  | { readonly kind: "ignore" | "reject"; readonly code: string }
  /** a later state may accept it; `grounded`: the state knows who stands behind it, the account that signed or the commit that is opened */
  | { readonly kind: "later"; readonly code: string; readonly grounded: boolean };

/** `ignore`: of no use any more. `later`: no verdict, for no fault of anybody's; nothing is remembered of it. */
export type Acceptance = "accept" | "ignore" | "reject" | "later";

/** A state that is handed on: its height, and the hashes of its tree's buckets. */
export interface SnapshotOffer {
  readonly height: number;
  readonly buckets: Bytes;
}

export interface NetworkHandlers {
  /**
   * A decoded message: of a quorum stream with the seat that it proved, else (finals, answers to `getLog`) without.
   * A returned promise holds back the stream that the message came on.
   */
  onMessage(from: PeerRef, seat: number | null, message: QuorumMessage): void | Promise<void>;
  /**
   * An operation that passed every step of admission. `settle` is told whether the peer keeps it, at once or when it has
   * been stepped: what is not kept is neither known nor acknowledged, and may come again.
   */
  onOperation(operation: Operation, bytes: Bytes, from: PeerRef, settle: (keeping: Keeping) => void): void;
  /** A final whose certificate was judged. False: there is no room for it now. */
  onFinal(from: PeerRef, message: QuorumMessage & { readonly kind: "final" }): boolean;
  judgeOperation(operation: Operation, bytes: Bytes): StateVerdict;
  /** Of a `final` message: `ignore` what is known already, `reject` a certificate that is none. */
  judgeFinal(message: QuorumMessage & { readonly kind: "final" }, slowed: () => void): Soon<Acceptance>;
  /** Of the evidence inside an operation of that kind: `ignore` where its conviction is not wanted any more. */
  judgeEvidence(evidence: Bytes, slowed: () => void): Soon<Acceptance>;
  /** A peer of this chain is connected, for the first time or again. */
  onConnected(from: PeerRef): void;
  onDisconnected(from: PeerRef): void;
  /** A peer that was asked for the log does not keep it from so far back. */
  onLogPruned(from: PeerRef): void;
  /**
   * An encoded `log` message from a height on: at most `maxEntries` entries and `maxBytes` bytes; null: the log is not
   * kept from so far back.
   */
  serveLog(fromHeight: number, maxEntries: number, maxBytes: number): Promise<Bytes | null>;
  /** The state of an attested height, for those whom the log does not reach; null: none yet, and it may be asked again. */
  snapshot(): Promise<SnapshotOffer | null>;
  /** Encoded `snapshotRows` of that state from a place on; null: it is not held any more. */
  snapshotRows(height: number, place: Place): Promise<Bytes | null>;
  /**
   * Of a peer that holds a testnet's faucet: funds an agent that has no account yet. ACCEPTED, or the code of the
   * refusal; null: there is no faucet here.
   */
  readonly faucet: ((agent: Bytes, asker: Asker) => Promise<string>) | null;
  /** The genesis file's bytes. */
  genesis(): Bytes;
  /** The height of the last final entry. */
  height(): number;
  /** What shows it to others; null: nothing yet. */
  finalProof(): FinalProof | null;
}

export interface NetworkLog {
  debug(detail: object, message: string): void;
  warn(detail: object, message: string): void;
}

/** Told of gossip as it passes, judged or not: for measurements and audits on testnets. It must neither keep nor change the bytes. */
export type GossipTap = (direction: "sent" | "received", topic: Topic, bytes: Bytes) => void;

/** Who this peer is in the quorum of its market. */
export interface Role {
  /** null: it holds no seat */
  readonly consensusSigner: Signer | null;
  /** read whenever it is needed: the members of the epoch that is going on */
  readonly electorate: Electorate;
}

export interface NetworkOptions {
  /** the seed of the transport's Ed25519 key: 32 bytes, none of the agent's or the seat's */
  readonly peerKey: Bytes;
  /** multiaddrs, e.g. `/ip4/127.0.0.1/tcp/0` */
  readonly listen: readonly string[];
  /** multiaddrs of peers to begin with */
  readonly join: readonly string[];
  readonly chain: Hash;
  readonly market: Hash;
  /** a network whose peers all share 127.0.0.1: no other address is dialled, and limits by address are lifted */
  readonly loopback: boolean;
  /** the network's parameter, in ms: what is valid for longer from now is not relayed yet */
  readonly maxValidityMs: number;
  readonly role: Role;
  /** connections to peers that proved no seat */
  readonly maxConnections: number;
  readonly limits: NetworkLimits;
  readonly log: NetworkLog;
  readonly verifier: AsyncVerifier;
  readonly handlers: NetworkHandlers;
  /** between two final entries of an idle market, in ms; absent: nobody looks whether this peer is cut off */
  readonly expectedEntryMs?: number;
  /** an alarm began, or ended (null): see `EclipseAlarm` */
  readonly onEclipse?: (alarm: EclipseAlarm | null) => void;
  /** wall time, against which `validUntil` is judged */
  readonly wallMs: () => number;
  readonly tap?: GossipTap;
}

/** One connected peer, for people. */
export interface PeerView {
  readonly ref: PeerRef;
  readonly direction: "inbound" | "outbound";
  readonly addresses: readonly string[];
  /** proved on a quorum stream; only members learn it */
  readonly seat: number | null;
  /** where the connection goes to, as this end sees it */
  readonly remoteAddress: string;
  /** the greatest that it has shown by a certificate; 0: none */
  readonly height: number;
  /** gossipsub's score */
  readonly score: number;
  readonly connectedMs: number;
}

/** A refusal of the network itself: a stable code for people and programs. */
export class NetworkRefusal extends Error {
  override readonly name = "NetworkRefusal";
  constructor(
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}
