// Goods through the API: taken in as bytes, handed out proven, and each refusal with its code.
import { describe, expect, test } from "vitest";
import { CHUNK_BYTES, MAX_GOODS_BYTES } from "../../../src/handover/index.js";
import { someBytes } from "../../handover/goods.js";
import { OTHER } from "../../worlds/lone-peer.js";
import { CREDIT, hexOf, sold, trusting } from "../../worlds/trades.js";
import { fixture } from "./api-fixture.js";

const MEDIA = "application/octet-stream";
const BYTES = Buffer.from(someBytes(CHUNK_BYTES + 3));

/** A sale of the daemon's own agent, due. */
async function world(lone = trusting()) {
  const { call, host } = await fixture({}, lone);
  const id = hexOf(sold(lone, "me", { bob: 4n * CREDIT })[0]!);
  const give = async (part: string, payload: Buffer, query = "", type = MEDIA, trade = id) => {
    const headers = { "content-type": type };
    const answer = await call("POST", `/v1/trades/${trade}/${part}${query}`, { payload, headers });
    return { status: answer.statusCode, body: answer.json() };
  };
  const code = async (asked: ReturnType<typeof give>) => {
    const { status, body } = await asked;
    return [status, body.code ?? body.kind];
  };
  return { lone, call, host, id, give, code };
}

describe("an output", () => {
  test("is given, named by the manifest's hash, read again as it was, and said by `deliver`", async () => {
    const { lone, call, host, id, give, code } = await world();
    const { status, body } = await give("output", BYTES, "?media=image/png");
    expect([status, body]).toEqual([
      200,
      {
        apiVersion: "v1",
        kind: "Goods",
        trade: id,
        part: "output",
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        size: BYTES.length,
        media: "image/png",
      },
    ]);
    const read = await call("GET", `/v1/trades/${id.slice(0, 8)}/output`);
    expect([read.statusCode, read.headers["content-type"], read.headers["content-length"]]).toEqual([
      200,
      MEDIA,
      String(BYTES.length),
    ]);
    expect(read.rawPayload.equals(BYTES)).toBe(true);
    const head = await call("HEAD", `/v1/trades/${id}/output`);
    expect([head.statusCode, head.rawPayload.length]).toEqual([200, 0]);
    const { parts } = (await call("GET", `/v1/trades/${id}/handover`)).json();
    expect(parts).toEqual([
      {
        part: "input",
        side: "taker",
        state: "waiting",
        received: 0,
        total: null,
        sent: 0,
        trouble: null,
        hash: null,
        media: null,
      },
      {
        part: "output",
        side: "giver",
        state: "here",
        received: BYTES.length,
        total: BYTES.length,
        sent: 0,
        trouble: null,
        hash: body.hash,
        media: "image/png",
      },
    ]);
    const { events } = await host.events.read(0, 100);
    expect(events.filter(({ type }) => type === "goods.moved")).toMatchObject([
      { trade: id, part: "output", state: "here", received: BYTES.length },
    ]);
    const second = await give("output", BYTES);
    expect(second.body.hash).not.toBe(body.hash);
    const payload = { hash: second.body.hash };
    expect((await call("POST", `/v1/trades/${id}/deliveries`, { payload })).statusCode).toBe(202);
    expect(await code(give("output", BYTES))).toEqual([409, "GOODS_GIVEN"]);
    lone.pass(1000);
    expect(await code(give("output", BYTES))).toEqual([409, "GOODS_CLOSED"]);
    expect((await call("GET", `/v1/trades/${id}/output`)).rawPayload.equals(BYTES)).toBe(true);
  });

  test("is refused where it is too large, no bytes, of another's trade, or of none; nothing of it is kept", async () => {
    const { lone, call, id, give, code } = await world();
    const others = hexOf(sold(lone, "sue", { bob: 4n * CREDIT })[0]!);
    expect(await code(give("output", Buffer.alloc(MAX_GOODS_BYTES + 1)))).toEqual([413, "GOODS_TOO_LARGE"]);
    expect(await code(give("output", BYTES, "", "application/json"))).toEqual([415, "NOT_BYTES"]);
    expect(await code(give("output", BYTES, "", "text/plain"))).toEqual([415, "NOT_BYTES"]);
    expect(await code(give("output", BYTES, "?media=a%20b"))).toEqual([400, "REQUEST_INVALID"]);
    expect(await code(give("input", BYTES))).toEqual([409, "NOT_A_PARTY"]);
    expect(await code(give("output", BYTES, "", MEDIA, others))).toEqual([409, "NOT_A_PARTY"]);
    expect(await code(give("output", BYTES, "", MEDIA, OTHER))).toEqual([404, "TRADE_UNKNOWN"]);
    expect((await call("GET", `/v1/trades/${id}/output`)).json()).toMatchObject({
      status: 404,
      code: "GOODS_UNKNOWN",
      retryable: true,
    });
    expect((await call("GET", `/v1/trades/${others}/output`)).json().code).toBe("NOT_A_PARTY");
    // Where JSON is asked for, bytes are not taken.
    const headers = { "content-type": MEDIA };
    const deliveries = await call("POST", `/v1/trades/${id}/deliveries`, { payload: BYTES, headers });
    expect([deliveries.statusCode, deliveries.json().code]).toEqual([415, "NOT_JSON"]);
  });
});

test("what lies here that the log does not name is no output to a buyer", async () => {
  const lone = trusting();
  const { call } = await fixture({}, lone);
  const [trade] = sold(lone, "sue", { me: 4n * CREDIT });
  const id = hexOf(trade!);
  const goods = { manifest: { size: 3 }, hash: new Uint8Array(32).fill(1), chunks: 0 };
  const { handover } = lone;
  Object.assign(handover, {
    goodsOf: async () => goods,
    progressOf: async () => ({ part: "output", side: "taker", state: "here" }),
  });
  expect((await call("GET", `/v1/trades/${id}/output`)).json().code).toBe("GOODS_UNPROVEN");
  Object.assign(handover, {
    progressOf: async () => ({
      side: "taker",
      state: "stalled",
      received: 1,
      total: 3,
      trouble: "DISK_FULL",
    }),
  });
  expect((await call("GET", `/v1/trades/${id}/output`)).json()).toMatchObject({
    code: "GOODS_INCOMPLETE",
    context: { received: 1, total: 3, trouble: "DISK_FULL" },
  });
});
