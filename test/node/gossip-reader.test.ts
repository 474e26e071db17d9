// Gossip is read from each peer at a pace: by bytes, by messages, and by the operations that come in one.
import { expect, test } from "vitest";
import { encodeBundle } from "../../node/net/bundle.js";
import { Counters } from "../../node/net/counters.js";
import {
  GOSSIP_BURST_BYTES,
  GOSSIP_BYTES_PER_SECOND,
  GOSSIP_FRAME_COST_BYTES,
  GOSSIP_MESSAGE_COST_BYTES,
} from "../../node/net/limits.js";
import { Pubsub, type PubsubPort } from "../../node/net/pubsub.js";
import { Topics } from "../../node/net/topics.js";
import { utf8 } from "../../src/base/index.js";

/** How long a peer is not read further that sends frames with one message of the topic `ops` each. */
async function waitedFor(frames: readonly Uint8Array[]): Promise<number> {
  const topics = new Topics(new Uint8Array(32), new Uint8Array(32));
  const events = new EventTarget();
  const propagationSource = { toString: () => "peer" };
  const gossip = Object.assign(events, {
    subscribe() {},
    reportMessageValidationResult() {},
    handlePeerReadStreamError() {},
    decodeRpc: (data: Uint8Array) => ({ messages: [data] }),
    handleReceivedRpc: async (_: unknown, { messages: [data] }: { messages: Uint8Array[] }) => {
      const detail = { msg: { topic: topics.nameOf("ops"), data }, msgId: "id", propagationSource };
      events.dispatchEvent(new CustomEvent("gossipsub:message", { detail }));
    },
    pipePeerReadStream: async (_: unknown, __: AsyncIterable<unknown>) => {},
  });
  let waitedMs = 0;
  const port = {
    gossip,
    topics,
    gate: { receiveBundle() {}, waitingOf: () => 0 },
    counters: new Counters(),
    steadyMs: () => 0,
    isStopped: () => false,
    isShutOut: () => false,
    blame: () => undefined,
    later: () => undefined,
    known: { size: 0 },
    pause: async (ms: number) => {
      waitedMs = ms;
    },
  };
  new Pubsub(port as unknown as PubsubPort).join();
  async function* read() {
    for (const bytes of frames) yield { subarray: () => bytes };
  }
  await gossip.pipePeerReadStream(propagationSource, read());
  return waitedMs;
}

test.each([1, 64])("%i operations in a message count as many messages", async (count) => {
  const bundle = encodeBundle(Array.from({ length: count }, (_, i) => utf8(`operation ${i}`)));
  const frames = Array.from({ length: 10_000 }, () => bundle);
  const each = bundle.length + GOSSIP_FRAME_COST_BYTES + count * GOSSIP_MESSAGE_COST_BYTES;
  const debt = frames.length * each - GOSSIP_BURST_BYTES;
  expect(await waitedFor(frames)).toBeCloseTo((debt * 1000) / GOSSIP_BYTES_PER_SECOND, 0);
});
