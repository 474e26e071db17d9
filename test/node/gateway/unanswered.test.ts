// G15 What reached the upstream and was never answered took its input; what did not reach it took nothing.
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { mayHaveArrived } from "../../../node/gateway/sent-fault.js";
import { before, perMinute, rawUpstream, until } from "./stage.js";

test("a connection that breaks once the request was sent: each attempt is charged its input, and counts in limits", async () => {
  let asked = 0;
  const upstream = await rawUpstream((request) => {
    asked += 1;
    request.socket.destroy();
  });
  const { ask, passed, gateway, expectIdle } = await before(upstream, "gpt", {
    pool: { limits: perMinute({ rpm: 60 }) },
  });
  const answer = await ask("ann");
  expect([answer.status, asked]).toEqual([502, 3]);
  await until(() => passed().length === 1);
  const [one] = passed();
  expect(one).toMatchObject({ end: "failed", status: null });
  expect(one!.used!.inputTokens).toBeGreaterThan(0);
  expect(one!.used!.outputTokens).toBe(0);
  // Nobody can tell that it was not done each time.
  expect(gateway.pools.lineFor("gpt").taken).toMatchObject([{ taken: 3 }]);
  expect(one!.cost).toBeGreaterThan(0);
  await expectIdle();
  const next = await ask("ann", { headers: { "x-stainless-retry-count": "2" } });
  expect(next.status).toBe(502);
  await until(() => passed().length === 2);
  // Three times as much for three times.
  expect(one!.cost).toBeGreaterThanOrEqual(3 * passed()[1]!.cost - 3);
});

test("an upstream that nobody answers at took nothing", async () => {
  const closed = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => closed.once("listening", resolve));
  const { port } = closed.address() as { port: number };
  await new Promise((resolve) => closed.close(resolve));
  const { ask, passed, gateway } = await before({ url: `http://127.0.0.1:${port}` }, "gpt", {
    pool: { limits: perMinute({ rpm: 60 }) },
  });
  expect((await ask("ann")).status).toBe(502);
  await until(() => passed().length === 1);
  expect(passed()).toMatchObject([{ end: "failed", used: null, cost: 0, status: null }]);
  expect(gateway.pools.lineFor("gpt").taken).toMatchObject([{ taken: 0 }]);
});

const fault = (code: string, more: object = {}) => Object.assign(new Error("x"), { code, ...more });

test.each([
  [fault("ECONNREFUSED"), false],
  [fault("ENOTFOUND", { syscall: "getaddrinfo" }), false],
  [fault("ETIMEDOUT", { syscall: "connect" }), false],
  [fault("UND_ERR_CONNECT_TIMEOUT"), false],
  [fault("CERT_HAS_EXPIRED"), false],
  [fault("DEPTH_ZERO_SELF_SIGNED_CERT"), false],
  [fault("EPROTO"), false],
  [fault("UND_ERR_INVALID_ARG"), false],
  [
    Object.assign(
      new Error("Client network socket disconnected before secure TLS connection was established"),
      { code: "ECONNRESET" },
    ),
    false,
  ],
  [fault("ECONNRESET", { syscall: "read" }), true],
  [fault("ETIMEDOUT", { syscall: "read" }), true],
  [fault("EPIPE", { syscall: "write" }), true],
  [fault("UND_ERR_SOCKET"), true],
  [fault("UND_ERR_HEADERS_TIMEOUT"), true],
  [fault("HPE_INVALID_CONSTANT"), true],
  [new Error("something else"), true],
  [null, true],
])("%o: may have arrived: %s", (error, may) => {
  expect(mayHaveArrived(error)).toBe(may);
});
