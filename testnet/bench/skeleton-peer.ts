// A peer of the skeleton: sends, signs, verifies and writes as a trace says, and knows nothing of why.
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from "node:crypto";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { Connection, Stream } from "@libp2p/interface";
import { FrameStream, frameOf } from "../../node/net/frame-stream.js";
import type { Store } from "../../node/store/store.js";
import { type Bytes, unreachable } from "../../src/base/index.js";
import type { BareHost } from "./bare-host.js";
import type { Action, TracedRow } from "./trace.js";

const FRAMES = "/skeleton/1/frames";
const ASK = "/skeleton/1/ask";
const MAX_BYTES = 4 * 1024 * 1024;
/** Of every frame and message the first bytes say which it is; the rest is random. */
const ID_BYTES = 8;
const NOISE = new Uint8Array(randomBytes(256 * 1024));

/** Bytes of a length that carry a number. */
function stuffed(id: number, length: number): Bytes {
  const bytes = Buffer.from(NOISE.subarray(0, Math.max(ID_BYTES, length)));
  bytes.writeDoubleBE(id);
  return bytes;
}
const idOf = (bytes: Bytes): number => new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0);

export class SkeletonPeer {
  private readonly links = new Map<number, Stream>();
  private readonly arrived = new Set<number>();
  private readonly waiting = new Map<number, () => void>();
  private rows = 0;

  private constructor(
    readonly host: BareHost,
    private readonly store: Store,
    /** told of every gossip message as it comes */
    private readonly onGossip: (id: number) => void,
  ) {}

  static async open(host: BareHost, store: Store, onGossip: (id: number) => void): Promise<SkeletonPeer> {
    const peer = new SkeletonPeer(host, store, onGossip);
    const limits = { maxInboundStreams: 64, maxOutboundStreams: 64 };
    await host.handle(FRAMES, (stream) => void peer.listen(stream).catch(() => undefined), limits);
    await host.handle(ASK, (stream) => void answer(stream).catch(() => undefined), limits);
    host.services.gossip.addEventListener("gossipsub:message", ({ detail }) => {
      const id = idOf(detail.msg.data);
      peer.onGossip(id);
      peer.note(id);
    });
    return peer;
  }

  /** Opens the stream on which frames for another peer go. */
  async link(place: number, other: SkeletonPeer): Promise<void> {
    const connection = this.connectionTo(other);
    this.links.set(place, await connection.newStream(FRAMES));
  }

  /**
   * Does all actions in order. An awaited message is waited for; where `paced`, so is the time of each action.
   * @param base keeps the ids of this run apart from those of others
   */
  async play(
    actions: readonly Action[],
    base: number,
    paced: boolean,
    peers: readonly SkeletonPeer[],
  ): Promise<void> {
    const startedAtMs = performance.now();
    for (const action of actions) {
      const earlyMs = startedAtMs + action.atMs - performance.now();
      if (paced && earlyMs > 1) await pause(earlyMs);
      await this.act(action, base, peers);
    }
  }

  async close(): Promise<void> {
    await this.host.stop();
    await this.store.close();
  }

  private act(action: Action, base: number, peers: readonly SkeletonPeer[]): Promise<void> | void {
    switch (action.kind) {
      case "await":
        return this.arrival(base + action.id);
      case "ask":
        return this.ask(peers[action.of]!, action.bytes, action.answerBytes);
      case "verify":
        for (let i = 0; i < action.count; i++) verifySomething();
        return;
      case "sign":
        for (let i = 0; i < action.count; i++) signSomething();
        return;
      case "write":
        return this.write(action.rows, action.guardBytes);
      case "send":
        return this.send(action.frames, base);
      case "gossip":
        void this.host.services.gossip.publish(action.topic, stuffed(base + action.id, action.bytes));
        return;
      default:
        return unreachable(action);
    }
  }

  private arrival(id: number): Promise<void> | void {
    if (this.arrived.has(id)) return;
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  private note(id: number): void {
    this.arrived.add(id);
    this.waiting.get(id)?.();
    this.waiting.delete(id);
  }

  private async listen(stream: Stream): Promise<void> {
    const frames = new FrameStream(stream, MAX_BYTES);
    for (;;) this.note(idOf(await frames.read()));
  }

  private send(
    frames: readonly { readonly to: number; readonly id: number; readonly bytes: number }[],
    base: number,
  ): void {
    const byPeer = new Map<number, Bytes[]>();
    for (const { to, id, bytes } of frames) {
      const frame = frameOf(stuffed(base + id, bytes));
      const together = byPeer.get(to);
      if (together === undefined) byPeer.set(to, [frame]);
      else together.push(frame);
    }
    for (const [to, together] of byPeer) this.links.get(to)?.send(Buffer.concat(together));
  }

  private async ask(other: SkeletonPeer, bytes: number, answerBytes: number): Promise<void> {
    const stream = await this.connectionTo(other).newStream(ASK);
    const frames = new FrameStream(stream, MAX_BYTES);
    frames.send(stuffed(answerBytes, bytes));
    await frames.read();
    await stream.close();
  }

  private write(rows: readonly TracedRow[], guardBytes: number | null): Promise<void> {
    return this.store.write([
      ...(guardBytes === null ? [] : [{ kind: "guard", record: NOISE.subarray(0, guardBytes) } as const]),
      ...rows.map(({ keyBytes, valueBytes }) => {
        const key = String(this.rows++).padStart(keyBytes, "0");
        return valueBytes === null
          ? ({ kind: "delete", key } as const)
          : ({ kind: "put", key, value: NOISE.subarray(0, valueBytes) } as const);
      }),
    ]);
  }

  private connectionTo(other: SkeletonPeer): Connection {
    const connection = this.host.getConnections(other.host.peerId)[0];
    // A peer asks those that it is connected to; the trace knows of no others, but links may have been made later.
    const found = connection ?? this.host.getConnections()[0];
    if (found === undefined) throw new Error("a skeleton peer has no connection");
    return found;
  }
}

/** The question says how long the answer is to be. */
async function answer(stream: Stream): Promise<void> {
  const frames = new FrameStream(stream, MAX_BYTES);
  const bytes = idOf(await frames.read());
  frames.send(stuffed(0, bytes));
  await stream.close();
}

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const CHECKED: KeyObject = createPublicKey(publicKey.export({ format: "pem", type: "spki" }));
const MESSAGE = new Uint8Array(randomBytes(32));
const SIGNATURE = sign(null, MESSAGE, privateKey);

const signSomething = (): void => void sign(null, MESSAGE, privateKey);
const verifySomething = (): void => void verify(null, MESSAGE, CHECKED, SIGNATURE);

/** One verification on the thread pool. */
export const verifyAside = (): Promise<void> =>
  new Promise((resolve) => verify(null, MESSAGE, CHECKED, SIGNATURE, () => resolve()));
