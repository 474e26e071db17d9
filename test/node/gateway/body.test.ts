// How much of bodies is held at once: what a client has sent that goes away is let go of once, and in tiny pieces it takes no more room.

import { EventEmitter } from "node:events";
import { type ClientRequest, createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { HeldBodies, readBody } from "../../../node/gateway/body.js";
import { gatewayClock } from "../../../node/gateway/clock.js";
import { until } from "./stage.js";

const KIB = 1024;

test("what a client has sent that breaks off is let go of once, however its end is told", async () => {
  const most = 256 * KIB;
  const held = new HeldBodies(most);
  const ends: unknown[] = [];
  let received = 0;
  const server = createServer((incoming, response) => {
    response.on("error", () => undefined);
    incoming.on("data", (chunk: Buffer) => {
      received += chunk.length;
    });
    readBody(incoming, gatewayClock(), held).then(
      (read) => ends.push(read),
      (error: Error) => ends.push(error.message),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  for (let turn = 1; turn <= 3; turn++) {
    received = 0;
    const sent: ClientRequest = request({ host: "127.0.0.1", port, method: "POST" });
    sent.on("error", () => undefined);
    sent.write(Buffer.alloc(192 * KIB));
    await until(() => received === 192 * KIB);
    sent.destroy();
    await until(() => ends.length === turn);
  }
  // Room for so much beyond what each body has for itself, and for no byte more.
  expect(held.grow(0, most + 64 * KIB + 1)).toBe(false);
  expect(held.grow(0, most + 64 * KIB)).toBe(true);
  server.close();
  server.closeAllConnections();
});

/** A request whose body comes in pieces. */
class Piecewise extends EventEmitter {
  readonly headers = {};
  resume(): this {
    return this;
  }
}

const readFrom = (pieces: Piecewise) =>
  readBody(pieces as unknown as IncomingMessage, gatewayClock(), new HeldBodies());

test.each([0, 1, 2, 255, 256, 257, 511, 512, 700])("a body of %i pieces is what was sent", async (count) => {
  const pieces = new Piecewise();
  const read = readFrom(pieces);
  const all = Array.from({ length: count }, (_, i) => Buffer.from(String(i)));
  for (const piece of all) pieces.emit("data", piece);
  pieces.emit("end");
  expect(await read).toEqual(Buffer.concat(all));
});

test("a body in pieces of a byte takes hardly more room than its bytes", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const used = () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const pieces = new Piecewise();
  const read = readFrom(pieces);
  const before = used();
  const count = 300_000;
  for (let i = 0; i < count; i++) pieces.emit("data", Buffer.alloc(1, i));
  expect(used() - before).toBeLessThan(16 * count);
  pieces.emit("end");
  expect(await read).toHaveLength(count);
});
