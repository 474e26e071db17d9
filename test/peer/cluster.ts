// A small world for peers: a clock that only the test moves, disks that are maps, links that delay or lose.
import { createHash } from "node:crypto";
import { expect } from "vitest";
import { agentKey } from "../../node/crypto/signer.js";
import { SignatureVerifier } from "../../node/crypto/verifier.js";
import { EventQueue, type UntimedEvent } from "../../node/driver/event-queue.js";
import { type Keeping, keepingOf } from "../../node/driver/keeping.js";
import { weightOf } from "../../node/driver/message-weight.js";
import type { Gate } from "../../node/net/gate.js";
import type { Verdict } from "../../node/net/gate-port.js";
import { idText, Topics } from "../../node/net/topics.js";
import { type Bytes, compareBytes, decode, toHex } from "../../src/base/index.js";
import type { AgentKey, Verifier } from "../../src/crypto/index.js";
import {
  encodeGenesis,
  type Genesis,
  genesisFault,
  LOCAL_TESTNET_PARAMS,
  networkOf,
  type Params,
} from "../../src/ledger/index.js";
import {
  type AuctionId,
  auctionOf,
  decodeOperation,
  type Lot,
  type Operation,
} from "../../src/market/index.js";
import {
  type Command,
  type CommandResult,
  type Event,
  logKey,
  type Notice,
  type Outgoing,
  openPeer,
  type Peer,
  type PeerConfig,
  type Ready,
  step,
  type Topic,
  type Write,
} from "../../src/peer/index.js";
import { SHELF_LIMITS } from "../../src/peer/shelves.js";
import {
  HONEST_RULES,
  type LogEntry,
  logEntry,
  MAX_FRAME_BYTES,
  type QuorumMessage,
} from "../../src/quorum/index.js";
import { virtualGate } from "../../testnet/lab/simulate/virtual-gate.js";
import { logAnswer } from "../log-answer.js";

export const START_MS = 1_700_000_000_000;
export const FUNDS = 1_000_000_000n;
export const BOND = 100_000_000n;
export const FEE = LOCAL_TESTNET_PARAMS.minFee;

/** One for all clusters: a verdict depends on nothing but the question. */
export const verifier = new SignatureVerifier();

const keys = new Map<string, AgentKey>();

/** The key of a name; the same in every test. */
export function keyOf(name: string): AgentKey {
  const known = keys.get(name) ?? agentKey(new Uint8Array(createHash("sha256").update(name).digest()));
  keys.set(name, known);
  return known;
}
export const idOf = (name: string): Bytes => keyOf(name).publicKey;

const sortedBy = <T>(items: T[], key: (item: T) => Bytes): T[] =>
  items.sort((a, b) => compareBytes(key(a), key(b)));

export function genesisOf(seats: number, names: readonly string[], params: Partial<Params> = {}): Genesis {
  const genesis: Genesis = {
    v: 1,
    name: "cluster",
    timeMs: START_MS,
    params: { ...LOCAL_TESTNET_PARAMS, ...params },
    seats: sortedBy(
      Array.from({ length: seats }, (_, i) => ({
        key: idOf(`seat ${i}`),
        agent: idOf(`owner ${i}`),
        bond: BOND,
      })),
      (one) => one.key,
    ),
    accounts: sortedBy(
      [...new Set([...names, "faucet"])].map((name) => ({ agent: idOf(name), free: FUNDS, stake: 0n })),
      (one) => one.agent,
    ),
    granters: [{ agent: idOf("faucet"), allowance: FUNDS }],
  };
  expect(genesisFault(genesis)).toBeNull();
  return genesis;
}

export interface ClusterOptions {
  /** names of the agents that each host keeps; hosts beyond the seats only follow */
  readonly agents: readonly (readonly string[])[];
  readonly seats?: number;
  readonly params?: Partial<Params>;
  /** of every message */
  readonly delayMs?: number;
  /** names funded at genesis beside the hosts' agents */
  readonly funded?: readonly string[];
  /** who judges signatures; absent: the verifier of all clusters */
  readonly judge?: Verifier;
  /** how many of others' openings may wait at a host; absent: as many as in the daemon */
  readonly openings?: number;
}

/** What one step asked for, with when and why. */
export interface Step {
  readonly event: Event;
  readonly ready: Ready;
}

export class Host {
  peer: Peer | null = null;
  readonly rows = new Map<string, Bytes>();
  guard: Bytes | null = null;
  wakeAt: number | null = null;
  /** how far this host's clock is off */
  skewMs = 0;
  readonly steps: Step[] = [];
  /** called after each step's batch is on disk, before anything is sent */
  onBatch: ((step: Step) => void) | null = null;
  /** The daemon's gate: all that comes by gossip, and every operation that is handed over, goes through it. */
  gate: Gate | null = null;
  /** What waits for a busy driver, within the daemon's own bounds. */
  queue = new EventQueue();
  isBusy = false;
  isServing = false;
  readonly unsettled = new Map<object, (keeping: Keeping) => void>();

  constructor(
    readonly index: number,
    readonly genesis: Genesis,
    readonly seated: boolean,
    readonly agents: readonly string[],
    private readonly judge: Verifier = verifier,
    private readonly openings: number = SHELF_LIMITS.openings.operations,
  ) {}

  config(fresh: boolean): PeerConfig {
    return {
      genesis: this.genesis,
      signer: this.seated ? keyOf(`seat ${this.index}`) : null,
      agents: this.agents.map(keyOf),
      verifier: this.judge,
      instance: new Uint8Array(16).fill(this.index),
      fresh,
      rules: HONEST_RULES,
      keepTerms: 256,
      shelves: {
        ...SHELF_LIMITS,
        openings: { operations: this.openings, bytes: SHELF_LIMITS.openings.bytes },
      },
    };
  }

  get live(): Peer {
    expect(this.peer).not.toBeNull();
    return this.peer!;
  }

  open(fresh: boolean): void {
    const opened = openPeer(this.config(fresh), this.rows, this.guard);
    if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.detail}`);
    this.peer = opened.value;
    this.wakeAt = null;
  }

  take(event: Event): Ready {
    const ready = step(this.live, event);
    this.write(ready.persist);
    const done = { event, ready };
    this.steps.push(done);
    this.wakeAt = ready.wakeAt;
    this.onBatch?.(done);
    return ready;
  }

  private write(writes: readonly Write[]): void {
    for (const write of writes) {
      if (write.kind === "put") this.rows.set(write.key, write.value);
      else if (write.kind === "delete") this.rows.delete(write.key);
      else this.guard = write.record;
    }
  }

  get notices(): readonly Notice[] {
    return this.steps.flatMap(({ ready }) => ready.notify);
  }

  get sent(): readonly Outgoing[] {
    return this.steps.flatMap(({ ready }) => ready.send);
  }

  /** Final entries on this disk from a height on. */
  log(from = 1): readonly LogEntry[] {
    const entries: LogEntry[] = [];
    for (let height = from; ; height++) {
      const row = this.rows.get(logKey(height));
      if (row === undefined) return entries;
      const entry = decode(logEntry, row, MAX_FRAME_BYTES);
      if (!entry.ok) throw new Error(entry.error.code);
      entries.push(entry.value);
    }
  }
}

/** The operations that outgoing messages carry, by whatever way. */
export function operationsIn(sent: readonly Outgoing[]): readonly Operation[] {
  return sent.flatMap((one) => {
    const bytes =
      one.to === "topic" && one.topic !== "final"
        ? [one.bytes]
        : "message" in one && one.message.kind === "op"
          ? [one.message.op]
          : "message" in one && one.message.kind === "propose"
            ? one.message.propose.entry.ops
            : [];
    return bytes.map((raw) => {
      const decoded = decodeOperation(raw);
      if (!decoded.ok) throw new Error(decoded.error.code);
      return decoded.value;
    });
  });
}

interface Mail {
  readonly atMs: number;
  readonly to: Host;
  readonly from: Host;
  readonly what: { readonly message: QuorumMessage } | { readonly topic: Topic; readonly bytes: Bytes };
}

export class Cluster {
  nowMs = START_MS;
  readonly genesis: Genesis;
  readonly hosts: readonly Host[];
  private readonly topics: Topics;
  private mail: Mail[] = [];
  private turn = 0;
  private ref = 0;
  /** whether a message is lost; `carriesOperation`: it is gossip or a direct message that brings an operation */
  loses: (from: Host, to: Host, carriesOperation: boolean) => boolean = () => false;

  constructor(private readonly options: ClusterOptions) {
    const seats = options.seats ?? options.agents.length;
    const names = [...options.agents.flat(), ...(options.funded ?? [])];
    this.genesis = genesisOf(seats, names, options.params);
    this.hosts = options.agents.map(
      (agents, i) => new Host(i, this.genesis, i < seats, agents, options.judge, options.openings),
    );
    const { chain, market } = networkOf(this.genesis);
    this.topics = new Topics(chain, market);
    for (const host of this.hosts) this.open(host, true);
    for (const host of this.hosts) this.feed(host, { kind: "start" });
    for (const host of this.hosts)
      for (const other of this.hosts) if (host !== other) this.connect(host, other);
  }

  get chain(): Bytes {
    return this.hosts[0]!.live.ledger.network.chain;
  }

  get genesisBytes(): Bytes {
    return encodeGenesis(this.genesis);
  }

  host(index: number): Host {
    return this.hosts[index]!;
  }

  /** The host that keeps an agent's key. */
  homeOf(name: string): Host {
    const host = this.hosts.find((one) => one.agents.includes(name));
    expect(host, name).toBeDefined();
    return host!;
  }

  /** One step at once, past gate and queue: for what no network brings, and what a test wants to see by itself. */
  feed(host: Host, event: Timeless): Ready {
    const ready = host.take({ ...event, nowMs: this.nowMs + host.skewMs } as Event);
    for (const outgoing of ready.send) this.route(host, outgoing);
    for (const notice of ready.notify) {
      if (notice.kind === "notKept" && notice.why === "displaced") host.gate!.forget(notice.bytes);
      if (notice.kind === "entry") host.gate!.recheck();
    }
    return ready;
  }

  /** What the network brings waits for the driver like a daemon's. */
  private offer(
    host: Host,
    event: UntimedEvent,
    bytes: number,
    settle?: (keeping: Keeping) => void,
  ): boolean {
    if (host.peer === null || !host.queue.offer(event, bytes)) return false;
    if (settle !== undefined) host.unsettled.set(event, settle);
    this.serve(host);
    return true;
  }

  private serve(host: Host): void {
    if (host.isServing || host.isBusy) return;
    host.isServing = true;
    while (host.peer !== null && host.queue.length > 0) {
      for (const event of host.queue.takeGroup(64)) {
        const ready = this.feed(host, event);
        if (event.kind === "operation") host.unsettled.get(event)?.(keepingOf(event.bytes, ready));
        host.unsettled.delete(event);
      }
    }
    host.isServing = false;
  }

  /** The host's driver is held up, by its disk or a long settlement: what comes meanwhile waits. */
  occupy(host: Host): void {
    host.isBusy = true;
  }

  release(host: Host): void {
    host.isBusy = false;
    this.serve(host);
  }

  /** Hands over an operation as any peer may. @returns what it is told at once; null: its driver is busy */
  handOver(host: Host, bytes: Bytes, from = "stranger"): string | null {
    let answer: string | null = null;
    host.gate!.receive({ topic: "ops", raw: bytes, from, id: null }, (verdict: Verdict) => {
      answer = verdict.kind === "accept" ? "ACCEPTED" : verdict.code;
    });
    return answer;
  }

  /** A message of gossip arrives. */
  gossip(host: Host, topic: Topic, bytes: Bytes, from = "stranger"): void {
    host.gate!.receive({ topic, raw: bytes, from, id: this.idOf(topic, bytes) }, () => undefined);
  }

  private idOf(topic: Topic, bytes: Bytes): string {
    return idText(this.topics.idOf(this.topics.nameOf(topic), bytes));
  }

  private open(host: Host, fresh: boolean): void {
    host.open(fresh);
    host.queue = new EventQueue();
    host.unsettled.clear();
    host.isBusy = false;
    const nowMs = () => this.nowMs + host.skewMs;
    host.gate = virtualGate({
      peer: host.live,
      verifier: host.live.config.verifier,
      offer: (event, bytes, settle) => this.offer(host, event, bytes, settle),
      wallMs: nowMs,
      steadyMs: nowMs,
      topics: this.topics,
    });
  }

  crash(host: Host): void {
    host.peer = null;
    host.wakeAt = null;
    this.mail = this.mail.filter((one) => one.to !== host);
  }

  /** Starts a host again from its disk. @param keep rows that are still there */
  restart(host: Host, keep: (key: string) => boolean = () => true): void {
    this.crash(host);
    for (const key of [...host.rows.keys()]) if (!keep(key)) host.rows.delete(key);
    this.open(host, false);
    this.feed(host, { kind: "start" });
    for (const other of this.hosts) if (other !== host && other.peer !== null) this.connect(host, other);
  }

  connect(host: Host, other: Host): void {
    this.feed(host, { kind: "connected", from: refOf(other) });
  }

  command(host: Host, command: Command): CommandResult {
    const ref = ++this.ref;
    const { notify } = this.feed(host, { kind: "command", ref, command });
    const done = notify.find((one) => one.kind === "done" && one.ref === ref);
    if (done?.kind !== "done") throw new Error("a command is answered in its step");
    return done.result;
  }

  /** Runs until `ms` have passed or `done` holds. True if it came to hold. */
  run(ms: number, done: () => boolean = () => false): boolean {
    const untilMs = this.nowMs + ms;
    let quiet = 0;
    while (!done()) {
      const nextMs = this.nextMs();
      if (nextMs > untilMs) break;
      quiet = nextMs > this.nowMs ? 0 : quiet + 1;
      if (quiet > 10_000) throw new Error("time stands still: a peer asks to be woken again and again");
      this.nowMs = Math.max(this.nowMs, nextMs);
      this.advance();
    }
    if (done()) return true;
    this.nowMs = untilMs;
    return false;
  }

  private nextMs(): number {
    const wakes = this.hosts.map(({ wakeAt, skewMs, isBusy }) =>
      isBusy || wakeAt === null ? Number.POSITIVE_INFINITY : wakeAt - skewMs,
    );
    return Math.min(this.mail[0]?.atMs ?? Number.POSITIVE_INFINITY, ...wakes);
  }

  private advance(): void {
    if ((this.mail[0]?.atMs ?? Number.POSITIVE_INFINITY) <= this.nowMs) {
      this.arrive(this.mail.shift()!);
      return;
    }
    for (const host of this.hosts) {
      if (
        host.peer !== null &&
        !host.isBusy &&
        host.wakeAt !== null &&
        host.wakeAt <= this.nowMs + host.skewMs
      )
        this.feed(host, { kind: "tick" });
    }
  }

  private arrive({ to, from, what }: Mail): void {
    if (to.peer === null) return;
    if ("topic" in what) {
      this.gossip(to, what.topic, what.bytes, refOf(from));
      return;
    }
    const { message } = what;
    if (message.kind === "op") {
      this.handOver(to, message.op, refOf(from));
      return;
    }
    if (message.kind === "getLog") {
      const answer = logAnswer(to.log(message.fromHeight), message.max);
      this.post(to, from, { message: answer });
      return;
    }
    this.offer(
      to,
      { kind: "message", from: refOf(from), seat: this.seatOf(from), message },
      weightOf(message),
    );
  }

  private seatOf(host: Host): number | null {
    return host.seated
      ? this.hosts[0]!.config(false).genesis.seats.findIndex((one) => toHex(one.key) === seatKeyOf(host))
      : null;
  }

  private route(from: Host, outgoing: Outgoing): void {
    const others = this.hosts.filter((one) => one !== from);
    switch (outgoing.to) {
      case "members":
        for (const to of others) if (to.seated) this.post(from, to, outgoing);
        return;
      case "seat":
        for (const to of others) if (this.seatOf(to) === outgoing.seat) this.post(from, to, outgoing);
        return;
      case "peer":
        for (const to of others) if (refOf(to) === outgoing.peer) this.post(from, to, outgoing);
        return;
      case "anyone":
        if (others.length > 0) this.post(from, others[this.turn++ % others.length]!, outgoing);
        return;
      case "topic":
        from.gate!.remember(this.idOf(outgoing.topic, outgoing.bytes));
        for (const to of others) this.post(from, to, outgoing);
    }
  }

  private post(from: Host, to: Host, what: Mail["what"]): void {
    if (this.loses(from, to, "topic" in what ? what.topic !== "final" : what.message.kind === "op")) return;
    const atMs = this.nowMs + (this.options.delayMs ?? 1);
    const at = this.mail.findIndex((one) => one.atMs > atMs);
    const mail = { atMs, to, from, what };
    if (at < 0) this.mail.push(mail);
    else this.mail.splice(at, 0, mail);
  }
}

type Timeless = Event extends infer E ? (E extends unknown ? Omit<E, "nowMs"> : never) : never;

const refOf = (host: Host): string => `host ${host.index}`;
const seatKeyOf = (host: Host): string => toHex(idOf(`seat ${host.index}`));

export const LOT: Lot = { capability: "gpu.hour", units: 8, fromMs: null, toMs: null };

/** An auction's creation by `seller`, with what the test says. */
export const creation = (
  creator: string,
  wishes: Partial<Extract<Command, { kind: "createAuction" }>> = {},
): Extract<Command, { kind: "createAuction" }> => ({
  kind: "createAuction",
  from: idOf(creator),
  format: { kind: "vickrey" },
  direction: "sell",
  lot: LOT,
  reserve: 10n,
  lockups: [1_000_000n],
  startInMs: 0,
  commitMs: 1000,
  revealMs: 1200,
  hiddenReserve: null,
  standingWeight: null,
  deliverMs: 0,
  settleMs: 0,
  value: null,
  bond: 0n,
  ...wishes,
});

export const bidding = (
  bidder: string,
  auction: AuctionId,
  amount: bigint,
  wishes: { readonly delayMs?: number; readonly lockup?: bigint; readonly units?: number } = {},
): Extract<Command, { kind: "placeBid" }> => ({
  kind: "placeBid",
  from: idOf(bidder),
  auction,
  amount,
  units: wishes.units ?? null,
  lockup: wishes.lockup ?? null,
  delayMs: wishes.delayMs ?? 0,
});

export const phaseAt = (host: Host, auction: AuctionId): string | null =>
  auctionOf(host.live.ledger, auction)?.phase.kind ?? null;

/** Creates an auction and runs until every host sees it in `phase`. */
export function opened(
  cluster: Cluster,
  creator: string,
  wishes: Parameters<typeof creation>[1] = {},
  phase: "scheduled" | "open" = "open",
): AuctionId {
  const result = cluster.command(cluster.homeOf(creator), creation(creator, wishes));
  if (!result.ok || result.auction === null) throw new Error(JSON.stringify(result));
  const { auction } = result;
  const seen = () => cluster.hosts.every((host) => host.peer === null || phaseAt(host, auction) === phase);
  expect(cluster.run(5000, seen), `the auction is ${phase} everywhere`).toBe(true);
  return auction;
}

export function placed(
  cluster: Cluster,
  bidder: string,
  auction: AuctionId,
  amount: bigint,
  delayMs = 0,
): void {
  const result = cluster.command(cluster.homeOf(bidder), bidding(bidder, auction, amount, { delayMs }));
  expect(result).toMatchObject({ ok: true });
}

/** Runs until an auction has ended on every living host. */
export function ended(cluster: Cluster, auction: AuctionId, ms = 20_000) {
  const living = () => cluster.hosts.filter((host) => host.peer !== null);
  const isOver = (host: Host) => "endedMs" in (auctionOf(host.live.ledger, auction)?.phase ?? {});
  expect(
    cluster.run(ms, () => living().every(isOver)),
    "the auction ends",
  ).toBe(true);
  return auctionOf(living()[0]!.live.ledger, auction)!;
}
