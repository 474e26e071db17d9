// What a request costs is told when it is over: by the model that answered, of all that it was sent, and of nothing twice.
import { request } from "node:http";
import { expect, test } from "vitest";
import { DIALECTS } from "../../../node/gateway/dialects/index.js";
import { creditWords } from "../../../node/gateway/prices/credit-words.js";
import { pricesIn } from "../../../node/gateway/prices/price-rows.js";
import type { Price } from "../../../node/gateway/prices/rates.js";
import { bytesOf } from "./splits.js";
import { before, rawUpstream, stage, until } from "./stage.js";

const prices = pricesIn({
  asked: { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 },
  answering: { input_cost_per_token: 3e-6, output_cost_per_token: 5e-6, cache_read_input_token_cost: 1e-7 },
}) as readonly Price[];

const json = (body: object): string => JSON.stringify(body);
const answerOf = (model: string) =>
  json({
    id: "c",
    model,
    choices: [{ message: { content: "ok" } }],
    usage: { prompt_tokens: 100, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 60 } },
  });

const staged = async (model: string) => {
  const upstream = await rawUpstream((_request, response) =>
    response.writeHead(200, { "content-type": "application/json" }).end(answerOf(model)),
  );
  return before(upstream, "asked", { gateway: { prices } });
};

test("G35 the model that answered is charged, cache reads apart; one that no list names is the one that was asked for", async () => {
  for (const [model, cost] of [
    ["answering-2026-01-01", 40 * 3 + 6 + 7 * 5],
    ["deployment-7", 100 + 7 * 2],
  ] as const) {
    const { ask, passed, events, expectIdle } = await staged(model);
    expect((await ask("ann")).headers.get("x-mabeam-charged")).toBeNull();
    await expectIdle();
    await until(() => passed().length === 1);
    expect(passed()[0]).toMatchObject({ end: "answered", cost });
    expect(events.filter(({ kind }) => kind === "unlisted")).toEqual([]);
  }
});

test("G35 a model that nobody has a price for costs as its dialect's usual one does, and is told once", async () => {
  const { ask, passed, events, expectIdle } = await stage();
  for (let times = 0; times < 3; times++) await (await ask("ann")).text();
  await expectIdle();
  for (const { cost, used } of passed()) expect(cost).toBe(10 * used!.inputTokens + 50 * used!.outputTokens);
  expect(events.filter(({ kind }) => kind === "unlisted")).toEqual([
    { kind: "unlisted", model: "gpt-upstream", pricedAs: "gpt-6-astra" },
  ]);
});

const trailersOf = (url: string, te: string) =>
  new Promise<{ readonly body: string; readonly trailers: object; readonly length: unknown }>(
    (resolve, reject) => {
      const sent = request(
        `${url}/v1/chat/completions`,
        { method: "POST", headers: { te, "content-type": "application/json" } },
        (response) => {
          let body = "";
          response.on("data", (chunk) => {
            body += String(chunk);
          });
          const { headers } = response;
          response.on("end", () =>
            resolve({ body, trailers: response.trailers, length: headers["content-length"] }),
          );
        },
      );
      sent.on("error", reject);
      sent.end(json({ model: "asked", messages: [] }));
    },
  );

test("G5 the cost follows the answer as a trailer, for a client that takes trailers", async () => {
  const { gateway, passed } = await staged("answering");
  const taking = await trailersOf(gateway.url, "gzip, Trailers");
  expect(taking).toEqual({
    body: answerOf("answering"),
    trailers: { "x-mabeam-charged": "0.000161" },
    length: undefined,
  });
  expect((await trailersOf(gateway.url, "gzip")).trailers).toEqual({});
  expect(passed().map(({ cost }) => cost)).toEqual([161, 161]);
});

test("G35 what earlier attempts took is part of it, in what is told and in the trailer", async () => {
  const failed = { error: { type: "server_error" }, usage: { prompt_tokens: 10, completion_tokens: 0 } };
  const upstream = await rawUpstream((_request, response, body) =>
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(body.includes('"asked"') ? json(failed) : answerOf("answering")),
  );
  const chains = [{ model: "asked", instead: ["answering"] }];
  const fallback = { chains, on: ["outage" as const], mayBeDearer: true };
  const { gateway, passed } = await before(upstream, "asked", { gateway: { prices, fallback } });
  const { trailers } = await trailersOf(gateway.url, "trailers");
  await until(() => passed().length === 1);
  expect([trailers, passed()[0]!.cost]).toEqual([{ "x-mabeam-charged": "0.000171" }, 10 + 161]);
});

test("G36 a stream that breaks off costs what it was sent, and what had come of it", async () => {
  const upstream = await rawUpstream((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(
      `data: ${json({ model: "answering", choices: [{ delta: { content: "x".repeat(40) } }] })}\n\n`,
    );
    setTimeout(() => response.destroy(), 20);
  });
  const { ask, passed } = await before(upstream, "asked", { gateway: { prices } });
  const answer = await ask("ann", { body: { stream: true } });
  await expect(answer.text()).rejects.toThrow();
  await until(() => passed().length === 1);
  const [{ used, cost }] = passed() as [ReturnType<typeof passed>[number]];
  expect(used!.outputTokens).toBe(10);
  expect(cost).toBe(3 * used!.inputTokens + 5 * 10);
});

test("G36 a document whose client leaves before its end costs what of it had passed", async () => {
  const upstream = await rawUpstream((_request, response) => {
    const begun = json({ model: "answering", choices: [{ message: { content: "x".repeat(40) } }] });
    response.writeHead(200, { "content-type": "application/json" }).write(begun.slice(0, -4));
  });
  const { ask, passed } = await before(upstream, "asked", { gateway: { prices } });
  const leaving = new AbortController();
  const answer = await ask("ann", { signal: leaving.signal });
  const { value } = await answer.body!.getReader().read();
  expect(new TextDecoder().decode(value)).toContain("x".repeat(40));
  leaving.abort();
  await until(() => passed().length === 1);
  const [{ used, end }] = passed() as [ReturnType<typeof passed>[number]];
  expect([end, used!.outputTokens]).toEqual(["left", 10]);
});

test("what never reached the upstream, or came to nothing there, costs nothing", async () => {
  const upstream = await rawUpstream((_request, response) =>
    response.writeHead(400, { "content-type": "application/json" }).end(json({ error: { message: "no" } })),
  );
  const { ask, passed } = await before(upstream, "asked", { gateway: { prices } });
  await (await ask("ann")).text();
  await upstream.close();
  await (await ask("ann")).text();
  await until(() => passed().length === 2);
  expect(passed().map(({ end, cost }) => [end, cost])).toEqual([
    ["failed", 0],
    ["failed", 0],
  ]);
});

test.each([
  ["openai", answerOf("m-1"), "m-1"],
  ["openai", `data: ${json({ model: "m-2", choices: [] })}\n\n`, "m-2"],
  ["openai", `data: ${json({ type: "response.created", response: { model: "m-3" } })}\n\n`, "m-3"],
  ["anthropic", json({ type: "message", model: "m-4", content: [] }), "m-4"],
  ["anthropic", `data: ${json({ type: "message_start", message: { model: "m-5" } })}\n\n`, "m-5"],
  ["google", json({ candidates: [], modelVersion: "m-6" }), "m-6"],
  ["google", `[${json({ candidates: [], modelVersion: "m-7" })}]`, "m-7"],
  ["google", json({ model: "m-8", steps: [] }), "m-8"],
  ["google", json({ model: 7 }), null],
] as const)("an answer names its model: %s %s", (name, body, model) => {
  const reader = DIALECTS.find((one) => one.name === name)!.reader(false, {}, 0);
  for (const byte of bytesOf(body)) reader.push(Uint8Array.of(byte));
  reader.end();
  expect(reader.model).toBe(model);
});

test("credits are written with six decimals", () => {
  expect([0, 1, 999_999, 1_000_000, 12_000_345].map(creditWords)).toEqual([
    "0.000000",
    "0.000001",
    "0.999999",
    "1.000000",
    "12.000345",
  ]);
});
