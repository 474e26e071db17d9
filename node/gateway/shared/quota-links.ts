// The streams between gateways that share a key: what one tells another, and from whom what comes is taken (spec/gateway#exchange).
import { fromHex, type Hex, toHex } from "../../../src/base/index.js";
import {
  decodeExchange,
  type ExchangeFrame,
  type ExchangeMessage,
  encodeExchange,
  MAX_EXCHANGE_BYTES,
} from "../../../src/quota/index.js";
import { FrameStream } from "../../net/frame-stream.js";
import type { DirectNet, DirectStream } from "../../net/index.js";
import { TokenBuckets } from "../../net/token-bucket.js";
import type { SharedTerms } from "./shared-terms.js";

export const QUOTA_PROTOCOL = "/mabeam/1/quota";
/** Streams of one peer: one that it has lost may not be over here. */
const STREAMS_EACH = 4;
/** Messages of one peer: many requests that each need a loan, and levels of many pools. */
const BURST = 400;
const PER_SECOND = 200;
/** A gateway that cannot be reached is tried again so much later. */
const AGAIN_MS = 1_000;
/** Who has said something within so long serves. */
const HEARD_MS = 3_000;

/** Where agents say that they are served. */
export interface Presences {
  /** the peer that an agent has named, with its addresses; null: nobody has told */
  of(agent: Uint8Array): { readonly peer: string; readonly addresses: readonly string[] } | null;
  /** Asks others where it is. */
  find(agent: Uint8Array): Promise<void>;
}

export interface LinksPort {
  readonly direct: DirectNet;
  readonly presences: Presences;
  readonly shared: SharedTerms["shared"];
  /** who speaks here */
  readonly agent: Uint8Array;
  hear(gateway: Hex, pool: string, message: ExchangeMessage): void;
}

interface Link {
  readonly frames: FrameStream;
  readonly end: () => void;
}

export class QuotaLinks {
  private readonly links = new Map<Hex, Link>();
  /** when one may be tried again that was not reached */
  private readonly again = new Map<Hex, number>();
  private readonly sought = new Map<Hex, number>();
  private readonly heardMs = new Map<Hex, number>();
  private readonly tokens: TokenBuckets;
  private others: ReadonlySet<Hex> = new Set();
  private speakers: ReadonlySet<Hex> = new Set();
  private isClosed = false;

  constructor(private readonly port: LinksPort) {
    this.tokens = new TokenBuckets(PER_SECOND, BURST, port.direct.steadyMs);
  }

  serve(): Promise<void> {
    return this.port.direct.serve(QUOTA_PROTOCOL, STREAMS_EACH, (incoming) => this.listen(incoming));
  }

  /** These have parts of the key now, and are told. @param speakers who is heard beside them: whose parts another holds */
  meet(others: readonly Hex[], speakers: readonly Hex[]): void {
    this.others = new Set(others);
    this.speakers = new Set([...others, ...speakers]);
    for (const [gateway, { end }] of this.links) if (!this.others.has(gateway)) end();
    for (const gateway of others) this.open(gateway);
  }

  /** Whether a gateway has said something of late. */
  isHeard(gateway: Hex): boolean {
    return this.port.direct.steadyMs() - (this.heardMs.get(gateway) ?? Number.NEGATIVE_INFINITY) < HEARD_MS;
  }

  /** What cannot be told is lost: levels are told again, and loans asked for again. */
  tell(gateway: Hex, pool: string, message: ExchangeMessage): void {
    const link = this.links.get(gateway);
    if (link === undefined) {
      this.open(gateway);
      return;
    }
    const bytes = encodeExchange({
      ...this.port.shared,
      from: this.port.agent,
      pool,
      message: message as ExchangeFrame["message"],
    });
    if (bytes === null) return;
    try {
      link.frames.send(bytes);
    } catch {
      link.end();
    }
  }

  close(): void {
    this.isClosed = true;
    for (const { end } of this.links.values()) end();
  }

  private open(gateway: Hex): void {
    const nowMs = this.port.direct.steadyMs();
    if (this.isClosed || this.links.has(gateway) || (this.again.get(gateway) ?? 0) > nowMs) return;
    this.again.set(gateway, nowMs + AGAIN_MS);
    // That it is not there now is known: it is tried again.
    this.keepOpen(gateway).catch(() => undefined);
  }

  /** Ends with the stream. */
  private async keepOpen(gateway: Hex): Promise<void> {
    const { direct, presences } = this.port;
    const agent = fromHex(gateway)!;
    if (presences.of(agent) === null) await this.find(gateway);
    const place = presences.of(agent);
    if (place === null) return;
    const connection = await direct.reach(place.peer, place.addresses);
    await direct.withStream(connection, QUOTA_PROTOCOL, async ({ stream }) => {
      if (this.isClosed || this.links.has(gateway)) return;
      const frames = new FrameStream(stream, MAX_EXCHANGE_BYTES);
      const over = new Promise<void>((end) => {
        this.links.set(gateway, { frames, end });
      });
      const link = this.links.get(gateway)!;
      try {
        // Nothing is said on this stream but by this side: what can be read is its end.
        await Promise.race([over, frames.read().catch(() => undefined)]);
      } finally {
        if (this.links.get(gateway) === link) this.links.delete(gateway);
      }
    });
  }

  /** All who are connected are asked: no more often than that, whoever gives the occasion. */
  private async find(gateway: Hex): Promise<void> {
    const nowMs = this.port.direct.steadyMs();
    if ((this.sought.get(gateway) ?? 0) > nowMs) return;
    this.sought.set(gateway, nowMs + AGAIN_MS);
    await this.port.presences.find(fromHex(gateway)!);
  }

  private async listen({ stream, from }: DirectStream): Promise<void> {
    const frames = new FrameStream(stream, MAX_EXCHANGE_BYTES);
    for (;;) {
      const bytes = await frames.read();
      if (this.isClosed) return;
      const code = await this.take(from, bytes);
      if (code === null) continue;
      this.port.direct.count("quota", code);
      if (code === "TOO_MANY_REQUESTS" || code === "NO_PART") continue;
      if (code === "BAD_FRAME") this.port.direct.blame(from);
      return;
    }
  }

  /** Why a message is not taken; null: it is. */
  private async take(from: string, bytes: Uint8Array): Promise<string | null> {
    const { shared, presences } = this.port;
    if (!this.tokens.take(from)) return "TOO_MANY_REQUESTS";
    const frame = decodeExchange(bytes);
    if (frame === null) return "BAD_FRAME";
    const gateway = toHex(frame.from);
    const isOurs = toHex(frame.seller) === toHex(shared.seller) && frame.capability === shared.capability;
    if (!isOurs) return "OTHER_KEY";
    // The log may not have come here by which it has one.
    if (!this.speakers.has(gateway)) return "NO_PART";
    if (presences.of(frame.from)?.peer !== from) await this.find(gateway);
    if (presences.of(frame.from)?.peer !== from) return "NOT_ITS_PEER";
    this.heardMs.set(gateway, this.port.direct.steadyMs());
    this.port.hear(gateway, frame.pool, frame.message as ExchangeMessage);
    return null;
  }
}
