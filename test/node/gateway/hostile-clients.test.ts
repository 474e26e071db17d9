// Clients that mean harm: to have the key, to leave the upstream's own paths, to have for nothing, or to stop others.

import { connect } from "node:net";
import { expect, test } from "vitest";
import { before, rawUpstream } from "./stage.js";

/** Sends bytes to a gateway as they are. @returns all that comes back until it closes */
function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let told = "";
    socket.on("data", (chunk) => {
      told += String(chunk);
    });
    socket.on("error", reject).on("close", () => resolve(told));
    socket.write(text, "latin1");
  });
}

const asking = (line: string, fields = "", body = "{}"): string =>
  `${line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: ${body.length}\r\n${fields}\r\n${body}`;

const answering = (what: object = { choices: [{ message: { content: "x" } }] }) => {
  const asked: { method: string; url: string; headers: NodeJS.Dict<string | string[]> }[] = [];
  const upstream = rawUpstream(({ method = "", url = "", headers }, response) => {
    asked.push({ method, url, headers });
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(what));
  });
  return { asked, upstream };
};

test("G4 a request line that names another host, leads out of the upstream's own path, or asks for an echo is not sent", async () => {
  const { asked, upstream } = answering();
  const url = new URL("/tenant/ours", (await upstream).url);
  const { gateway } = await before(await upstream, "gpt", { gateway: { upstream: url } });
  for (const line of [
    "POST http://evil.example/v1/chat/completions",
    "POST https://evil.example/v1/chat/completions",
    "OPTIONS *",
    "GET /../../theirs/v1/files",
    "GET /v1/%2e%2e/%2E./../theirs",
    "GET /v1/..%2f..%2ftheirs",
    "GET /v1/..%5c..%5ctheirs",
    "GET /v1/..;/theirs",
    "GET /v1/./models",
    "TRACE /v1/models",
  ]) {
    const answer = await raw(gateway.url, asking(line, "", line.startsWith("TRACE") ? "" : "{}"));
    expect([line, answer.split("\r\n")[0]]).toEqual([line, "HTTP/1.1 404 Not Found"]);
  }
  expect(asked).toEqual([]);
  expect(await raw(gateway.url, asking("GET //evil.example/v1/x"))).toContain("200 OK");
  expect(asked.map((one) => one.url)).toEqual(["/tenant/ours//evil.example/v1/x"]);
});

test("G4 a query parameter's name that is written with escapes carries no credential up either; a method is not overridden", async () => {
  const { asked, upstream } = answering();
  const { gateway } = await before(await upstream, "gpt");
  await raw(
    gateway.url,
    asking(
      "GET /v1beta/models/gemini:generateContent?%6bey=theirs&k%65%79=theirs&access_token=theirs&alt=sse",
      "x-http-method-override: POST\r\nx-http-method: POST\r\nx-method-override: POST\r\n",
    ),
  );
  expect(asked).toHaveLength(1);
  expect(asked[0]!.url).toBe("/v1beta/models/gemini:generateContent?alt=sse");
  expect(Object.keys(asked[0]!.headers).filter((name) => name.includes("method"))).toEqual([]);
});

test("fields that are named like what every object has cost nobody a place", async () => {
  const { upstream } = answering();
  const { gateway, expectIdle } = await before(await upstream, "gpt");
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"]) {
    const body = JSON.stringify({ model: name, messages: [] });
    const answer = await raw(gateway.url, asking("POST /v1/chat/completions", `${name}: x\r\n`, body));
    expect([name, answer.split("\r\n")[0]]).toEqual([name, "HTTP/1.1 200 OK"]);
  }
  await expectIdle();
});

