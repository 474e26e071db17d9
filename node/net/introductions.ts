// The status protocol: two peers say who they are, where they stand and whom they know, before anything else.
import type { Connection, Stream } from "@libp2p/interface";
import { type Bytes, decode, encode, equalBytes, type Hash } from "../../src/base/index.js";
import type { PeerRef } from "../../src/peer/event.js";
import { answer, ask } from "./call.js";
import type { Counters } from "./counters.js";
import { FrameError } from "./frame-stream.js";
import { CALL_LIMIT_MS, MAX_SMALL_FRAME_BYTES, STATUS_BURST, STATUS_PER_SECOND } from "./limits.js";
import { NetworkRefusal } from "./ports.js";
import { TokenBuckets } from "./token-bucket.js";
import { STATUS_PROTOCOL, type StatusMessage, statusMessage } from "./wire.js";

export interface IntroductionPort {
  readonly chain: Hash;
  readonly market: Hash;
  readonly counters: Counters;
  readonly steadyMs: () => number;
  /** this peer's own status, as told to `to` */
  ownStatus(to: Connection): StatusMessage;
  introduced(connection: Connection, status: StatusMessage): void;
  isIntroduced(ref: PeerRef): boolean;
  blame(from: PeerRef): void;
  /** ends every connection to a peer that is no use to this one */
  part(connection: Connection): void;
  later(ms: number, work: () => void): void;
}

/** A status is one small frame each way: who does not answer soon is dialled anew rather than waited for. */
const STATUS_LIMIT_MS = 3000;
/** A refused peer is given time to read why. */
const PARTING_MS = 250;

export class Introductions {
  private readonly tokens: TokenBuckets;
  private readonly first = new Map<string, Promise<void>>();

  constructor(private readonly port: IntroductionPort) {
    this.tokens = new TokenBuckets(STATUS_PER_SECOND, STATUS_BURST, port.steadyMs);
  }

  /** The side that dialled speaks first; the other is given ten seconds. */
  opened(connection: Connection): void {
    if (connection.direction === "outbound") void this.greet(connection).catch(() => undefined);
    else {
      this.port.later(CALL_LIMIT_MS, () => {
        if (connection.status !== "open" || this.port.isIntroduced(connection.remotePeer.toString())) return;
        this.port.counters.add("status", "NO_STATUS");
        this.port.part(connection);
      });
    }
  }

  /** The first introduction over a connection; resolves when it is done. @throws NetworkRefusal */
  greet(connection: Connection): Promise<void> {
    const known = this.first.get(connection.id);
    if (known !== undefined) return known;
    const greeting = this.introduce(connection);
    this.first.set(connection.id, greeting);
    connection.addEventListener("close", () => this.first.delete(connection.id), { once: true });
    greeting.catch(() => this.port.part(connection));
    return greeting;
  }

  /** Exchanges statuses, also again later, for heights and acquaintances change. @throws NetworkRefusal */
  async introduce(connection: Connection): Promise<void> {
    const from = connection.remotePeer.toString();
    const own = encode(statusMessage, this.port.ownStatus(connection));
    let bytes: Bytes;
    try {
      bytes = await ask(connection, STATUS_PROTOCOL, own, MAX_SMALL_FRAME_BYTES, STATUS_LIMIT_MS);
    } catch (error) {
      throw this.refuse(from, error instanceof FrameError ? error.code : "BROKEN", String(error));
    }
    this.judge(connection, this.decoded(from, bytes));
  }

  /** Serves a stream that another peer opened. */
  async serve(stream: Stream, connection: Connection): Promise<void> {
    const from = connection.remotePeer.toString();
    try {
      await answer(stream, MAX_SMALL_FRAME_BYTES, (bytes) => {
        if (!this.tokens.take(from))
          throw this.refuse(from, "TOO_MANY_REQUESTS", "status asked for too often");
        const status = this.decoded(from, bytes);
        setImmediate(() => this.judgeServed(connection, status));
        return encode(statusMessage, this.port.ownStatus(connection));
      });
    } catch (error) {
      if (!(error instanceof NetworkRefusal))
        this.refuse(from, error instanceof FrameError ? error.code : "BROKEN", "");
    }
  }

  private decoded(from: PeerRef, bytes: Bytes): StatusMessage {
    const decoded = decode(statusMessage, bytes, MAX_SMALL_FRAME_BYTES);
    if (decoded.ok) return decoded.value;
    throw this.refuse(from, decoded.error.code, decoded.error.detail);
  }

  private judge(connection: Connection, status: StatusMessage): void {
    const from = connection.remotePeer.toString();
    if (!equalBytes(status.chain, this.port.chain)) {
      throw this.refuse(from, "WRONG_CHAIN", `${from} is of another chain`);
    }
    if (!equalBytes(status.market, this.port.market)) {
      throw this.refuse(from, "WRONG_MARKET", `${from} is of another market`);
    }
    if (connection.status === "open") this.port.introduced(connection, status);
  }

  private judgeServed(connection: Connection, status: StatusMessage): void {
    try {
      this.judge(connection, status);
    } catch (error) {
      if (!(error instanceof NetworkRefusal)) throw error;
      this.port.later(PARTING_MS, () => this.port.part(connection));
    }
  }

  private refuse(from: PeerRef, code: string, detail: string): NetworkRefusal {
    this.port.counters.add("status", code);
    if (BLAMED.has(code)) this.port.blame(from);
    return new NetworkRefusal(code, detail);
  }
}

/** A stream that breaks, or another chain, is nobody's fault; bytes that cannot be read are. */
const BLAMED: ReadonlySet<string> = new Set([
  "OVERSIZE",
  "TRUNCATED",
  "TRAILING",
  "NOT_CANONICAL",
  "WRONG_TYPE",
  "OUT_OF_RANGE",
  "UNKNOWN_KEY",
  "MISSING_KEY",
  "TOO_MANY_REQUESTS",
]);
