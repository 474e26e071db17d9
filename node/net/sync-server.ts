// Answering other peers over the sync protocol: the genesis, the log, and operations handed in directly.
import type { Connection, Stream } from "@libp2p/interface";
import { type Bytes, decode, EMPTY, encode, unreachable } from "../../src/base/index.js";
import type { Place } from "../../src/ledger/index.js";
import type { PeerRef } from "../../src/peer/event.js";
import { MAX_FRAME_BYTES } from "../../src/quorum/index.js";
import { type Asker, groupOf } from "./address-groups.js";
import { answer, CallAborted } from "./call.js";
import type { Counters } from "./counters.js";
import { FrameError } from "./frame-stream.js";
import type { Gate } from "./gate.js";
import { LOG_SERVING, type NetworkLimits } from "./limits.js";
import type { NetworkHandlers } from "./ports.js";
import { type Outlet, ServingLine } from "./serving-line.js";
import { TokenBuckets } from "./token-bucket.js";
import {
  LOG_PRUNED,
  MAX_LOG_BYTES,
  SNAPSHOT_GONE,
  SNAPSHOT_PENDING,
  type SyncAnswer,
  type SyncQuestion,
  syncAnswer,
  syncQuestion,
} from "./wire.js";

export interface SyncPort {
  readonly handlers: NetworkHandlers;
  readonly gate: Gate;
  readonly counters: Counters;
  readonly steadyMs: () => number;
  readonly limits: Pick<NetworkLimits, "syncRequests">;
  /** the seat that a peer has proved to hold, or null */
  seatOf(from: PeerRef): number | null;
  blame(from: PeerRef): void;
  pause(ms: number): Promise<void>;
}

const WINDOW_SECONDS = 10;

export class SyncServer {
  private readonly tokens: TokenBuckets;
  /** Members have a line of their own: however many strangers ask, a member that is behind is served. */
  private readonly lines: Readonly<Record<"members" | "strangers" | "genesis", ServingLine>>;

  constructor(private readonly port: SyncPort) {
    const { syncRequests } = port.limits;
    this.tokens = new TokenBuckets(syncRequests / WINDOW_SECONDS, syncRequests, port.steadyMs);
    const line = () => new ServingLine(LOG_SERVING, port.steadyMs, (ms) => port.pause(ms));
    this.lines = { members: line(), strangers: line(), genesis: line() };
  }

  async serve(stream: Stream, connection: Connection): Promise<void> {
    const from = connection.remotePeer.toString();
    const group = groupOf(connection.remoteAddr.toString());
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const cut = () => {
      this.port.counters.add("sync", "UNREAD");
      stream.abort(new CallAborted("UNREAD"));
    };
    stream.addEventListener("close", end, { once: true });
    try {
      await answer(stream, MAX_FRAME_BYTES, (bytes) =>
        this.reply({ peer: from, group }, { over, cut }, bytes),
      );
    } catch (error) {
      const code = error instanceof FrameError ? error.code : "BROKEN";
      this.port.counters.add("sync", code);
      if (code === "OVERSIZE" || code === "TRUNCATED") this.port.blame(from);
    } finally {
      end();
    }
  }

  private async reply(asker: Asker, outlet: Outlet, bytes: Bytes): Promise<Bytes> {
    const decoded = decode(syncQuestion, bytes, MAX_FRAME_BYTES);
    if (decoded.ok) return encode(syncAnswer, await this.judged(asker, outlet, decoded.value));
    this.port.blame(asker.peer);
    return encode(syncAnswer, this.refused(decoded.error.code));
  }

  private async judged(asker: Asker, outlet: Outlet, question: SyncQuestion): Promise<SyncAnswer> {
    const from = asker.peer;
    if (!this.tokens.take(from)) return this.refused("TOO_MANY_REQUESTS");
    this.port.counters.add("sync", "SERVED");
    switch (question.kind) {
      case "genesis":
        return this.genesis(asker, outlet);
      case "getLog":
        return this.log(asker, outlet, question.fromHeight, question.max);
      case "getSnapshot":
        return this.snapshot(asker, outlet);
      case "getRows":
        return this.rows(asker, outlet, question.height, question);
      case "submit":
        return { kind: "verdict", code: await this.submitted(from, question.op) };
      case "faucet":
        return { kind: "verdict", code: await this.funded(question.agent, asker) };
      default:
        return unreachable(question);
    }
  }

  private async genesis(asker: Asker, outlet: Outlet): Promise<SyncAnswer> {
    const make = async () => this.port.handlers.genesis();
    const genesis = await this.lines.genesis.serve(asker, make, outlet);
    return genesis === null ? this.refused("BUSY") : { kind: "genesis", genesis };
  }

  private async log(asker: Asker, outlet: Outlet, fromHeight: number, max: number): Promise<SyncAnswer> {
    const make = () => this.port.handlers.serveLog(fromHeight, max, MAX_LOG_BYTES);
    const log = await this.inLine(asker, outlet, make);
    if (typeof log === "string") return this.refused(log === "NONE" ? LOG_PRUNED : log);
    return log.length > MAX_LOG_BYTES ? this.refused("LOG_TOO_LARGE") : { kind: "log", log };
  }

  private async snapshot(asker: Asker, outlet: Outlet): Promise<SyncAnswer> {
    let height = 0;
    const buckets = await this.inLine(asker, outlet, async () => {
      const offer = await this.port.handlers.snapshot();
      height = offer?.height ?? 0;
      return offer?.buckets ?? null;
    });
    if (typeof buckets === "string") return this.refused(buckets === "NONE" ? SNAPSHOT_PENDING : buckets);
    return { kind: "snapshot", height, buckets };
  }

  private async rows(asker: Asker, outlet: Outlet, height: number, place: Place): Promise<SyncAnswer> {
    const rows = await this.inLine(asker, outlet, () => this.port.handlers.snapshotRows(height, place));
    if (typeof rows === "string") return this.refused(rows === "NONE" ? SNAPSHOT_GONE : rows);
    return { kind: "rows", rows };
  }

  /** What is made when it is this asker's turn; NONE: nothing was made. */
  private async inLine(
    asker: Asker,
    outlet: Outlet,
    make: () => Promise<Bytes | null>,
  ): Promise<Bytes | "BUSY" | "NONE"> {
    let isMade = true;
    const maker = async (): Promise<Bytes> => {
      const made = await make();
      isMade = made !== null;
      return made ?? EMPTY;
    };
    // A seat is one asker, wherever it comes from and under whatever names its key has proved it.
    const seat = this.port.seatOf(asker.peer);
    const bytes = await (seat === null
      ? this.lines.strangers.serve(asker, maker, outlet)
      : this.lines.members.serve({ peer: `seat ${seat}`, group: `seat ${seat}` }, maker, outlet));
    if (bytes === null) return "BUSY";
    return isMade ? bytes : "NONE";
  }

  /** The first verdict; one that must wait for state is told as the code of what it waits for. */
  private submitted(from: PeerRef, op: Bytes): Promise<string> {
    return new Promise((resolve) => {
      this.port.gate.receive({ topic: "ops", raw: op, from, id: null }, (verdict) => {
        if (verdict.kind === "reject") this.port.blame(from);
        resolve(verdict.kind === "accept" ? "ACCEPTED" : verdict.code);
      });
    });
  }

  private async funded(agent: Bytes, asker: Asker): Promise<string> {
    const { faucet } = this.port.handlers;
    return faucet === null ? "NO_FAUCET" : faucet(agent, asker);
  }

  private refused(code: string): SyncAnswer {
    this.port.counters.add("sync", code);
    return { kind: "refused", code };
  }
}
