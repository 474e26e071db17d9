// What a gateway lets in at all: programs on its own machine, and no more of them, no more slowly and no more at once than it can bear.
import { once } from "node:events";
import { request as httpRequest, Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { optionsOf } from "../../../node/cli/commands/gateway-flags.js";
import { DOORS, type DoorRules, doorsTo } from "../../../node/gateway/doors.js";
import { stage } from "./stage.js";

interface Said {
  readonly status: number;
  readonly body: string;
}

/** As no `fetch` sends it: with fields that it would set itself. */
function send(url: string, path: string, headers: Readonly<Record<string, string>>): Promise<Said> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url + path, {
      method: "POST",
      headers: { "content-length": "2", ...headers },
    });
    request.on("error", reject).on("response", (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += String(chunk);
      });
      response.on("end", () => resolve({ status: response.statusCode!, body }));
    });
    request.end("{}");
  });
}

describe("G43 a gateway answers programs on its own machine alone", () => {
  const FOREIGN = [
    { host: "rebound.example.com" },
    { host: "rebound.example.com:4170" },
    { host: "192.168.1.2:4170" },
    { host: "127.0.0.1.example.com" },
    { host: "127.0.0.1", origin: "https://example.com" },
    { host: "127.0.0.1", origin: "null" },
    { host: "127.0.0.1", origin: "http://127.0.0.1:4170" },
    { host: "127.0.0.1", "sec-fetch-site": "cross-site" },
  ];

  test.each(FOREIGN)("not %o", async (headers) => {
    const { gateway, upstream, events } = await stage();
    const chat = await send(gateway.url, "/v1/chat/completions", headers);
    expect([chat.status, JSON.parse(chat.body).error]).toMatchObject([
      403,
      { type: "permission_error", code: "NOT_FROM_HERE" },
    ]);
    expect(upstream.journal.visits).toEqual([]);
    expect(events).toEqual([]);
  });

  test("and says so in the caller's dialect", async () => {
    const { gateway } = await stage();
    const headers = { host: "127.0.0.1", origin: "https://example.com" };
    const messages = await send(gateway.url, "/v1/messages", headers);
    expect(JSON.parse(messages.body)).toMatchObject({
      type: "error",
      error: { type: "permission_error", details: { error_code: "NOT_FROM_HERE" } },
    });
    const generate = await send(gateway.url, "/v1beta/models/any:generateContent", headers);
    expect(JSON.parse(generate.body).error).toMatchObject({ code: 403, status: "PERMISSION_DENIED" });
  });

  test.each(["localhost", "LocalHost:80", "127.0.0.1", "127.9.9.9:4170", "[::1]", "[::1]:4170"])(
    "%s is a name of it",
    async (host) => {
      const { gateway } = await stage();
      const { status } = await send(gateway.url, "/v1/chat/completions", { host, "sec-fetch-site": "none" });
      expect(status).not.toBe(403);
    },
  );

  test.each(["0.0.0.0:4170", "192.168.1.2:4170", "[::]:4170", "example.com:80"])(
    "it does not listen at %s",
    (listen) => {
      const flags = { upstream: "https://api.example.com", keyFile: "/nowhere", rpm: 1 };
      expect(() => optionsOf({ ...flags, listen })).toThrow(/no host:port of this machine alone/);
    },
  );
});

/** A server behind such doors, that answers everything. */
async function behind(
  rules: Partial<DoorRules>,
): Promise<{ readonly server: Server; dial(): Promise<Socket> }> {
  const server = doorsTo((request, response) => void request.resume().on("end", () => response.end("in")), {
    ...DOORS,
    ...rules,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    server,
    async dial() {
      const socket = connect(port, "127.0.0.1");
      onTestFinished(() => void socket.destroy());
      socket.on("error", () => undefined);
      await once(socket, "connect");
      return socket;
    },
  };
}

/** All that is said until the other side ends. */
async function heardAt(socket: Socket): Promise<string> {
  let said = "";
  socket.on("data", (data) => {
    said += String(data);
  });
  await once(socket, "close");
  return said;
}

describe("G46 what comes slowly, in excess or in crowds is let in no further", () => {
  test("fields that do not come to an end are waited for, and no longer", async () => {
    const { dial } = await behind({ fieldsMs: 60, checkMs: 10 });
    const socket = await dial();
    socket.write("POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nx-slow: ");
    expect(await heardAt(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test("so is a body, where nothing else answers", async () => {
    const { dial } = await behind({ fieldsMs: 60, requestMs: 120, checkMs: 10 });
    const socket = await dial();
    socket.write("POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{");
    expect(await heardAt(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test("who is too slow is looked for often enough that the time is what it is said to be", () => {
    expect(DOORS.checkMs * 10).toBeLessThanOrEqual(DOORS.fieldsMs);
    expect(DOORS.requestMs).toBeGreaterThan(60_000 + DOORS.fieldsMs);
  });

  test("fields of more than 16 KiB are refused, and none is left out however many there are", async () => {
    const { server, dial } = await behind({});
    let names = 0;
    server.prependListener("request", ({ rawHeaders }) => {
      names = rawHeaders.length / 2;
    });
    const many = await dial();
    const fields = Array.from({ length: 2_500 }, (_, i) => `${"abcdefghij"[i % 10]}:\r\n`).join("");
    many.write(`GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${fields}\r\n`);
    expect(await heardAt(many)).toMatch(/^HTTP\/1\.1 200 /);
    expect(names).toBe(2_502);
    const long = await dial();
    long.write(`GET / HTTP/1.1\r\nhost: localhost\r\nx-long: ${"x".repeat(DOORS.fieldBytes)}\r\n\r\n`);
    expect(await heardAt(long)).toMatch(/^HTTP\/1\.1 431 /);
  });

  test("one connection too many is closed, and there is room again once one has gone", async () => {
    const { dial, server } = await behind({ mostConnections: 2 });
    const [first] = [await dial(), await dial()];
    expect(await heardAt(await dial())).toBe("");
    const left = once(first!, "close");
    first!.destroy();
    await left;
    for (;;) {
      const open = await new Promise<number>((resolve) =>
        server.getConnections((_, count) => resolve(count)),
      );
      if (open < 2) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const next = await dial();
    next.write("GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    expect(await heardAt(next)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("a connection that could not be taken is told of, each time, and stops nobody", async () => {
    const listen = vi.spyOn(Server.prototype, "listen");
    onTestFinished(() => listen.mockRestore());
    const { ask, gateway, events } = await stage();
    const { port } = new URL(gateway.url);
    const servers = listen.mock.contexts as Server[];
    const server = servers.find((one) => String((one.address() as AddressInfo | null)?.port) === port)!;
    for (const code of ["EMFILE", "ENFILE"]) server.emit("error", Object.assign(new Error(code), { code }));
    expect(events.filter(({ kind }) => kind === "accident")).toHaveLength(2);
    expect((await ask("ann")).status).toBe(200);
  });
});
