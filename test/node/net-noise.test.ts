// Frames of Noise over real sockets: everything gets through however the bytes are cut, and a message costs one write.
import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, Socket } from "node:net";
import type { Stream } from "@libp2p/interface";
import { tcp } from "@libp2p/tcp";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { afterEach, expect, test, vi } from "vitest";
import { thriftyNoise } from "../../node/net/thrifty-noise.js";
import { thriftyYamux } from "../../node/net/thrifty-yamux.js";
import { until } from "./net-fixture.js";

/** All writes of this process to sockets go through it. */
const WRITES = Socket.prototype as unknown as { _writeGeneric(...args: readonly unknown[]): void };
const PROTOCOL = "/test/1";
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function host(listen: readonly string[]) {
  const made = await createLibp2p({
    addresses: { listen: [...listen] },
    transports: [tcp()],
    connectionEncrypters: [thriftyNoise()],
    streamMuxers: [thriftyYamux({ enableKeepAlive: false })],
    connectionMonitor: { enabled: false },
  });
  closers.push(() => made.stop());
  return made;
}

/** A port that passes on to another what comes, in pieces of `bytes`. */
async function portInPieces(to: number, bytes: number): Promise<number> {
  const server = createServer((near) => {
    const far = createConnection(to, "127.0.0.1");
    passOn(near, far, bytes);
    passOn(far, near, bytes);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

function passOn(from: Socket, to: Socket, bytes: number): void {
  to.setNoDelay(true);
  from.on("data", (data) => void inPieces(from, to, data, bytes));
  from.on("close", () => to.destroy());
  from.on("error", () => to.destroy());
}

async function inPieces(from: Socket, to: Socket, data: Buffer, bytes: number): Promise<void> {
  from.pause();
  for (let at = 0; at < data.length; at += bytes) {
    to.write(data.subarray(at, at + bytes));
    await new Promise((resolve) => setImmediate(resolve));
  }
  from.resume();
}

/** A stream to a host that keeps what it hears, by pieces of `bytes` on the way. */
async function wire(bytes: number | null) {
  const far = await host(["/ip4/127.0.0.1/tcp/0"]);
  const heard: Uint8Array[] = [];
  await far.handle(PROTOCOL, (stream: Stream) => {
    stream.addEventListener("message", ({ data }) => heard.push(data.subarray().slice()));
  });
  const port = Number(/tcp\/(\d+)/.exec(far.getMultiaddrs()[0]!.toString())![1]);
  const asked = bytes === null ? port : await portInPieces(port, bytes);
  const near = await host([]);
  const stream = await near.dialProtocol(multiaddr(`/ip4/127.0.0.1/tcp/${asked}`), PROTOCOL);
  return { stream, heard: () => Buffer.concat(heard) };
}

const numbered = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, i) => (i * 7) % 251));

test.each([1, 2, 3, 7, 1000])(
  "bytes that come in pieces of %i make the same messages",
  async (bytes) => {
    const { stream, heard } = await wire(bytes);
    const all = numbered(3 * bytes + 2000);
    for (let at = 0; at < all.length; at += 301) stream.send(all.subarray(at, at + 301));
    await until("everything is heard", () => heard().length === all.length);
    expect(heard().equals(all)).toBe(true);
  },
  60_000,
);

test("many times what a socket holds gets through, in order", async () => {
  const { stream, heard } = await wire(null);
  const piece = numbered(200_000);
  const pieces = 40;
  for (let i = 0; i < pieces; i++) {
    if (!stream.send(piece)) await stream.onDrain();
  }
  await until("everything is heard", () => heard().length === pieces * piece.length);
  expect(heard().equals(Buffer.concat(Array.from({ length: pieces }, () => piece)))).toBe(true);
}, 90_000);

test("what one turn of the event loop sends is one write", async () => {
  const { stream, heard } = await wire(null);
  stream.send(numbered(10));
  await until("the stream stands", () => heard().length === 10);
  const write = vi.spyOn(WRITES, "_writeGeneric");
  closers.push(() => write.mockRestore());
  for (let i = 0; i < 20; i++) stream.send(numbered(100));
  await until("all is heard", () => heard().length === 2010);
  // Nothing else is sent but the far end's own answers, a write each.
  expect(write.mock.calls.length).toBeLessThanOrEqual(3);
});

test("what was sent right before the end arrives", async () => {
  const { stream, heard } = await wire(null);
  stream.send(numbered(5000));
  await stream.close();
  await until("it is heard", () => heard().length === 5000);
});
