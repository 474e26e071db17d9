// The recorder: sits between each peer's machine and its body, and writes down what passes, by size alone.
import { hash } from "node:crypto";
import { performance } from "node:perf_hooks";
import { agentKey } from "../../node/crypto/signer.js";
import type { SignatureVerifier } from "../../node/crypto/verifier.js";
import type { DriverParts } from "../../node/driver.js";
import { type Bytes, unreachable } from "../../src/base/index.js";
import type { AgentKey } from "../../src/crypto/index.js";
import type { Genesis } from "../../src/ledger/index.js";
import { type Event, electorateOf, type Outgoing, type Write } from "../../src/peer/index.js";
import { encodeMessage, openGuard, type QuorumMessage } from "../../src/quorum/index.js";
import type { TestnetPlan } from "../plan.js";
import type { Action, Trace, TracedFrame, TracedRow } from "./trace.js";

/** An action before its time is put on it. */
type Untimed<A> = A extends Action ? Omit<A, "atMs"> : never;

/** Questions and short answers of the sync protocol: their own length is not known here. */
const QUESTION_BYTES = 64;

const nameOf = (bytes: Bytes): string => hash("sha256", bytes, "base64");
const bytesOf = (message: QuorumMessage): Bytes => encodeMessage(message);

export class TraceRecorder {
  private actions: Action[][] | null = null;
  private startedAtMs = 0;
  private verifiedBefore = 0;
  private verifiedInSteps = 0;
  private lastId = 0;
  private places = new Map<string, number>();
  private readonly placeOfSeat: readonly number[];
  /** ids of what was sent and not yet heard of, by way and content */
  private readonly sent = new Map<string, number[]>();
  private readonly gossiped = new Map<string, number>();
  private readonly accounts = new WeakSet<QuorumMessage>();

  constructor(
    private readonly plan: TestnetPlan,
    genesis: Genesis,
    private readonly verifier: SignatureVerifier,
  ) {
    const electorate = electorateOf(genesis);
    const places: number[] = [];
    for (const [place, { consensusSeed }] of plan.peerPlans.entries()) {
      const seat = consensusSeed === null ? null : electorate.seatOf(agentKey(consensusSeed).publicKey);
      if (seat !== null) places[seat] = place;
    }
    this.placeOfSeat = places;
  }

  /** Peers by the names that connections have. */
  named(refs: readonly string[]): void {
    this.places = new Map(refs.map((ref, place) => [ref, place]));
  }

  begin(): void {
    this.actions = this.plan.peerPlans.map(() => []);
    this.startedAtMs = performance.now();
    this.verifiedInSteps = 0;
    this.verifiedBefore = this.verifier.counters.native;
  }

  end(commitMs: number): Trace {
    const actions = this.actions ?? [];
    this.actions = null;
    const verified = this.verifier.counters.native - this.verifiedBefore;
    const { peers, quorum } = this.plan;
    return { peers, seats: quorum, actions, verifiedAside: verified - this.verifiedInSteps, commitMs };
  }

  /** The same key, whose signatures are counted. */
  pen(place: number, key: AgentKey): AgentKey {
    return {
      publicKey: key.publicKey,
      derive: (purpose) => key.derive(purpose),
      sign: (message) => {
        this.note(place, { kind: "sign", count: 1 });
        return key.sign(message);
      },
    };
  }

  /** The same parts of a driver, with the recorder in between. */
  around(place: number, parts: DriverParts): DriverParts {
    const { machine, store, transport } = parts;
    return {
      ...parts,
      machine: {
        step: (event) => {
          this.heard(place, event);
          const before = this.verifier.counters.native;
          const ready = machine.step(event);
          const count = this.verifier.counters.native - before;
          if (count > 0) this.note(place, { kind: "verify", count });
          if (this.actions !== null) this.verifiedInSteps += count;
          return ready;
        },
      },
      store: {
        write: (writes) => {
          this.countVotes(place, writes);
          this.note(place, writeAction(writes));
          return store.write(writes);
        },
      },
      transport: {
        send: (outgoing) => {
          this.spoke(place, outgoing);
          transport.send(outgoing);
        },
      },
    };
  }

  private note(place: number, action: Untimed<Action>): void {
    if (this.actions === null) return;
    const atMs = performance.now() - this.startedAtMs;
    this.actions[place]!.push({ ...action, atMs } as Action);
  }

  private heard(place: number, event: Event): void {
    if (this.actions === null) return;
    if (event.kind === "operation") this.awaited(place, this.operationId(place, nameOf(event.bytes)));
    if (event.kind !== "message") return;
    const { message, seat } = event;
    const from = this.places.get(event.from) ?? 0;
    const bytes = bytesOf(message);
    if (message.kind === "log" && seat === null) {
      this.note(place, { kind: "ask", of: from, bytes: QUESTION_BYTES, answerBytes: bytes.length });
    } else if (seat === null) this.awaited(place, this.gossiped.get(nameOf(bytes)));
    else this.awaited(place, this.sent.get(`${from}>${place} ${nameOf(bytes)}`)?.shift());
  }

  /** By gossip if it went that way at all, else by the frame of a member. */
  private operationId(place: number, name: string): number | undefined {
    return this.gossiped.get(name) ?? this.sent.get(`op>${place} ${name}`)?.shift();
  }

  private awaited(place: number, id: number | undefined): void {
    // What was sent before the recording began has arrived.
    if (id !== undefined) this.note(place, { kind: "await", id });
  }

  private spoke(place: number, outgoing: readonly Outgoing[]): void {
    if (this.actions === null) return;
    const frames: TracedFrame[] = [];
    for (const one of outgoing) {
      if (one.to === "topic") this.publishes(place, one.topic, one.bytes);
      else {
        this.countAccount(place, one.message);
        frames.push(...this.framesOf(place, one));
      }
    }
    if (frames.length > 0) this.note(place, { kind: "send", frames });
  }

  private publishes(place: number, topic: string, bytes: Bytes): void {
    const name = nameOf(bytes);
    const id = this.gossiped.get(name) ?? ++this.lastId;
    this.gossiped.set(name, id);
    this.note(place, { kind: "gossip", topic, id, bytes: bytes.length });
  }

  /** The sign guard's record names all that a batch signed. */
  private countVotes(place: number, writes: readonly Write[]): void {
    for (const write of writes) {
      const count = write.kind === "guard" ? (openGuard(write.record)?.marks.length ?? 0) : 0;
      if (count > 0) this.note(place, { kind: "sign", count });
    }
  }

  /** A member's accounts of where it stands are signed, and not guarded. */
  private countAccount(place: number, message: QuorumMessage): void {
    if (message.kind !== "status" || this.accounts.has(message)) return;
    this.accounts.add(message);
    this.note(place, { kind: "sign", count: 1 });
  }

  private framesOf(place: number, one: Exclude<Outgoing, { readonly to: "topic" }>): readonly TracedFrame[] {
    const targets = this.targetsOf(place, one);
    const bytes = bytesOf(one.message);
    if (!this.isMember(place)) {
      // Without a seat there are no frames: an operation is handed over on a stream of its own, a question with its answer.
      if (one.message.kind === "op" && targets.length > 0) {
        this.note(place, { kind: "ask", of: targets[0]!, bytes: bytes.length, answerBytes: QUESTION_BYTES });
      }
      return [];
    }
    return targets.filter((to) => this.isMember(to)).map((to) => this.frame(place, to, one.message, bytes));
  }

  private frame(from: number, to: number, message: QuorumMessage, bytes: Bytes): TracedFrame {
    const id = ++this.lastId;
    const way = message.kind === "op" ? `op>${to} ${nameOf(message.op)}` : `${from}>${to} ${nameOf(bytes)}`;
    this.sent.set(way, [...(this.sent.get(way) ?? []), id]);
    return { to, id, bytes: bytes.length };
  }

  private targetsOf(place: number, one: Exclude<Outgoing, { readonly to: "topic" }>): readonly number[] {
    switch (one.to) {
      case "members":
        return this.placeOfSeat.filter((other) => other !== place);
      case "seat":
        return [this.placeOfSeat[one.seat]!];
      case "peer":
        return [this.places.get(one.peer) ?? 0];
      case "anyone":
        return [this.placeOfSeat.find((other) => other !== place) ?? place];
      default:
        return unreachable(one);
    }
  }

  private isMember(place: number): boolean {
    return this.placeOfSeat.includes(place);
  }
}

function writeAction(writes: readonly Write[]): Untimed<Action> {
  const rows: TracedRow[] = [];
  let guardBytes: number | null = null;
  for (const write of writes) {
    if (write.kind === "guard") guardBytes = write.record.length;
    else
      rows.push({ keyBytes: write.key.length, valueBytes: write.kind === "put" ? write.value.length : null });
  }
  return { kind: "write", rows, guardBytes };
}
