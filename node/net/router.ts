// Where a step's messages go: the frames for one member leave in one write (spec/network#R4).
import type { Connection } from "@libp2p/interface";
import { type Bytes, unreachable } from "../../src/base/index.js";
import type { PeerRef } from "../../src/peer/event.js";
import type { Outgoing, Topic } from "../../src/peer/ready.js";
import {
  encodeMessage,
  MAX_CATCH_UP_ENTRIES,
  MAX_FRAME_BYTES,
  type QuorumMessage,
} from "../../src/quorum/index.js";
import type { Counters } from "./counters.js";
import { FRAME_HEAD_BYTES, frameOf } from "./frame-stream.js";
import { type NetworkHandlers, NetworkRefusal, type Role } from "./ports.js";
import type { QuorumLinks } from "./quorum-links.js";
import type { ConnectedPeer, Roster } from "./roster.js";
import { askLog, type LogMessage, submitOperation } from "./sync-client.js";
import { LOG_PRUNED } from "./wire.js";

export interface RouterPort {
  readonly roster: Roster;
  /** null for a peer without a seat */
  readonly links: QuorumLinks | null;
  readonly role: Role;
  readonly handlers: NetworkHandlers;
  readonly counters: Counters;
  connectionTo(ref: PeerRef): Connection | null;
  publish(topic: Topic, bytes: Bytes): void;
  blame(from: PeerRef): void;
}

type AnyonesQuestion = QuorumMessage & { readonly kind: "getLog" | "op" };

/** Questions under way to one peer: a serving peer allows four streams. */
const MAX_ASKED = 3;
/** Further peers that an operation is handed to at once, each after one that answered FULL. */
const MAX_FULL_TRIES = 3;

export class Router {
  private readonly asked = new Map<PeerRef, number>();
  private seatTurn = 0;

  constructor(private readonly port: RouterPort) {}

  /** Sends what one step says. What cannot be sent now is counted and dropped: R8 and repeated questions mend it. */
  send(outgoing: readonly Outgoing[]): void {
    const step = new Step();
    for (const one of outgoing) this.place(one, step);
    for (const [seat, frames] of step.bySeat) {
      if (this.port.links?.send(seat, frames) !== true) {
        this.port.counters.add("quorum", "NO_LINK", frames.length);
      }
    }
  }

  private place(one: Outgoing, step: Step): void {
    switch (one.to) {
      case "members":
        this.toMembers(one.message, step);
        break;
      case "seat":
        this.toSeat(one.seat, one.message, step);
        break;
      case "peer":
        this.toPeer(one.peer, one.message, step);
        break;
      case "anyone":
        this.toAnyone(one.message, step);
        break;
      case "topic":
        this.port.publish(one.topic, one.bytes);
        break;
      default:
        unreachable(one);
    }
  }

  private toMembers(message: QuorumMessage, step: Step): void {
    for (let seat = 0; seat < this.port.role.electorate.size; seat++) {
      if (seat !== this.port.links?.mySeat) this.toSeat(seat, message, step);
    }
  }

  /** The log is always asked for over the sync protocol: it is served from the store, which the peer does not read. */
  private toSeat(seat: number, message: QuorumMessage, step: Step): void {
    const { links, roster, counters } = this.port;
    if (links !== null && message.kind !== "getLog") {
      this.enqueue(seat, message, step);
      return;
    }
    const ref = links?.peerLinkedTo(seat) ?? roster.next((one) => one.claimedSeat === seat)?.ref;
    if (ref === undefined) counters.add("sync", "NO_ROUTE");
    else this.toUnlinked(ref, message);
  }

  private enqueue(seat: number, message: QuorumMessage, step: Step): void {
    const frame = step.frame(message);
    if (frame.length > MAX_FRAME_BYTES + FRAME_HEAD_BYTES)
      this.port.counters.add("quorum", "TOO_LARGE_TO_SEND");
    else step.add(seat, frame);
  }

  private toPeer(ref: PeerRef, message: QuorumMessage, step: Step): void {
    const seat = message.kind === "getLog" ? null : (this.port.links?.seatLinkedTo(ref) ?? null);
    if (seat === null) this.toUnlinked(ref, message);
    else this.enqueue(seat, message, step);
  }

  private toAnyone(message: QuorumMessage, step: Step): void {
    if (message.kind === "getLog" || message.kind === "op") {
      const peer = this.nextFor(message);
      if (peer === null) this.port.counters.add("sync", "NO_ROUTE");
      else this.toUnlinked(peer.ref, message);
      return;
    }
    const seats = this.port.links?.linkedSeats() ?? [];
    if (seats.length === 0) this.port.counters.add("quorum", "NO_LINK");
    else this.enqueue(seats[this.seatTurn++ % seats.length]!, message, step);
  }

  /**
   * The peer whose turn it is, and of those that owe an answer only if there is no other. No height that one has shown
   * and nothing that it gave brings it a question sooner: both are free, and would draw all questions to who is of no use.
   */
  private nextFor({ kind }: AnyonesQuestion): ConnectedPeer | null {
    const { roster } = this.port;
    const isFree = ({ ref }: ConnectedPeer): boolean => !this.asked.has(ref);
    if (kind === "op") return roster.next(isFree) ?? roster.next(() => true);
    return roster.nextForLog(isFree) ?? roster.nextForLog(() => true);
  }

  /** The two things that any peer may ask of any other, over the sync protocol. */
  private toUnlinked(ref: PeerRef, message: QuorumMessage, triesLeft = MAX_FULL_TRIES): void {
    const connection = this.port.connectionTo(ref);
    if (connection === null || (message.kind !== "getLog" && message.kind !== "op")) {
      this.port.counters.add("sync", "NO_ROUTE");
      return;
    }
    if ((this.asked.get(ref) ?? 0) >= MAX_ASKED) {
      this.port.counters.add("sync", "BUSY");
      return;
    }
    this.asked.set(ref, (this.asked.get(ref) ?? 0) + 1);
    void this.ask(connection, message, triesLeft)
      .catch((error: unknown) => this.note(ref, error))
      .finally(() => {
        const left = (this.asked.get(ref) ?? 1) - 1;
        if (left === 0) this.asked.delete(ref);
        else this.asked.set(ref, left);
      })
      .then((log) => {
        if (message.kind !== "getLog" || log === null) return;
        if (this.withholds(ref, message.fromHeight, log)) return;
        return this.port.handlers.onMessage(ref, null, log);
      });
  }

  /** @returns the log, if that was the question */
  private async ask(
    connection: Connection,
    message: AnyonesQuestion,
    triesLeft: number,
  ): Promise<LogMessage | null> {
    if (message.kind === "getLog") return askLog(connection, message.fromHeight, message.max);
    const code = await submitOperation(connection, message.op);
    this.port.counters.add("sync", code === "ACCEPTED" ? "SUBMITTED" : "SUBMISSION_REFUSED");
    if (code === "FULL" && triesLeft > 0) this.toAnother(message, triesLeft - 1);
    return null;
  }

  /** A peer without room is no reason to wait for the next repetition: the one whose turn it is may have some. */
  private toAnother(message: AnyonesQuestion, triesLeft: number): void {
    const peer = this.nextFor(message);
    if (peer !== null) this.toUnlinked(peer.ref, message, triesLeft);
  }

  /** Whether a peer that has shown entries gives none of them. Its disk may be behind what it has shown, by a page of the log. */
  private withholds(ref: PeerRef, fromHeight: number, log: LogMessage): boolean {
    const shown = this.port.roster.get(ref)?.height ?? 0;
    if (log.entries.length > 0 || shown < fromHeight + MAX_CATCH_UP_ENTRIES) return false;
    this.port.counters.add("sync", "WITHHELD");
    this.port.blame(ref);
    return true;
  }

  private note(ref: PeerRef, error: unknown): null {
    const code = error instanceof NetworkRefusal ? error.code : "ASK_FAILED";
    this.port.counters.add("sync", code);
    if (code === "BAD_ANSWER") this.port.blame(ref);
    // It has let go of what it has shown, which it may: others may have it still.
    if (code === LOG_PRUNED) this.port.handlers.onLogPruned(ref);
    return null;
  }
}

/** The frames of one call by member; a message to several is encoded once. */
class Step {
  readonly bySeat = new Map<number, Bytes[]>();
  private readonly frames = new Map<QuorumMessage, Bytes>();

  frame(message: QuorumMessage): Bytes {
    const known = this.frames.get(message);
    if (known !== undefined) return known;
    const frame = frameOf(encodeMessage(message));
    this.frames.set(message, frame);
    return frame;
  }

  add(seat: number, frame: Bytes): void {
    const frames = this.bySeat.get(seat);
    if (frames === undefined) this.bySeat.set(seat, [frame]);
    else frames.push(frame);
  }
}
