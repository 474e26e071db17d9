// The window of a stream: everything gets through, and short frames are not answered one by one.
import { multiaddrConnectionPair } from "@libp2p/utils";
import { expect, test } from "vitest";
import { thriftyYamux } from "../../node/net/thrifty-yamux.js";
import { until } from "./net-fixture.js";

const WINDOW_BYTES = 256 * 1024;

async function pair() {
  const [near, far] = multiaddrConnectionPair();
  const packets = { toNear: 0 };
  near.addEventListener("message", () => {
    packets.toNear++;
  });
  const make = thriftyYamux({ enableKeepAlive: false, streamOptions: { maxStreamWindowSize: WINDOW_BYTES } });
  const muxers = [near, far].map((end) => make().createStreamMuxer(end));
  let receivedBytes = 0;
  muxers[1]!.addEventListener("stream", ({ detail: stream }) => {
    stream.addEventListener("message", ({ data }) => {
      receivedBytes += data.byteLength;
    });
  });
  const stream = await muxers[0]!.createStream();
  return { stream, packets, received: () => receivedBytes };
}

test("many windows of short frames get through, in full", async () => {
  const { stream, received } = await pair();
  const frame = new Uint8Array(1024);
  const frames = (8 * WINDOW_BYTES) / frame.length;
  for (let i = 0; i < frames; i++) {
    if (!stream.send(frame))
      await new Promise((resolve) => stream.addEventListener("drain", resolve, { once: true }));
  }
  await until("everything is received", () => received() === frames * frame.length);
});

test("frames that leave half the window free are not answered by updates", async () => {
  const { stream, packets, received } = await pair();
  stream.send(new Uint8Array(1));
  await until("the stream stands", () => received() === 1);
  const before = packets.toNear;
  for (let i = 0; i < 20; i++) {
    stream.send(new Uint8Array(100));
    await until("it is received", () => received() === 1 + (i + 1) * 100);
  }
  expect(packets.toNear - before).toBeLessThanOrEqual(1);
});
