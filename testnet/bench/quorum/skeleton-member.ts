// A member of the skeleton: the terms, votes and batches of an undisturbed quorum, and no rule beyond them.
import { hrtime } from "node:process";
import type { Store } from "../../../node/store/store.js";
import { type Bytes, unreachable } from "../../../src/base/index.js";
import type { Write } from "../../../src/peer/index.js";
import {
  ackedRows,
  BATCH_MS,
  bytesOfAll,
  committedRows,
  finalRows,
  MAX_OPS,
  MAX_UNFINALISED,
  proposedRows,
  QUORUM,
  signOne,
  takenRow,
  verifyOne,
} from "./skeleton-costs.js";
import { type Ballot, type Frame, proposal, small } from "./skeleton-frames.js";

/** Steps that share a batch, as the daemons' driver takes them. */
const MAX_GROUP = 64;

interface Pending {
  readonly bytes: Bytes;
  readonly seenMs: number;
}

/** What is known of a term. */
interface Term {
  operations: readonly Bytes[] | null;
  readonly acks: Set<number>;
  readonly commits: Set<number>;
  certified: boolean;
  final: boolean;
}

/** What a step asks for, to be done when its writes are durable. */
interface Effects {
  readonly writes: Write[];
  readonly send: Bytes[];
  readonly after: (() => void)[];
}

export interface MemberPort {
  readonly seat: number;
  readonly seats: number;
  readonly store: Pick<Store, "write">;
  /** to every other member, in one write */
  broadcast(frames: readonly Bytes[]): void;
  onFinal(operations: number): void;
}

const nowMs = (): number => Number(hrtime.bigint() / 1_000_000n);
const keyOf = (operation: Bytes): string =>
  Buffer.from(operation.buffer, operation.byteOffset + operation.length - 24, 24).toString("base64");

const isGuard = ({ kind }: Write): boolean => kind === "guard";

/** Of several guard records the last alone, as the driver writes it. */
function guardFirst(writes: readonly Write[]): readonly Write[] {
  const guard = writes.findLast(isGuard);
  return guard === undefined ? writes : [guard, ...writes.filter((one) => !isGuard(one))];
}

export class SkeletonMember {
  private readonly pending = new Map<string, Pending>();
  private readonly own = new Set<string>();
  /** operations whose signatures were verified: none is verified, or takes its place, twice */
  private readonly verified = new Set<string>();
  private readonly included = new Set<string>();
  private readonly terms = new Map<number, Term>();
  private readonly queue: ((effects: Effects) => void)[] = [];
  private running = false;
  private term = 1;
  private finalTerm = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly port: MemberPort) {}

  /** A client's operation: on disk, then to all others. */
  async take(operation: Bytes, taken: () => void): Promise<void> {
    await verifyOne();
    const key = keyOf(operation);
    this.verified.add(key);
    this.offer((effects) => {
      this.own.add(key);
      this.pending.set(key, { bytes: operation, seenMs: nowMs() });
      effects.writes.push(takenRow(key, operation));
      effects.send.push(small("operation", 0, this.port.seat, operation));
      effects.after.push(taken);
    });
  }

  /** A member's frame: its signatures are verified before it is looked at. */
  async hear(frame: Frame): Promise<void> {
    switch (frame.kind) {
      case "operation":
        return this.heardOperation(frame.body);
      case "propose":
        return this.heardProposal(frame.term, frame.operations);
      case "ack":
      case "commit":
        await verifyOne();
        return this.offer((effects) => this.count(frame, effects));
      case "cert":
      case "final":
        return;
      default:
        return unreachable(frame);
    }
  }

  private async heardProposal(term: number, operations: readonly Bytes[]): Promise<void> {
    const unknown = operations.map(keyOf).filter((key) => !this.verified.has(key));
    for (const key of unknown) this.verified.add(key);
    await Promise.all([verifyOne(), ...unknown.map(verifyOne)]);
    this.offer((effects) => this.acknowledge(term, operations, effects));
  }

  private async heardOperation(operation: Bytes): Promise<void> {
    const key = keyOf(operation);
    if (this.verified.has(key)) return;
    this.verified.add(key);
    await verifyOne();
    this.offer(() => {
      if (!this.included.has(key)) this.pending.set(key, { bytes: operation, seenMs: nowMs() });
    });
  }

  private offer(step: (effects: Effects) => void): void {
    this.queue.push(step);
    if (this.running) return;
    this.running = true;
    queueMicrotask(() => void this.run());
  }

  /** Steps that wait together share batches; a new one begins before every step that signs. */
  private async run(): Promise<void> {
    while (this.queue.length > 0) {
      let batch: Effects[] = [];
      for (const step of this.queue.splice(0, MAX_GROUP)) {
        const effects: Effects = { writes: [], send: [], after: [] };
        step(effects);
        this.propose(effects);
        if (effects.writes.some(isGuard) && batch.some(({ writes }) => writes.length > 0)) {
          await this.commit(batch);
          batch = [];
        }
        batch.push(effects);
      }
      await this.commit(batch);
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.running = false;
  }

  private async commit(batch: readonly Effects[]): Promise<void> {
    const writes = batch.flatMap(({ writes: own }) => guardFirst(own));
    if (writes.length > 0) await this.port.store.write(writes);
    for (const { send, after } of batch) {
      if (send.length > 0) this.port.broadcast(send);
      for (const one of after) one();
    }
  }

  private stateOf(term: number): Term {
    const known = this.terms.get(term);
    if (known !== undefined) return known;
    const made: Term = {
      operations: null,
      acks: new Set(),
      commits: new Set(),
      certified: false,
      final: false,
    };
    this.terms.set(term, made);
    return made;
  }

  /** The batch rule (spec/log#Y3): at once if nothing busy is under way; else when full, or after batchMs. */
  private propose(effects: Effects): void {
    const { seat, seats } = this.port;
    if (this.term % seats !== seat || this.stateOf(this.term).operations !== null) return;
    // What the entry before holds would else be proposed again.
    if (this.term > 1 && this.stateOf(this.term - 1).operations === null) return;
    const underWay = this.term - 1 - this.finalTerm;
    const oldest = this.pending.values().next().value;
    if (oldest === undefined || underWay > MAX_UNFINALISED) return;
    const waitMs = oldest.seenMs + BATCH_MS - nowMs();
    if (underWay > 0 && this.pending.size < MAX_OPS && waitMs > 0) {
      this.timer ??= setTimeout(() => {
        this.timer = null;
        this.offer(() => undefined);
      }, waitMs);
      return;
    }
    const operations = [...this.pending.values()].slice(0, MAX_OPS).map(({ bytes }) => bytes);
    signOne();
    effects.writes.push(...proposedRows(bytesOfAll(operations)));
    effects.send.push(proposal(this.term, seat, operations));
    this.ack(this.term, operations, effects);
  }

  private acknowledge(term: number, operations: readonly Bytes[], effects: Effects): void {
    if (this.stateOf(term).operations !== null) return;
    effects.writes.push(...ackedRows(bytesOfAll(operations)));
    this.ack(term, operations, effects);
  }

  private ack(term: number, operations: readonly Bytes[], effects: Effects): void {
    const state = this.stateOf(term);
    state.operations = operations;
    for (const key of operations.map(keyOf)) {
      this.pending.delete(key);
      this.included.add(key);
    }
    signOne();
    effects.send.push(small("ack", term, this.port.seat));
    this.count({ kind: "ack", term, seat: this.port.seat }, effects);
  }

  private count({ kind, term, seat }: Ballot, effects: Effects): void {
    const state = this.stateOf(term);
    (kind === "ack" ? state.acks : state.commits).add(seat);
    if (!state.certified && state.acks.size >= QUORUM) this.certified(term, state, effects);
    if (
      !state.final &&
      state.commits.size >= QUORUM &&
      state.operations !== null &&
      this.finalTerm === term - 1
    ) {
      this.finalised(term, state, effects);
    }
  }

  private certified(term: number, state: Term, effects: Effects): void {
    const { seat } = this.port;
    state.certified = true;
    signOne();
    effects.writes.push(...committedRows());
    effects.send.push(small("cert", term, seat), small("commit", term, seat));
    this.term = Math.max(this.term, term + 1);
    this.count({ kind: "commit", term, seat }, effects);
  }

  private finalised(term: number, state: Term, effects: Effects): void {
    const { seat, seats } = this.port;
    const operations = state.operations!;
    state.final = true;
    this.finalTerm = term;
    const own = operations.map(keyOf).filter((key) => this.own.delete(key));
    effects.writes.push(...finalRows(bytesOfAll(operations), operations.length, own));
    effects.send.push(small("cert", term, seat));
    // Two of the four were seen to tell everyone else.
    if ((seat + term) % seats < 2) effects.send.push(small("final", term, seat));
    effects.after.push(() => this.port.onFinal(operations.length));
    this.terms.delete(term - MAX_UNFINALISED);
    const next = this.terms.get(term + 1);
    if (next !== undefined && next.commits.size >= QUORUM && next.operations !== null)
      this.finalised(term + 1, next, effects);
  }
}
