// The market's topics: what this peer says on them, and what it hears, which goes to the gate.
import type { Bytes } from "../../src/base/index.js";
import type { PeerRef } from "../../src/peer/event.js";
import type { Topic } from "../../src/peer/ready.js";
import { Bundler, BundleVerdict, decodeBundle, encodeBundle } from "./bundle.js";
import { reject, type Settle } from "./gate-port.js";
import { fitDegree, TopicValidatorResult } from "./gossip.js";
import { type GossipReading, readWithCare } from "./gossip-reader.js";
import type { KnownPeers } from "./known-peers.js";
import type { GossipTap } from "./ports.js";
import { idText, type Topics } from "./topics.js";

export interface PubsubPort extends GossipReading {
  readonly topics: Topics;
  readonly known: KnownPeers;
  readonly tap?: GossipTap;
  /** does it after so long, unless the network has ended */
  readonly later: (ms: number, work: () => void) => void;
}

const RESULTS: Readonly<Record<"accept" | "ignore" | "reject", TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
};

export class Pubsub {
  private readonly bundler: Bundler;
  private readonly countMore: (from: PeerRef, messages: number) => void;

  constructor(private readonly port: PubsubPort) {
    this.countMore = readWithCare(port);
    this.bundler = new Bundler(
      (operations, hasOwn) => this.publishBundle(operations, hasOwn),
      port.steadyMs,
      port.later,
    );
  }

  /** Subscribes to every topic of the market. */
  join(): void {
    const { gossip, topics, gate, known, tap, isStopped, blame } = this.port;
    gossip.addEventListener("gossipsub:message", ({ detail }) => {
      const topic = topics.kindOf(detail.msg.topic);
      if (topic === null) return;
      const from = detail.propagationSource.toString();
      const { data } = detail.msg;
      // A plain view: Buffer's `slice` would make every field that the codec copies a window into the frame.
      const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      const settle: Settle = (verdict) => {
        if (verdict.kind === "pend" || isStopped()) return;
        if (verdict.kind === "reject") blame(from);
        gossip.reportMessageValidationResult(detail.msgId, from, RESULTS[verdict.kind]);
      };
      if (topic === "ops") this.receiveBundle(raw, from, settle);
      else {
        tap?.("received", topic, raw);
        gate.receive({ topic, raw, from, id: detail.msgId }, settle);
      }
    });
    gossip.addEventListener("gossipsub:heartbeat", () => fitDegree(gossip, known.size));
    for (const name of topics.all()) gossip.subscribe(name);
  }

  /** Gossips bytes that this peer has judged itself; operations together with others that go out about now. */
  publish(topic: Topic, bytes: Bytes): void {
    const { topics, gate, tap, isStopped } = this.port;
    if (isStopped()) return;
    tap?.("sent", topic, bytes);
    gate.remember(idText(topics.idOf(topics.nameOf(topic), bytes)));
    if (topic === "ops") this.bundler.add(bytes, true);
    else this.send(topic, bytes, 1);
  }

  private receiveBundle(raw: Bytes, from: PeerRef, settle: Settle): void {
    const { gate, counters, tap } = this.port;
    const operations = decodeBundle(raw);
    if (!operations.ok) {
      counters.add("ops", operations.error);
      settle(reject(operations.error));
      return;
    }
    // Each is read and judged like a message of its own, and what is expired costs its relayer nothing else.
    this.countMore(from, operations.value.length - 1);
    for (const one of operations.value) tap?.("received", "ops", one);
    const verdict = new BundleVerdict(operations.value, settle, (one) => this.bundler.add(one, false));
    gate.receiveBundle(operations.value, from, (at, one) => verdict.take(at, one));
  }

  /** What others have sent goes to the mesh alone: it is on its way already. */
  private publishBundle(operations: readonly Bytes[], hasOwn: boolean): void {
    if (!this.port.isStopped()) this.send("ops", encodeBundle(operations), operations.length, hasOwn);
  }

  private send(topic: Topic, bytes: Bytes, count: number, floodPublish = true): void {
    const { gossip, topics, counters } = this.port;
    gossip.publish(topics.nameOf(topic), bytes, { floodPublish }).then(
      () => counters.add(topic, "PUBLISHED", count),
      () => counters.add(topic, "PUBLISH_FAILED", count),
    );
  }

  /** How many peers of the topic's mesh this peer has. */
  meshSize(topic: Topic): number {
    return this.port.gossip.getMeshPeers(this.port.topics.nameOf(topic)).length;
  }
}
