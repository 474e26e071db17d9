// Streams of trades: who may open one here, and how one to the other party's peer is opened.

import { MAX_GOODS_FRAME_BYTES, MAX_QUESTION_FRAME_BYTES } from "../../src/handover/index.js";
import type { AgentKey, Hash } from "../../src/index.js";
import { FrameError, FrameStream } from "../net/frame-stream.js";
import { type DirectNet, type DirectStream, NetworkRefusal } from "../net/index.js";
import { TokenBuckets } from "../net/token-bucket.js";
import { type GivingPort, giveOn } from "./giving.js";
import { answerKnock, type Doorway, knockAs, type Opened, turnedAway } from "./opening.js";
import type { Presences } from "./presences.js";
import { StepFault } from "./steps.js";

export const TRADE_PROTOCOL = "/mabeam/1/trade";
/** Streams that are answered at once, and those of one peer among them (spec/handover#O3). */
const MOST_AT_ONCE = 8;
const MOST_OF_ONE = 2;
const KNOCKS_BURST = 16;
const KNOCKS_PER_SECOND = 2;
/** Of libp2p, beyond which a stream ends unheard. */
const STREAMS_EACH = 4;

export interface StreamsPort extends Doorway, GivingPort {
  readonly direct: DirectNet;
  readonly presences: Presences;
}

export class TradeStreams {
  private readonly tokens: TokenBuckets;
  private readonly answering = new Map<string, number>();

  constructor(private readonly port: StreamsPort) {
    this.tokens = new TokenBuckets(KNOCKS_PER_SECOND, KNOCKS_BURST, port.direct.steadyMs);
  }

  serve(): Promise<void> {
    return this.port.direct.serve(TRADE_PROTOCOL, STREAMS_EACH, (incoming) => this.answer(incoming));
  }

  /**
   * Does `work` on a stream to the peer of the other party, wherever that is found.
   * @throws StepFault, NetworkRefusal, FrameError, what `work` and libp2p throw
   */
  async to<T>(
    trade: Hash,
    own: AgentKey,
    other: Uint8Array,
    work: (frames: FrameStream, opened: Opened) => Promise<T>,
  ): Promise<T> {
    const { direct } = this.port;
    const connection = await this.reach(other);
    return direct.withStream(connection, TRADE_PROTOCOL, async ({ stream, self, remote, from }) => {
      const frames = new FrameStream(stream, MAX_GOODS_FRAME_BYTES);
      try {
        return await work(frames, await knockAs(frames, this.port, own, trade, { self, remote }));
      } catch (error) {
        this.tell(error, from);
        throw error;
      }
    });
  }

  /** A connection to the peer that serves an agent: where it said last, else where neighbours have heard. */
  private async reach(agent: Uint8Array) {
    const { direct, presences } = this.port;
    const known = presences.of(agent);
    if (known !== null) {
      try {
        return await direct.reach(known.said.peer, known.said.addresses);
      } catch (error) {
        if (!(error instanceof NetworkRefusal)) throw error;
      }
    }
    const found = await presences.find(agent);
    if (found === null) throw new NetworkRefusal("NOT_FOUND", "no neighbour knows where the other party is");
    return direct.reach(found.said.peer, found.said.addresses);
  }

  private async answer({ stream, from, self, remote }: DirectStream): Promise<void> {
    const frames = new FrameStream(stream, MAX_QUESTION_FRAME_BYTES);
    const of = this.answering.get(from) ?? 0;
    const all = [...this.answering.values()].reduce((sum, one) => sum + one, 0);
    try {
      if (!this.tokens.take(from)) throw await turnedAway(frames, "TOO_MANY_REQUESTS");
      if (of >= MOST_OF_ONE || all >= MOST_AT_ONCE) throw await turnedAway(frames, "BUSY");
      this.answering.set(from, of + 1);
      try {
        await giveOn(frames, await answerKnock(frames, this.port, { self, remote }), this.port);
      } finally {
        const left = this.answering.get(from)! - 1;
        if (left === 0) this.answering.delete(from);
        else this.answering.set(from, left);
      }
    } catch (error) {
      this.tell(error, from);
      // Who was told why reads it, and then the end.
      if (!(error instanceof StepFault) || error.isBlamed) throw error;
    }
  }

  private tell(error: unknown, from: string): void {
    const { direct } = this.port;
    const isFault = error instanceof StepFault || error instanceof FrameError;
    const isTheirs = error instanceof StepFault && error.isTheirs;
    direct.count("trade", isTheirs ? "REFUSED" : isFault ? error.code : "BROKEN");
    const isBlamed = error instanceof StepFault ? error.isBlamed : isFault && error.code === "OVERSIZE";
    if (isBlamed) direct.blame(from);
  }
}
