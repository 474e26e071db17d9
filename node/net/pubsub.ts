// The market's topics: what this peer says on them, and what it hears, which goes to the gate.
import type { Bytes } from "../../src/base/index.js";
import type { Topic } from "../../src/peer/ready.js";
import { fitDegree, TopicValidatorResult } from "./gossip.js";
import { type GossipReading, readWithCare } from "./gossip-reader.js";
import type { KnownPeers } from "./known-peers.js";
import type { GossipTap } from "./ports.js";
import { idText, type Topics } from "./topics.js";

export interface PubsubPort extends GossipReading {
  readonly topics: Topics;
  readonly known: KnownPeers;
  readonly tap?: GossipTap;
}

const RESULTS: Readonly<Record<"accept" | "ignore" | "reject", TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
};

export class Pubsub {
  constructor(private readonly port: PubsubPort) {
    readWithCare(port);
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
      tap?.("received", topic, raw);
      gate.receive({ topic, raw, from, id: detail.msgId }, (verdict) => {
        if (verdict.kind === "pend" || isStopped()) return;
        if (verdict.kind === "reject") blame(from);
        gossip.reportMessageValidationResult(detail.msgId, from, RESULTS[verdict.kind]);
      });
    });
    gossip.addEventListener("gossipsub:heartbeat", () => fitDegree(gossip, known.size));
    for (const name of topics.all()) gossip.subscribe(name);
  }

  /** Gossips bytes that this peer has judged itself. */
  publish(topic: Topic, bytes: Bytes): void {
    const { gossip, topics, gate, counters, tap, isStopped } = this.port;
    if (isStopped()) return;
    tap?.("sent", topic, bytes);
    const name = topics.nameOf(topic);
    gate.remember(idText(topics.idOf(name, bytes)));
    gossip.publish(name, bytes).then(
      () => counters.add(topic, "PUBLISHED"),
      () => counters.add(topic, "PUBLISH_FAILED"),
    );
  }

  /** How many peers of the topic's mesh this peer has. */
  meshSize(topic: Topic): number {
    return this.port.gossip.getMeshPeers(this.port.topics.nameOf(topic)).length;
  }
}
