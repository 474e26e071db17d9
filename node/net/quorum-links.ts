// The quorum protocol: one proven stream in each direction between every two members (spec/network#R4).
import type { Connection, Stream } from "@libp2p/interface";
import { type Bytes, InvariantError } from "../../src/base/index.js";
import type { PeerRef } from "../../src/peer/event.js";
import { decodeMessage, MAX_FRAME_BYTES, type QuorumMessage } from "../../src/quorum/index.js";
import { CallAborted } from "./call.js";
import type { Counters } from "./counters.js";
import { FrameError, FrameStream } from "./frame-stream.js";
import { CALL_LIMIT_MS, MAX_SMALL_FRAME_BYTES } from "./limits.js";
import { MemberOutbox, type OutboxLimits } from "./member-outbox.js";
import { transportKeyOf } from "./peer-key.js";
import { ProofError, type Prover, proveAsOpener, proveAsResponder } from "./seat-proof.js";
import { TokenBuckets } from "./token-bucket.js";
import { QUORUM_PROTOCOL } from "./wire.js";

export interface QuorumPort extends Prover {
  /** this end's raw transport key */
  readonly selfKey: Bytes;
  readonly limits: OutboxLimits;
  readonly counters: Counters;
  readonly steadyMs: () => number;
  /** a frame of a proven member; a promise holds back its stream */
  deliver(from: PeerRef, seat: number, message: QuorumMessage): void | Promise<void>;
  /** bad bytes or a false proof */
  blame(from: PeerRef): void;
  /** a seat was proved on this peer's connection, or its last quorum stream ended (null) */
  seated(from: PeerRef, seat: number | null): void;
  /** whether a seat's holder misbehaved again and again, under whatever peer's name */
  isSeatShutOut(seat: number): boolean;
}

interface Link {
  readonly seat: number;
  readonly peer: PeerRef;
  readonly stream: Stream;
  readonly outbox: MemberOutbox;
}

/** Openings that one peer may try at once, and per second. */
const OPENINGS_BURST = 8;
const OPENINGS_PER_SECOND = 1;

export class QuorumLinks {
  private readonly bySeat = new Map<number, Link>();
  private readonly inbound = new Map<PeerRef, { readonly seat: number; readonly stream: Stream }>();
  private readonly opening = new Set<PeerRef>();
  private readonly openings: TokenBuckets;

  constructor(private readonly port: QuorumPort) {
    this.openings = new TokenBuckets(OPENINGS_PER_SECOND, OPENINGS_BURST, port.steadyMs);
  }

  get mySeat(): number | null {
    const { role, signer } = this.port;
    return role.electorate.seatOf(signer.publicKey);
  }

  hasLink(seat: number): boolean {
    return this.bySeat.has(seat);
  }

  /** The seats that can be written to. */
  linkedSeats(): number[] {
    return [...this.bySeat.keys()];
  }

  /** The seat whose stream to `peer` is open. */
  seatLinkedTo(peer: PeerRef): number | null {
    for (const link of this.bySeat.values()) if (link.peer === peer) return link.seat;
    return null;
  }

  /** The seat that a peer proved, on a stream of its own or of this end's. */
  seatProvenBy(peer: PeerRef): number | null {
    return this.inbound.get(peer)?.seat ?? this.seatLinkedTo(peer);
  }

  /** The peer that a seat's stream goes to. */
  peerLinkedTo(seat: number): PeerRef | null {
    return this.bySeat.get(seat)?.peer ?? null;
  }

  /** Bytes that wait for a seat; 0 without a link. */
  waitingBytes(seat: number): number {
    return this.bySeat.get(seat)?.outbox.waitingBytes ?? 0;
  }

  /** Writes the frames of one step to a member together; false without a link to it. */
  send(seat: number, frames: readonly Bytes[]): boolean {
    const link = this.bySeat.get(seat);
    if (link === undefined) return false;
    link.outbox.push(frames);
    return true;
  }

  /** Opens this end's stream to a peer that claims a seat. @returns whether a link stands */
  async open(connection: Connection): Promise<boolean> {
    const peer = connection.remotePeer.toString();
    if (this.opening.has(peer)) return false;
    if (this.seatLinkedTo(peer) !== null) return true;
    this.opening.add(peer);
    try {
      return await this.openProven(connection, peer);
    } catch (error) {
      this.note(peer, error);
      return false;
    } finally {
      this.opening.delete(peer);
    }
  }

  private async openProven(connection: Connection, peer: PeerRef): Promise<boolean> {
    const remote = transportKeyOf(connection.remotePeer);
    if (remote === null) throw new ProofError("BAD_HANDSHAKE");
    const stream = await connection.newStream(QUORUM_PROTOCOL, {
      signal: AbortSignal.timeout(CALL_LIMIT_MS),
    });
    const frames = new FrameStream(stream, MAX_SMALL_FRAME_BYTES);
    const seat = await this.withinLimit(stream, () =>
      proveAsOpener(frames, this.port, this.port.selfKey, remote),
    );
    this.refuseIfShutOut(seat, stream);
    if (this.bySeat.has(seat)) {
      stream.abort(new CallAborted("SEAT_LINKED"));
      return true;
    }
    this.establish(seat, peer, stream);
    return true;
  }

  private establish(seat: number, peer: PeerRef, stream: Stream): void {
    const { counters } = this.port;
    const outbox = new MemberOutbox(stream, this.port.limits, (frames) =>
      counters.add("quorum", "FRAMES_DROPPED", frames),
    );
    const link = { seat, peer, stream, outbox };
    this.bySeat.set(seat, link);
    stream.addEventListener("close", () => {
      if (this.bySeat.get(seat) === link) this.bySeat.delete(seat);
      this.reportSeat(peer);
    });
    // The other end never writes on this stream again; if it closes it, the link is over.
    stream.addEventListener("remoteCloseWrite", () => stream.abort(new CallAborted("CLOSED")));
    counters.add("quorum", "LINKED");
    this.reportSeat(peer);
  }

  /** Serves a stream that another peer opened. */
  async serve(stream: Stream, connection: Connection): Promise<void> {
    const peer = connection.remotePeer.toString();
    try {
      await this.serveProven(stream, connection, peer);
    } catch (error) {
      this.note(peer, error);
      stream.abort(error instanceof Error ? error : new CallAborted("FAILED"));
    }
  }

  private async serveProven(stream: Stream, connection: Connection, peer: PeerRef): Promise<void> {
    if (!this.openings.take(peer)) throw new CallAborted("TOO_MANY_OPENINGS");
    const remote = transportKeyOf(connection.remotePeer);
    if (remote === null) throw new ProofError("BAD_HANDSHAKE");
    const frames = new FrameStream(stream, MAX_SMALL_FRAME_BYTES);
    const seat = await this.withinLimit(stream, () =>
      proveAsResponder(frames, this.port, this.port.selfKey, remote),
    );
    this.refuseIfShutOut(seat, stream);
    const before = this.inbound.get(peer);
    const mine = { seat, stream };
    this.inbound.set(peer, mine);
    before?.stream.abort(new CallAborted("REPLACED"));
    stream.addEventListener("close", () => {
      if (this.inbound.get(peer) === mine) this.inbound.delete(peer);
      this.reportSeat(peer);
    });
    this.reportSeat(peer);
    frames.maxBytes = MAX_FRAME_BYTES;
    for (;;) await this.receive(peer, seat, await frames.read());
  }

  private refuseIfShutOut(seat: number, stream: Stream): void {
    if (!this.port.isSeatShutOut(seat)) return;
    const refusal = new CallAborted("SEAT_SHUT_OUT");
    stream.abort(refusal);
    throw refusal;
  }

  private receive(peer: PeerRef, seat: number, frame: Bytes): void | Promise<void> {
    const decoded = decodeMessage(frame);
    if (!decoded.ok) throw new BadFrame(decoded.error.code);
    this.port.counters.add("quorum", "FRAMES");
    return this.port.deliver(peer, seat, decoded.value);
  }

  private reportSeat(peer: PeerRef): void {
    this.port.seated(peer, this.seatProvenBy(peer));
  }

  /** Runs the opening of a stream, which has no time limit once it is proven. */
  private async withinLimit<T>(stream: Stream, work: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => stream.abort(new CallAborted("TIMEOUT")), CALL_LIMIT_MS);
    try {
      return await work();
    } catch (error) {
      stream.abort(error instanceof Error ? error : new CallAborted("FAILED"));
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  private note(peer: PeerRef, error: unknown): void {
    if (error instanceof InvariantError) throw error; // a bug of ours, not an accident of the stream
    const code = codeOf(error);
    if (code === "ENDED") return;
    this.port.counters.add("quorum", code);
    if (BLAMED.has(code) || error instanceof BadFrame) this.port.blame(peer);
  }
}

class BadFrame extends Error {
  override readonly name = "BadFrame";
  constructor(readonly code: string) {
    super(code);
  }
}

/** What only the other side can have done wrong; a stream that breaks is nobody's fault. */
const BLAMED: ReadonlySet<string> = new Set([
  "OVERSIZE",
  "TRUNCATED",
  "BAD_HANDSHAKE",
  "NOT_SEATED",
  "BAD_PROOF",
  "TOO_MANY_OPENINGS",
]);

function codeOf(error: unknown): string {
  if (error instanceof FrameError || error instanceof ProofError || error instanceof BadFrame)
    return error.code;
  return error instanceof CallAborted ? error.code : "BROKEN";
}
