// The routes over the scripted world: documents, pages, prefixes, writes and refusals.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  EVENT_TYPES,
  transcriptFromView,
  transcriptToView,
  transcriptView,
} from "../../../node/api/index.js";
import { problem } from "../../../node/api/problem.js";
import { refusalProblem } from "../../../node/api/refusal.js";
import { fromHex } from "../../../src/base/index.js";
import {
  COMMITMENT,
  DONE_AUCTION,
  ME,
  OPEN_AUCTION,
  OTHER,
  PUBLISHED_AFTER_MS,
  START_MS,
} from "../scripted-host.js";
import { partsOf } from "../transcript-parts.js";
import { fixture } from "./api-fixture.js";

describe("reads", () => {
  test("every document names its version and kind", async () => {
    const { call } = await fixture();
    const kinds = {
      "/v1/node": "Node",
      "/v1/peers": "PeerList",
      "/v1/auctions": "AuctionList",
      [`/v1/auctions/${OPEN_AUCTION}`]: "Auction",
      [`/v1/auctions/${OPEN_AUCTION}/bids`]: "BidList",
      [`/v1/auctions/${DONE_AUCTION}/outcome`]: "Outcome",
      [`/v1/auctions/${DONE_AUCTION}/transcript`]: "Transcript",
      "/v1/wallet": "Wallet",
      "/v1/quorum": "Quorum",
      "/v1/quorum/members": "MemberList",
      "/v1/quorum/log": "LogEntryList",
      "/v1/slashes": "SlashList",
      "/v1/slashes/5a5a5a": "Slash",
      "/healthz": "Health",
      "/readyz": "Readiness",
    };
    for (const [url, kind] of Object.entries(kinds)) {
      const answer = await call("GET", url);
      expect([url, answer.statusCode, answer.json().apiVersion, answer.json().kind]).toEqual([
        url,
        200,
        "v1",
        kind,
      ]);
    }
  });

  test("a sealed bid shows no amount, and an answer that carried one would not leave the server", async () => {
    const accidents: unknown[] = [];
    const { call, host } = await fixture({ onAccident: (error) => accidents.push(error) });
    const bids = (await call("GET", `/v1/auctions/${OPEN_AUCTION}/bids`)).json();
    expect(bids.items.map((one: { amount: unknown }) => one.amount)).toEqual([null, null]);
    const [leaky, sound] = host.first.bidViews;
    host.first.bidViews = [{ ...leaky!, amount: "4000000" } as never, sound!];
    const leaking = await call("GET", `/v1/auctions/${OPEN_AUCTION}/bids`);
    expect(leaking.body).not.toContain("4000000");
    expect(leaking.json().items).toEqual([sound]);
    expect(leaking.json().unshown).toEqual([{ id: leaky!.commitment, why: "amount" }]);
    expect(accidents).toHaveLength(1);
  });

  test("a list names what cannot be shown, and shows the rest", async () => {
    const accidents: unknown[] = [];
    const { call, host } = await fixture({ onAccident: (error) => accidents.push(error) });
    const [bad, ...good] = host.first.auctionViews;
    host.first.auctionViews = [{ ...bad!, lot: { ...bad!.lot, capability: "gpu a100" } }, ...good];
    const answer = await call("GET", "/v1/auctions");
    expect([answer.statusCode, answer.json().items.length]).toEqual([200, good.length]);
    expect(answer.json().unshown).toEqual([{ id: bad!.id, why: "lot.capability" }]);
    expect(accidents).toHaveLength(1);
  });

  test.each(["abc", "-5", "0", "1e3", "0x10", "1.5", "NaN", "Infinity", "99999999999999999999", ""])(
    "the log has no cursor %j",
    async (cursor) => {
      const { call } = await fixture();
      const answer = await call("GET", `/v1/quorum/log?limit=2&cursor=${cursor}`);
      expect([answer.statusCode, answer.json().code]).toEqual([400, "REQUEST_INVALID"]);
    },
  );

  test.each(["/v1/auctions", "/v1/slashes"])("a cursor of %s whose item is gone is told so", async (url) => {
    const { call } = await fixture();
    const gone = await call("GET", `${url}?cursor=${"ee".repeat(32)}`);
    expect([gone.statusCode, gone.json().code]).toEqual([410, "CURSOR_GONE"]);
    const malformed = await call("GET", `${url}?cursor=abc`);
    expect([malformed.statusCode, malformed.json().code]).toEqual([400, "REQUEST_INVALID"]);
  });

  test("a capability is the same in small and capital letters", async () => {
    const { call, host } = await fixture();
    const lot = { capability: "GPU.A100", units: 1 };
    const answer = await call("POST", "/v1/auctions", { payload: { lot, lockups: ["5"] } });
    expect(answer.statusCode).toBe(202);
    expect(host.first.commands).toMatchObject([{ lot: { capability: "gpu.a100" } }]);
  });

  test("an auction may be named by a unique prefix of six digits or more", async () => {
    const { call } = await fixture();
    expect((await call("GET", `/v1/auctions/${DONE_AUCTION.slice(0, 6)}`)).json().id).toBe(DONE_AUCTION);
    expect((await call("GET", "/v1/auctions/0a0a0a")).json().code).toBe("ID_AMBIGUOUS");
    expect((await call("GET", "/v1/auctions/0d0d0")).json().code).toBe("REQUEST_INVALID");
    const unknown = await call("GET", "/v1/auctions/ffffff");
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, "AUCTION_UNKNOWN"]);
  });

  test("a slash may be named by a unique prefix, and an unknown one is an absence", async () => {
    const { call } = await fixture();
    expect((await call("GET", "/v1/slashes/5a5a5a")).json()).toMatchObject({ id: "5a".repeat(32), term: 5 });
    const unknown = await call("GET", "/v1/slashes/ffffff");
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, "SLASH_UNKNOWN"]);
    expect((await call("GET", "/v1/slashes/xyz")).json().code).toBe("REQUEST_INVALID");
  });

  test("pages follow each other by cursor, and the last one says so", async () => {
    const { call } = await fixture();
    const first = (await call("GET", "/v1/quorum/log?limit=2")).json();
    expect(first.items.map((one: { height: number }) => one.height)).toEqual([3, 2]);
    const second = (await call("GET", `/v1/quorum/log?limit=2&cursor=${first.nextCursor}`)).json();
    expect([second.items.length, second.nextCursor]).toEqual([1, null]);
  });

  test("an outcome that is not there yet is a retryable conflict, not an absence", async () => {
    const { call } = await fixture();
    const pending = await call("GET", `/v1/auctions/${OPEN_AUCTION}/outcome`);
    expect(pending.statusCode).toBe(409);
    expect(pending.json()).toMatchObject({ code: "OUTCOME_PENDING", retryable: true });
  });

  test("why there is no transcript is told by how the auction stands", async () => {
    const { call, host } = await fixture();
    const asked = async (id: string) => {
      const { code, retryable } = (await call("GET", `/v1/auctions/${id}/transcript`)).json();
      return [code, retryable ?? false];
    };
    expect(await asked(OPEN_AUCTION)).toEqual(["OUTCOME_PENDING", true]);
    const { first } = host;
    const ended = (await first.outcome(Uint8Array.from(Buffer.from(DONE_AUCTION, "hex"))))!;
    first.transcript = async () => null;
    expect(await asked(DONE_AUCTION)).toEqual(["PROOF_PENDING", true]);
    Object.assign(first, { outcome: async () => ({ ...ended, status: "cancelled" }) });
    expect(await asked(DONE_AUCTION)).toEqual(["AUCTION_CANCELLED", false]);
    expect(await asked("9c".repeat(32))).toEqual(["AUCTION_UNKNOWN", false]);
    const kept = { auction: "9c".repeat(32), genesis: "AAAA", entries: [], certificate: "", proofs: [] };
    Object.assign(first, { transcript: async () => partsOf(kept) });
    expect((await call("GET", `/v1/auctions/${kept.auction}/transcript`)).json()).toMatchObject(kept);
  });

  test("the peer of a testnet is chosen by query or header, and an unknown one is refused", async () => {
    const { call } = await fixture();
    expect((await call("GET", "/v1/node?peer=1")).json().peer).toBe(1);
    expect((await call("GET", "/v1/node", { headers: { "mabeam-peer": "1" } })).json().peer).toBe(1);
    expect((await call("GET", "/v1/node?peer=9")).json().code).toBe("PEER_UNKNOWN");
    const both = await call("GET", "/v1/node?peer=0", { headers: { "mabeam-peer": "1" } });
    expect(both.json().code).toBe("REQUEST_INVALID");
  });

  test("a query field that nobody knows is refused", async () => {
    const { call } = await fixture();
    const answer = await call("GET", "/v1/auctions?stat=open");
    expect([answer.statusCode, answer.json().code]).toEqual([400, "REQUEST_INVALID"]);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
  });

  test("readiness names what is missing", async () => {
    const { call, host } = await fixture();
    host.first.missing = ["peers", "log"];
    const answer = await call("GET", "/readyz");
    expect([answer.statusCode, answer.json().missing]).toEqual([503, ["peers", "log"]]);
  });
});

describe("writes", () => {
  const auction = { lot: { capability: "gpu.a100", units: 2 }, reserve: "1000000", lockups: ["10000000"] };

  test("an auction takes its windows from the network where it names none", async () => {
    const { call, host } = await fixture();
    const answer = await call("POST", "/v1/auctions", { payload: auction });
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toMatchObject({
      kind: "Receipt",
      action: "createAuction",
      auction: "0f".repeat(32),
    });
    expect(host.first.commands[0]).toMatchObject({ commitMs: 1000, revealMs: 1200, sellerBond: 0n });
  });

  test("a hidden reserve is backed by the highest lockup", async () => {
    const { call, host } = await fixture();
    const payload = { ...auction, lockups: ["5", "10000001"], hiddenReserve: "2000000" };
    await call("POST", "/v1/auctions", { payload });
    expect(host.first.commands[0]).toMatchObject({ hiddenReserve: 2_000_000n, sellerBond: 10_000_001n });
  });

  test("a bid waits for a random moment, which the peer chooses and the receipt tells", async () => {
    const { call, host } = await fixture();
    const payload = { auction: OPEN_AUCTION, amount: "4000000" };
    const answer = await call("POST", "/v1/bids", { payload });
    const [placed] = host.first.commands;
    expect(placed).toMatchObject({ kind: "placeBid", delayMs: { uniform: 2 ** 31 }, lockup: null });
    expect(placed).not.toHaveProperty("fee");
    expect(answer.json()).toMatchObject({
      publishesAt: new Date(START_MS + PUBLISHED_AFTER_MS).toISOString(),
      replaces: COMMITMENT,
      fee: null,
      operation: null,
    });
    expect(answer.json().warnings).toHaveLength(2);
    expect(answer.body).not.toContain("4000000");
    await call("POST", "/v1/bids", { payload: { ...payload, delayMs: 59_000 } });
    expect(host.first.commands[1]).toMatchObject({ delayMs: 59_000 });
  });

  test("a fee that a request names reaches the peer, of every kind of wish", async () => {
    const { call, host } = await fixture();
    const fee = "2500";
    await call("POST", "/v1/auctions", { payload: { ...auction, fee } });
    await call("POST", "/v1/bids", { payload: { auction: OPEN_AUCTION, amount: "4000000", fee } });
    await call("POST", "/v1/wallet/transfers", { payload: { to: "0e".repeat(32), amount: "1", fee } });
    await call("DELETE", `/v1/auctions/${OPEN_AUCTION}?fee=${fee}`);
    await call("POST", "/v1/wallet/raises", { payload: { operation: "0d".repeat(32), fee } });
    const kinds = ["createAuction", "placeBid", "transfer", "cancelAuction", "raiseFee"];
    expect(host.first.commands).toMatchObject(kinds.map((kind) => ({ kind, fee: 2500n })));
    const bad = await call("POST", "/v1/wallet/transfers", {
      payload: { to: "0e".repeat(32), amount: "1", fee: "-1" },
    });
    expect(bad.statusCode).toBe(400);
  });

  test("a refusal of the peer is a problem with its code, its evidence, and the remedy", async () => {
    const { call } = await fixture();
    const late = await call("POST", "/v1/bids", { payload: { auction: DONE_AUCTION, amount: "1" } });
    expect([late.statusCode, late.json().code]).toEqual([409, "COMMIT_AFTER_CLOSE"]);
    expect(late.json().context).toEqual({ closedAt: START_MS, includedAt: START_MS + 1 });
    const poor = await call("POST", "/v1/wallet/transfers", { payload: { to: OTHER, amount: "5000001" } });
    expect([poor.statusCode, poor.json().code]).toEqual([402, "FUNDS_TOO_LOW"]);
    expect(poor.json().fix).toContain("wallet balance");
  });

  test("whoever has no account is sent to a faucet, and never to a transfer, which opens none", () => {
    const refused = ["RECIPIENT_UNKNOWN", "FAUCET_UNAVAILABLE", "ACCOUNT_UNKNOWN"].map((code) =>
      refusalProblem({ code, detail: {} }),
    );
    for (const { document } of [problem("AGENT_UNKNOWN"), ...refused]) {
      expect(document.fix, document.code).toMatch(/faucet/);
      expect(document.fix, document.code).not.toMatch(/transferred|another agent|by a transfer/);
    }
  });

  test.each(["-1", "1.5", "1e6", "01", "", "9007199254740992", 5, null])(
    "an amount of %j is refused before anything is asked of the peer",
    async (amount) => {
      const { call, host } = await fixture();
      const answer = await call("POST", "/v1/bids", { payload: { auction: OPEN_AUCTION, amount } });
      expect([answer.statusCode, answer.json().code]).toEqual([400, "REQUEST_INVALID"]);
      expect(answer.json().errors[0].path).toBe("body/amount");
      expect(host.first.commands).toEqual([]);
    },
  );

  test("operations signed elsewhere arrive byte for byte", async () => {
    const { call, host } = await fixture();
    const operation = Buffer.from([1, 2, 3, 255]).toString("base64");
    expect((await call("POST", "/v1/envelopes", { payload: { operation } })).statusCode).toBe(202);
    expect(host.first.commands).toEqual([{ kind: "submit", bytes: Uint8Array.of(1, 2, 3, 255) }]);
  });

  test("cancelling goes by DELETE, and needs the whole id", async () => {
    const { call, host } = await fixture();
    const answer = await call("DELETE", `/v1/auctions/${OPEN_AUCTION}`);
    expect([answer.statusCode, answer.json().code]).toEqual([409, "AUCTION_HAS_COMMITS"]);
    expect(host.first.commands[0]).toMatchObject({ kind: "cancelAuction", from: fromHex(ME) });
    expect((await call("DELETE", "/v1/auctions/0d0d0d")).statusCode).toBe(400);
  });

  test("the faucet grants to the daemon's own agent where none is named", async () => {
    const { call, host } = await fixture();
    await call("POST", "/v1/testnet/faucet", { payload: {} });
    expect(host.first.commands[0]).toMatchObject({ to: fromHex(ME), amount: 100_000_000n });
  });

  test("an address of another chain is refused with both chains", async () => {
    const { call } = await fixture();
    const answer = await call("POST", "/v1/peers", { payload: { address: "/ip4/127.0.0.1/wrong-chain" } });
    expect(answer.json()).toMatchObject({ code: "WRONG_CHAIN", context: { found: "ff".repeat(32) } });
  });

  test("a command that takes too long is retryable, and its repetition joins it", async () => {
    const { call, host } = await fixture({ commandMs: 20 });
    let finish = () => {};
    host.first.answer = () =>
      new Promise((resolve) => {
        finish = () => resolve({ ok: true, operation: null, auction: null });
      });
    const wish = { payload: { to: OTHER, amount: "1" }, headers: { "idempotency-key": "k1" } };
    const late = await call("POST", "/v1/wallet/transfers", wish);
    expect(late.json()).toMatchObject({ status: 504, code: "TIMED_OUT", retryable: true });
    finish();
    const joined = await call("POST", "/v1/wallet/transfers", wish);
    expect([joined.statusCode, joined.headers["idempotency-replayed"]]).toEqual([202, "true"]);
    expect(host.first.commands).toHaveLength(1);
  });

  test("one key grants one wish once, and never a second wish", async () => {
    const { call, host } = await fixture();
    const wish = (amount: string) => ({
      payload: { to: OTHER, amount },
      headers: { "idempotency-key": "k2" },
    });
    const first = await call("POST", "/v1/wallet/transfers", wish("1"));
    const again = await call("POST", "/v1/wallet/transfers", wish("1"));
    expect(again.body).toBe(first.body);
    expect(host.first.commands).toHaveLength(1);
    const other = await call("POST", "/v1/wallet/transfers", wish("2"));
    expect([other.statusCode, other.json().code]).toEqual([409, "IDEMPOTENCY_KEY_REUSED"]);
  });

  test("stopping answers first", async () => {
    const { call, host } = await fixture();
    const answer = await call("POST", "/v1/node/stop", { payload: {} });
    expect([answer.statusCode, answer.json().pid]).toEqual([202, process.pid]);
    expect(host.stopped).toBe(1);
  });
});

test("a transcript comes back from JSON byte for byte", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const entry = fc.record({ header: bytes, ops: fc.array(bytes, { maxLength: 3 }) });
  const transcripts = fc.record({
    auction: fc.constant(DONE_AUCTION),
    genesis: bytes,
    entries: fc.array(entry, { maxLength: 3 }),
    certificate: bytes,
    proofs: fc.array(bytes, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(transcripts, (transcript) => {
      const view = JSON.parse(JSON.stringify(transcriptToView(transcript)));
      expect(transcriptFromView(transcriptView.parse(view))).toEqual(transcript);
    }),
  );
});

test("the description of the API is OpenAPI 3.1 and names every route and document", async () => {
  const { call } = await fixture();
  const description = (await call("GET", "/openapi.json")).json();
  expect(description.openapi).toBe("3.1.0");
  expect(Object.keys(description.paths).sort()).toEqual([
    "/healthz",
    "/readyz",
    "/v1/auctions",
    "/v1/auctions/{id}",
    "/v1/auctions/{id}/bids",
    "/v1/auctions/{id}/outcome",
    "/v1/auctions/{id}/transcript",
    "/v1/bids",
    "/v1/envelopes",
    "/v1/events",
    "/v1/node",
    "/v1/node/stop",
    "/v1/peers",
    "/v1/quorum",
    "/v1/quorum/log",
    "/v1/quorum/members",
    "/v1/quorum/override-amnesia",
    "/v1/slashes",
    "/v1/slashes/{id}",
    "/v1/testnet/faucet",
    "/v1/wallet",
    "/v1/wallet/history",
    "/v1/wallet/raises",
    "/v1/wallet/transfers",
  ]);
  const operations = Object.values(description.paths).flatMap((path) => Object.values(path as object));
  expect(operations.filter((one) => !(one.summary?.length > 10))).toEqual([]);
  for (const type of EVENT_TYPES.keys())
    expect(description.paths["/v1/events"].get.description).toContain(`\`${type}\`: `);
  const names = Object.keys(description.components.schemas);
  for (const name of ["Node", "AuctionList", "Receipt", "Problem", "Event"]) expect(names).toContain(name);
  expect(JSON.stringify(description)).not.toContain("__SCHEMA__");
  const refs = [...JSON.stringify(description).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
  for (const [, name] of refs) expect(names).toContain(name);
});
