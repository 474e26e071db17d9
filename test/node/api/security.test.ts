// Who may not speak to the API, and with what (spec/api#security).
// Scenario 51 of spec/scenarios.
import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { Accident } from "../../../node/accident.js";
import {
  ApiStartError,
  buildApi,
  freshToken,
  type RunningApi,
  readToken,
  startApi,
  TokenFileError,
} from "../../../node/api/index.js";
import { sameSecret } from "../../../node/api/token.js";
import { LoneProcess, OTHER } from "../../worlds/lone-peer.js";
import { fixture, optionsFor, TOKEN } from "./api-fixture.js";

const WISH = { payload: { to: OTHER, amount: "1" } };

describe("before any route", () => {
  test.each([
    "evil.example",
    "evil.example:7810",
    "127.0.0.1:7810.evil.example",
    "127.0.0.1.evil.example:7810",
    "localhost.evil.example",
    "localhost:7810:7810",
    "10.0.0.1:7810",
    "[::1]x",
  ])("a request for the host %j is refused, with or without a token", async (host) => {
    const { call } = await fixture();
    const answer = await call("GET", "/v1/node", { headers: { host } });
    expect([answer.statusCode, answer.json().code]).toEqual([403, "HOST_NOT_ALLOWED"]);
    expect(answer.json().fix).toContain("--allowed-hosts");
    expect((await call("GET", "/healthz", { headers: { host } })).statusCode).toBe(403);
  });

  test.each([
    "127.0.0.1:7810",
    "localhost:7810",
    "LOCALHOST:7810",
    "[::1]:7810",
    // Through a tunnel, or a container's port that is mapped to another one.
    "localhost:2222",
    "127.0.0.1",
  ])("the host %j is this machine, at whatever port it was reached", async (host) => {
    const { call } = await fixture();
    expect((await call("GET", "/v1/node", { headers: { host } })).statusCode).toBe(200);
  });

  test("further names are as they were allowed: with a port at that port, without one at any", async () => {
    const { call } = await fixture({ allowedHosts: ["Api.example:443", "node-7"] });
    const answerTo = async (host: string) =>
      (await call("GET", "/v1/node", { headers: { host } })).statusCode;
    expect(await Promise.all(["api.example:443", "node-7", "NODE-7:9"].map(answerTo))).toEqual([
      200, 200, 200,
    ]);
    expect(await Promise.all(["api.example", "api.example:80", "node-77"].map(answerTo))).toEqual([
      403, 403, 403,
    ]);
  });

  test.each(["https://evil.example", "null", "http://127.0.0.1:7810"])(
    "a web page of %s is refused even with the token",
    async (origin) => {
      const { call } = await fixture();
      const answer = await call("GET", "/v1/node", { headers: { origin } });
      expect([answer.statusCode, answer.json().code]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    },
  );

  test("an origin that was listed may call", async () => {
    const origin = "http://127.0.0.1:7810";
    const { call } = await fixture({ allowedOrigins: [origin] });
    expect((await call("GET", "/v1/node", { headers: { origin } })).statusCode).toBe(200);
  });

  test.each(["/v1/node", "/v1/events", "/openapi.json", "/no/such/route"])(
    "%s is closed without the token",
    async (url) => {
      const { call } = await fixture();
      const without = await call("GET", url, { headers: { authorization: "" } });
      expect([without.statusCode, without.json().code]).toEqual([401, "TOKEN_MISSING"]);
      expect(without.headers["www-authenticate"]).toContain("Bearer");
      const wrong = await call("GET", url, { headers: { authorization: `Bearer ${"x".repeat(43)}` } });
      expect([wrong.statusCode, wrong.json().code]).toEqual([401, "TOKEN_WRONG"]);
    },
  );

  test("probes are open on loopback, and closed where other machines reach them", async () => {
    const none = { headers: { authorization: "" } };
    const near = await fixture();
    for (const url of ["/healthz", "/readyz"])
      expect((await near.call("GET", url, none)).statusCode).toBe(200);
    const far = await fixture({ listen: { host: "0.0.0.0", port: 7810 }, insecurePublic: true });
    for (const url of ["/healthz", "/readyz"])
      expect((await far.call("GET", url, none)).statusCode).toBe(401);
  });

  test.each(["/healthz", "/readyz", "/v1/node", "/v1/auctions", "/v1/events", "/openapi.json"])(
    "HEAD %s answers as GET does, without the body, and needs a token where GET does",
    async (url) => {
      const { call } = await fixture();
      for (const asked of [url, `${url}?x`]) {
        const none = { headers: { authorization: "" } };
        const isProbe = url.endsWith("z");
        const head = await call("HEAD", url, isProbe ? none : {});
        expect([head.statusCode, head.body]).toEqual([200, ""]);
        expect((await call("HEAD", asked, none)).statusCode).toBe(isProbe ? 200 : 401);
      }
    },
  );

  test.each(["/healthz?x", "/readyz?verbose=1"])("the probe %s ignores its query", async (url) => {
    const { call } = await fixture();
    expect((await call("GET", url, { headers: { authorization: "" } })).statusCode).toBe(200);
  });

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    undefined,
  ])("a write of type %s changes nothing", async (type) => {
    const { call, host } = await fixture();
    const headers = type === undefined ? {} : { "content-type": type };
    const payload = type === undefined ? undefined : JSON.stringify(WISH.payload);
    const answer = await call("POST", "/v1/wallet/transfers", {
      ...(payload === undefined ? {} : { payload }),
      headers,
    });
    expect([answer.statusCode, answer.json().code]).toEqual([415, "NOT_JSON"]);
    expect(host.commands).toEqual([]);
  });

  test("no GET changes anything", async () => {
    const { call, host } = await fixture();
    for (const url of ["/v1/wallet/transfers", "/v1/node/stop", "/v1/testnet/faucet"])
      expect((await call("GET", url)).statusCode).toBe(404);
    // One's own bids are read where a bid is placed.
    expect((await call("GET", "/v1/bids")).statusCode).toBe(200);
    expect([host.stopped, host.commands]).toEqual([0, []]);
  });

  test("a body over 256 KiB is refused", async () => {
    const { call } = await fixture();
    const payload = { operation: "A".repeat(256 * 1024) };
    expect((await call("POST", "/v1/envelopes", { payload })).json().code).toBe("BODY_TOO_LARGE");
  });

  test.each(["{", "[1", "nul", '{"to":1}}'])("a body of %j is a problem, not a crash", async (payload) => {
    const { call } = await fixture();
    const headers = { "content-type": "application/json" };
    const answer = await call("POST", "/v1/bids", { payload, headers });
    expect([answer.statusCode, answer.json().code]).toEqual([400, "REQUEST_INVALID"]);
  });

  test("what a failing peer says reaches the log, not the caller", async () => {
    const accidents: unknown[] = [];
    const { call, host } = await fixture({ onAccident: (error) => accidents.push(error) });
    host.lone.answer = () => Promise.reject(new Error("secret detail"));
    const answer = await call("POST", "/v1/wallet/transfers", WISH);
    expect([answer.statusCode, answer.json().code]).toEqual([500, "INTERNAL"]);
    expect(answer.body).not.toContain("secret");
    expect(String(accidents[0])).toContain("secret detail");
  });

  test("an accident of the daemon's disk is told with what mends it, and logged", async () => {
    const accidents: unknown[] = [];
    const { call, host } = await fixture({ onAccident: (error) => accidents.push(error) });
    const damaged = new Accident("STORE_CORRUPT", "could not read", "a row is damaged", "move it aside");
    host.lone.answer = () => Promise.reject(damaged);
    const answer = await call("POST", "/v1/wallet/transfers", WISH);
    expect(answer.json()).toMatchObject({ status: 500, code: "STORE_CORRUPT", fix: "move it aside" });
    expect(answer.json().detail).toBe("could not read: a row is damaged");
    expect(accidents).toEqual([damaged]);
  });
});

describe("a listening API", () => {
  let running: RunningApi | null = null;
  afterEach(async () => {
    await running?.close();
    running = null;
  });
  const listen = (host: string, port = 0) => ({ ...optionsFor(new LoneProcess()), listen: { host, port } });

  test.each(["0.0.0.0", "::", "192.0.2.1", "example.org"])(
    "does not listen on %s unless that is asked for in so many words",
    async (host) => {
      await expect(startApi(listen(host))).rejects.toMatchObject({ code: "NOT_LOOPBACK" });
    },
  );

  test("names the port that is taken, and how to choose another", async () => {
    running = await startApi(listen("127.0.0.1"));
    const error = await startApi(listen("127.0.0.1", running.port)).catch((reason) => reason);
    expect(error).toBeInstanceOf(ApiStartError);
    expect([error.code, error.message.includes(String(running.port))]).toEqual(["PORT_TAKEN", true]);
    expect(error.fix).toContain("--api");
  });

  test("answers on the port that the system chose", async () => {
    running = await startApi(listen("127.0.0.1"));
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await fetch(`${running.url}/v1/node`, { headers })).status).toBe(200);
    expect((await fetch(`http://localhost:${running.port}/v1/node`, { headers })).status).toBe(200);
  });

  const silent = (port: number) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("POST /v1/node HTTP/1.1\r\nHost: x\r\n"));
    const said: string[] = [];
    socket.on("data", (data) => said.push(String(data))).on("error", () => {});
    const closed = new Promise<string>((resolve) => socket.once("close", () => resolve(said.join(""))));
    const connected = new Promise<void>((resolve) => socket.once("connect", () => resolve()));
    return { socket, closed, connected };
  };

  test("a request waits while the process is too busy to read it, and is then answered", async () => {
    const app = await buildApi(listen("127.0.0.1"));
    onTestFinished(() => app.close());
    app.server.once("connection", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000));
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    expect((await fetch(`${url}/v1/node`, { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(
      200,
    );
  });

  test("silent strangers give way to the next, oldest first, and never keep the token's holder out", async () => {
    running = await startApi({ ...listen("127.0.0.1"), connections: { strangers: 4 } });
    const { port, url } = running;
    const order: number[] = [];
    const all = [];
    for (let i = 0; i < 12; i++) {
      const one = silent(port);
      void one.closed.then(() => order.push(i));
      await one.connected;
      all.push(one);
    }
    const first = await Promise.all(all.slice(0, 8).map((one) => one.closed));
    expect(first.every((said) => said.startsWith("HTTP/1.1 503 "))).toBe(true);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const agent = { headers: { authorization: `Bearer ${TOKEN}` } };
    for (let i = 0; i < 5; i++) expect((await fetch(`${url}/v1/node`, agent)).status).toBe(200);
    for (const { socket } of all) socket.destroy();
  });

  test("a holder's idle connection gives way to another holder's; one in use does not", async () => {
    running = await startApi({ ...listen("127.0.0.1"), connections: { holders: 1 } });
    const { port } = running;
    const request = (path: string) =>
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
    const open = (path: string) => {
      const socket = connect(port, "127.0.0.1");
      const answered = new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data))));
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      socket.on("error", () => {}).write(request(path));
      return { socket, answered, closed };
    };
    const idle = open("/v1/node");
    expect(await idle.answered).toContain("200 OK");
    const stream = open("/v1/events");
    expect(await stream.answered).toContain("200 OK");
    await idle.closed;
    const late = open("/v1/node");
    expect(await late.answered).toContain("CONNECTIONS_EXHAUSTED");
    for (const { socket } of [stream, late]) socket.destroy();
  });

  test.each(["localhost", "::1"])("listens on %s, which is this machine by name", async (host) => {
    running = await startApi(listen(host));
    const shown = host === "::1" ? "[::1]" : host;
    expect(running.url).toBe(`http://${shown}:${running.port}`);
  });

  test("refuses headers over 16 KiB", async () => {
    running = await startApi(listen("127.0.0.1"));
    const headers = { authorization: `Bearer ${"x".repeat(20_000)}` };
    expect((await fetch(`${running.url}/v1/node`, { headers })).status).toBe(431);
  });
});

describe("the token file", () => {
  const fresh = () => join(mkdtempSync(join(tmpdir(), "mabeam-token-")), "api", "token");

  test("is made anew at each start, of 32 random bytes, for its owner alone", async () => {
    const file = fresh();
    const token = await freshToken(file);
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readToken(file)).toBe(token);
    const next = await freshToken(file);
    expect(next).not.toBe(token);
    expect(readToken(file)).toBe(next);
  });

  test("is refused where others can read it, where it is missing, and where it holds something else", async () => {
    const file = fresh();
    expect(() => readToken(file)).toThrow(/no such file/);
    await freshToken(file);
    chmodSync(file, 0o644);
    expect(() => readToken(file)).toThrow(/others may get at .*: its mode is 0644/);
    chmodSync(file, 0o600);
    writeFileSync(file, "short\n");
    expect(() => readToken(file)).toThrow(TokenFileError);
    expect(readFileSync(file, "utf8")).toBe("short\n");
  });

  test("secrets of any length are compared without an exception", () => {
    expect([sameSecret("a", "a"), sameSecret("a", "b"), sameSecret("", "long")]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
