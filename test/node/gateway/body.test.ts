// How much of bodies is held at once: what a client that goes away has sent is let go of once.

import { type ClientRequest, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
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
