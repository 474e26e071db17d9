// A flood of operations with invalid signatures, in the name of an agent who has funds, from peers that come back as others.
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Libp2p } from "libp2p";
import { encodeBundle } from "../../../node/net/bundle.js";
import { Topics } from "../../../node/net/topics.js";
import { type Bytes, fromHex, type Hex } from "../../../src/base/index.js";
import { encodeOperation, type Operation } from "../../../src/market/index.js";
import { gossipFrame, message } from "./raw-gossip.js";
import { type Line, openLine, push, rawHost } from "./raw-host.js";

export interface FloodTarget {
  readonly addresses: readonly string[];
  readonly chain: Hex;
  readonly market: Hex;
  /** an agent with an account, and its next nonce: such an operation passes every test but the last */
  readonly victim: Hex;
  readonly nonce: number;
}

export interface FloodWish {
  readonly target: FloodTarget;
  /** peers at a time */
  readonly peers: number;
  /** forgeries per second, of all peers together */
  readonly perSecond: number;
  /** whether a peer that is shut out comes back under another name */
  readonly comesBack: boolean;
}

const TICK_MS = 20;
/** Who was not let in tries again after so long, under yet another name. */
const REFUSED_MS = 200;
const SIGNATURE_BYTES = 64;

/** Operations that differ in nothing but their signatures, which are noise of the right shape. */
export class Forger {
  private readonly bytes: Bytes;
  private readonly at: number;

  constructor({ chain, market, victim, nonce }: FloodTarget) {
    const mark = new Uint8Array(SIGNATURE_BYTES).fill(0xa5).fill(0, SIGNATURE_BYTES - 1);
    const operation: Operation = {
      v: 1,
      chain: fromHex(chain)!,
      market: fromHex(market)!,
      authority: { from: fromHex(victim)!, nonce, fee: 1_000n, validUntilMs: Date.now() + 600_000 },
      body: { kind: "transfer", to: fromHex(chain)!, amount: 1n },
      sig: mark,
    };
    this.bytes = encodeOperation(operation);
    this.at = Buffer.from(this.bytes).indexOf(mark);
  }

  forge(): Bytes {
    const copy = this.bytes.slice();
    copy.set(randomBytes(SIGNATURE_BYTES - 1), this.at); // the last byte stays 0: S is below the order
    return copy;
  }
}

export interface FloodReport {
  readonly sent: number;
  /** peers' names used */
  readonly names: number;
  /** peers that are connected now */
  readonly standing: number;
}

/** Peers that send forgeries until stopped. */
export class Flood {
  private readonly forger: Forger;
  private readonly topic: string;
  private readonly hosts = new Set<Libp2p>();
  private timer: NodeJS.Timeout | null = null;
  private running = false;
  private lines: (Line | null)[] = [];
  private readonly coming = new Set<number>();
  private sent = 0;
  private names = 0;
  private owed = 0;
  private lastMs = 0;

  constructor(private readonly wish: FloodWish) {
    const { chain, market } = wish.target;
    this.forger = new Forger(wish.target);
    this.topic = new Topics(fromHex(chain)!, fromHex(market)!).nameOf("ops");
  }

  async start(): Promise<void> {
    this.running = true;
    this.lines = Array.from({ length: this.wish.peers }, () => null);
    await Promise.all(this.lines.map((_, place) => this.stand(place)));
    this.resume();
  }

  /** Comes until it is let in: a busy target may turn some away at first. */
  private async stand(place: number): Promise<void> {
    while (this.running && this.lines[place] === null) await this.come(place);
  }

  /** Sends again, from now on: what was not sent meanwhile is not made up for. */
  resume(): void {
    this.rest();
    this.lastMs = performance.now();
    this.owed = 0;
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** Sends nothing until it is resumed. */
  rest(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  get report(): FloodReport {
    const standing = this.lines.filter((line) => line?.connection.status === "open").length;
    return { sent: this.sent, names: this.names, standing };
  }

  async stop(): Promise<FloodReport> {
    this.running = false;
    this.rest();
    await Promise.all([...this.hosts].map((host) => host.stop()));
    return this.report;
  }

  private async come(place: number): Promise<void> {
    if (this.coming.has(place)) return;
    this.coming.add(place);
    const host = await rawHost();
    this.hosts.add(host);
    this.names++;
    const { addresses } = this.wish.target;
    const line = this.running ? await openLine(host, addresses[place % addresses.length]!) : null;
    if (line === null) {
      await this.leave(host);
      if (this.running) await pause(REFUSED_MS);
    } else line.connection.addEventListener("close", () => void this.leave(host), { once: true });
    this.lines[place] = line;
    this.coming.delete(place);
  }

  private async leave(host: Libp2p): Promise<void> {
    if (this.hosts.delete(host)) await host.stop();
  }

  /** Sends what is due; what a cut line cannot take is sent by the next that stands. */
  private tick(): void {
    const nowMs = performance.now();
    this.owed = Math.min(
      this.owed + ((nowMs - this.lastMs) * this.wish.perSecond) / 1000,
      this.wish.perSecond,
    );
    this.lastMs = nowMs;
    const share = Math.floor(this.owed / this.lines.length);
    if (share === 0) return;
    this.lines.forEach((line, place) => {
      const forgeries = Array.from({ length: share }, () =>
        message(this.topic, encodeBundle([this.forger.forge()])),
      );
      if (line !== null && push(line, gossipFrame(...forgeries))) {
        this.sent += share;
        this.owed -= share;
      } else if (this.wish.comesBack) void this.come(place);
    });
  }
}
