// What comes in by gossip: every message of a topic goes to the gate, and its verdict back to gossip.
import type { PeerRef } from "../../src/peer/event.js";
import type { Gate } from "./gate.js";
import type { Verdict } from "./gate-port.js";
import { fitDegree, TopicValidatorResult } from "./gossip.js";
import type { GossipReading } from "./gossip-reader.js";
import type { GossipTap } from "./ports.js";
import type { Topics } from "./topics.js";

export interface GossipIntake extends GossipReading {
  readonly topics: Topics;
  readonly gate: Gate;
  readonly tap: GossipTap | null;
  knownPeers(): number;
  isStopped(): boolean;
  /** relayed what it could have seen to be bad */
  rejected(from: PeerRef): void;
}

const RESULTS: Readonly<Record<"accept" | "ignore" | "reject", TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
};

/** Subscribes to every topic of the market. */
export function joinTopics({
  gossip,
  topics,
  gate,
  tap,
  knownPeers,
  isStopped,
  rejected,
}: GossipIntake): void {
  gossip.addEventListener("gossipsub:message", ({ detail }) => {
    const topic = topics.kindOf(detail.msg.topic);
    if (topic === null) return;
    const from = detail.propagationSource.toString();
    const { data } = detail.msg;
    // A plain view: Buffer's `slice` would make every field that the codec copies a window into the frame.
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    tap?.("received", topic, raw);
    gate.receive({ topic, raw, from, id: detail.msgId }, (verdict: Verdict) => {
      if (verdict.kind === "pend" || isStopped()) return;
      if (verdict.kind === "reject") rejected(from);
      gossip.reportMessageValidationResult(detail.msgId, from, RESULTS[verdict.kind]);
    });
  });
  gossip.addEventListener("gossipsub:heartbeat", () => fitDegree(gossip, knownPeers()));
  for (const name of topics.all()) gossip.subscribe(name);
}
