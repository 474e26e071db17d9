// A cluster in one thread: virtual time, a seeded network that loses, doubles, delays and parts, and crashes.
import { toHex } from "../../../src/base/index.js";
import type { QuorumMessage, VoterSend } from "../../../src/quorum/index.js";
import { testSeats, testSigner } from "./keys.js";
import { Member, type MemberOptions } from "./member.js";

export interface Faults {
  lossPercent: number;
  duplicatePercent: number;
  minDelayMs: number;
  maxDelayMs: number;
  /** whether a message may pass now */
  passes: (from: number, to: number) => boolean;
}

export const HEALTHY: Faults = {
  lossPercent: 0,
  duplicatePercent: 0,
  minDelayMs: 1,
  maxDelayMs: 5,
  passes: () => true,
};

/** Everything between a member and the wire may be bent here: how Byzantine members are made. */
export type Bend = (cluster: Cluster, from: number, sends: readonly VoterSend[]) => readonly Addressed[];

export interface Addressed {
  readonly to: number;
  readonly message: QuorumMessage;
}

interface Pending {
  readonly atMs: number;
  readonly order: number;
  readonly from: number;
  readonly to: number;
  readonly message: QuorumMessage;
}

export interface ClusterOptions extends MemberOptions {
  readonly followers?: number;
  readonly bends?: ReadonlyMap<number, Bend>;
  readonly seed?: number;
}

export class Cluster {
  nowMs = 1_000_000;
  readonly seats;
  readonly members: Member[];
  faults: Faults = { ...HEALTHY };
  /** every vote and proposal that an honest seat ever said, by seat */
  readonly said: Map<string, QuorumMessage>[];
  messages = 0;
  private pending: Pending[] = [];
  private order = 0;
  private randomState: number;

  constructor(
    readonly size: number,
    readonly options: ClusterOptions = {},
  ) {
    this.randomState = (options.seed ?? 1) * 2654435761 + 1;
    this.seats = testSeats(size);
    const seated = this.seats.signers.map(
      (signer, seat) => new Member(`seat ${seat}`, this.seats, signer, options),
    );
    const followers = Array.from(
      { length: options.followers ?? 0 },
      (_, i) => new Member(`follower ${i}`, this.seats, i % 2 === 0 ? null : testSigner("no seat"), options),
    );
    this.members = [...seated, ...followers];
    this.said = this.members.map(() => new Map());
  }

  start(): void {
    this.members.forEach((_, at) => {
      this.input(at, { kind: "start" });
    });
  }

  random(below: number): number {
    this.randomState =
      (Math.imul(this.randomState ^ (this.randomState >>> 15), 2246822519) + 3266489917) >>> 0;
    return ((this.randomState ^ (this.randomState >>> 13)) >>> 0) % below;
  }

  input(
    at: number,
    input: { kind: "start" } | { kind: "tick" } | { kind: "work" } | { kind: "overrideAmnesia" },
  ): void {
    const member = this.members[at]!;
    this.say(at, member.take({ ...input, nowMs: this.nowMs + member.skewMs }));
  }

  crash(at: number): void {
    this.members[at]!.voter = null;
    this.members[at]!.wakeAtMs = null;
  }

  restart(at: number): void {
    this.members[at]!.restore();
    this.input(at, { kind: "start" });
  }

  submit(bytes: Uint8Array, at: readonly number[] = this.members.map((_, i) => i)): void {
    for (const one of at) {
      const member = this.members[one]!;
      if (member.voter === null) continue;
      member.ledger.submit(bytes, this.nowMs + member.skewMs);
      this.input(one, { kind: "work" });
    }
  }

  /** Runs until `ms` have passed or `done` holds. True if it came to hold. */
  run(ms: number, done: () => boolean = () => false): boolean {
    const untilMs = this.nowMs + ms;
    while (this.nowMs <= untilMs) {
      if (done()) return true;
      const nextMs = this.nextAtMs();
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      this.work();
    }
    this.nowMs = untilMs;
    return done();
  }

  private nextAtMs(): number {
    let next = this.pending[0]?.atMs ?? Number.POSITIVE_INFINITY;
    for (const { voter, wakeAtMs, skewMs } of this.members) {
      if (voter !== null && wakeAtMs !== null) next = Math.min(next, wakeAtMs - skewMs);
    }
    return next;
  }

  private work(): void {
    while (this.pending.length > 0 && this.pending[0]!.atMs <= this.nowMs) this.arrive(this.pop());
    this.members.forEach((member, at) => {
      const { voter, wakeAtMs } = member;
      if (voter !== null && wakeAtMs !== null && wakeAtMs <= this.nowMs + member.skewMs) {
        this.input(at, { kind: "tick" });
      }
    });
  }

  private arrive({ from, to, message }: Pending): void {
    const member = this.members[to]!;
    if (member.voter === null) return;
    const nowMs = this.nowMs + member.skewMs;
    if (message.kind === "getLog") {
      const answer = member.answerLog(message.fromHeight, message.max);
      this.send(to, [{ to: from, message: answer }]);
      return;
    }
    if (message.kind === "op") {
      member.ledger.submit(message.op, nowMs);
      this.input(to, { kind: "work" });
      return;
    }
    const seat = from < this.size ? from : null;
    this.say(to, member.take({ kind: "message", nowMs, from: seat, peer: String(from), message }));
  }

  /** What a member wants to say, addressed and noted down. */
  say(from: number, sends: readonly VoterSend[] | null): void {
    const member = this.members[from]!;
    if (sends === null) {
      member.wakeAtMs = null;
      return;
    }
    const bend = this.options.bends?.get(from);
    if (bend !== undefined) {
      this.send(from, bend(this, from, sends));
      return;
    }
    for (const { message } of sends) this.note(from, message);
    this.send(from, addressed(this, from, sends));
  }

  private note(from: number, message: QuorumMessage): void {
    const said = this.said[from]!;
    if (message.kind === "vote") said.set(toHex(message.vote.sig), message);
    if (message.kind === "propose") {
      const { header, leaderSig } = message.propose.entry;
      if (header.leader === from) said.set(toHex(leaderSig), message);
    }
  }

  send(from: number, all: readonly Addressed[]): void {
    for (const { to, message } of all) {
      this.messages++;
      if (!this.faults.passes(from, to)) continue;
      if (this.random(100) < this.faults.lossPercent) continue;
      this.push(from, to, message);
      if (this.random(100) < this.faults.duplicatePercent) this.push(from, to, message);
    }
  }

  private push(from: number, to: number, message: QuorumMessage): void {
    const { minDelayMs, maxDelayMs } = this.faults;
    const atMs = this.nowMs + minDelayMs + this.random(maxDelayMs - minDelayMs + 1);
    const one = { atMs, order: this.order++, from, to, message };
    let at = this.pending.length;
    while (at > 0 && this.pending[at - 1]!.atMs > atMs) at--;
    this.pending.splice(at, 0, one);
  }

  private pop(): Pending {
    return this.pending.shift()!;
  }

  heights(): number[] {
    return this.members.map((member) => member.log.length);
  }
}

/** Sends as an honest driver addresses them. */
export function addressed(cluster: Cluster, from: number, sends: readonly VoterSend[]): Addressed[] {
  const all: Addressed[] = [];
  const others = cluster.members.map((_, i) => i).filter((i) => i !== from);
  for (const { to, message } of sends) {
    if (to.kind === "seat") all.push({ to: to.seat, message });
    else if (to.kind === "peer") all.push({ to: Number(to.peer), message });
    else if (to.kind === "members")
      for (const one of others) one < cluster.size && all.push({ to: one, message });
    else if (to.kind === "gossip") for (const one of others) all.push({ to: one, message });
    else if (others.length > 0) all.push({ to: others[cluster.random(others.length)]!, message });
  }
  return all;
}
