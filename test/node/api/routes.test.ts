// The routes over a lone peer: documents, pages, prefixes, writes and refusals.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Answers, startingWith, wholeId } from "../../../node/api/answer.js";
import { transcriptFromView, transcriptToView } from "../../../node/api/index.js";
import { asList } from "../../../node/api/paging.js";
import { problem } from "../../../node/api/problem.js";
import { refusalProblem } from "../../../node/api/refusal.js";
import {
  asDocument,
  auctionView,
  bidView,
  EVENTS,
  type SLASH_ROUTES,
  transcriptView,
} from "../../../node/contract/index.js";
import { fromHex, toHex } from "../../../src/base/index.js";
import { SLASHES, type Slash, slashIdOf } from "../../../src/market/index.js";
import { slashPath } from "../../../src/market/justice/slashing.js";
import { idOf } from "../../peer/cluster.js";
import { DONE_AUCTION, LonePeer, ME, OPEN_AUCTION, OTHER } from "../../worlds/lone-peer.js";
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
      "/v1/history/prices": "PriceList",
      "/v1/history/trades": "EndedTradeList",
      "/v1/history/slashes": "SlashList",
      "/v1/history/usage": "UsageList",
      "/v1/leases": "LeaseList",
      "/v1/trades": "TradeList",
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

  test("a sealed bid shows no amount, and a list that carried one would not show it", async () => {
    const accidents: unknown[] = [];
    const { call } = await fixture();
    const { items } = (await call("GET", `/v1/auctions/${OPEN_AUCTION}/bids`)).json();
    expect(items.map((one: { amount: unknown }) => one.amount)).toEqual([null, null]);
    const [leaky, sound] = items;
    const page = { items: [{ ...leaky, amount: "4000000" }, sound], nextCursor: null };
    const shown = asList(
      "BidList",
      bidView,
      page,
      (one) => one.commitment,
      (error) => accidents.push(error),
    );
    expect(shown.items).toEqual([sound]);
    expect(shown.unshown).toEqual([{ id: leaky.commitment, why: "amount" }]);
    expect(accidents).toHaveLength(1);
  });

  test("a list names what cannot be shown, and shows the rest", async () => {
    const accidents: unknown[] = [];
    const { call } = await fixture();
    const [bad, ...good] = (await call("GET", "/v1/auctions")).json().items;
    const items = [{ ...bad, lot: { ...bad.lot, capability: "gpu a100" } }, ...good];
    const page = { items, nextCursor: null };
    const shown = asList(
      "AuctionList",
      auctionView,
      page,
      (one) => one.id,
      (error) => accidents.push(error),
    );
    expect([shown.items, good.length]).toEqual([good, 1]);
    expect(shown.unshown).toEqual([{ id: bad.id, why: "lot.capability" }]);
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

  test.each(["/v1/auctions", "/v1/trades"])("a cursor of %s whose item is gone is told so", async (url) => {
    const { call } = await fixture();
    const gone = await call("GET", `${url}?cursor=${"ee".repeat(32)}`);
    expect([gone.statusCode, gone.json().code]).toEqual([410, "CURSOR_GONE"]);
  });

  test.each([
    "/v1/auctions",
    "/v1/trades",
    "/v1/history/prices",
    "/v1/history/slashes",
    "/v1/history/trades",
    "/v1/history/usage",
    "/v1/leases",
  ])("%s has no cursor abc", async (url) => {
    const { call } = await fixture();
    const malformed = await call("GET", `${url}?cursor=abc`);
    expect([malformed.statusCode, malformed.json().code]).toEqual([400, "REQUEST_INVALID"]);
  });

  test("a capability is the same in small and capital letters", async () => {
    const { call, host } = await fixture();
    const lot = { capability: "GPU.A100", units: 1 };
    const answer = await call("POST", "/v1/auctions", { payload: { lot, lockups: ["5"] } });
    expect(answer.statusCode).toBe(202);
    expect(host.commands).toMatchObject([{ lot: { capability: "gpu.a100" } }]);
  });

  test("an auction may be named by a unique prefix of six digits or more", async () => {
    const lone = new LonePeer();
    const { call } = await fixture({}, lone);
    expect((await call("GET", `/v1/auctions/${DONE_AUCTION.slice(0, 6)}`)).json().id).toBe(DONE_AUCTION);
    expect((await call("GET", `/v1/auctions/${DONE_AUCTION.slice(0, 5)}`)).json().code).toBe(
      "REQUEST_INVALID",
    );
    const unknown = await call("GET", "/v1/auctions/ffffff");
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, "AUCTION_UNKNOWN"]);
    expect(unknown.json().detail).toContain("forgotten");
    lone.isBehind = true;
    expect((await call("GET", "/v1/auctions/ffffff")).json().detail).toContain("it is behind");
  });

  test("a prefix of several ids is refused with where they differ", () => {
    const ids = ["0a0a0a11", "0a0a0a33", "0d0d0d22"].map((one) => one.padEnd(64, "0"));
    const named = (text: string) => wholeId(text, startingWith(ids, text, 5));
    expect(() => named("0a0a0a")).toThrow("0a0a0a begins 2 or more ids: 0a0a0a110000, 0a0a0a330000 …");
    expect([named("0a0a0a1"), named("0d0d0d"), named("ffffff")]).toEqual([ids[0], ids[2], null]);
    expect(startingWith(ids, "0", 2)).toHaveLength(2);
  });

  test("an unknown slash is an absence", async () => {
    const { call } = await fixture();
    const unknown = await call("GET", "/v1/slashes/ffffff");
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, "SLASH_UNKNOWN"]);
    expect((await call("GET", "/v1/slashes/xyz")).json().code).toBe("REQUEST_INVALID");
  });

  test("a slash whose entry the disk does not hold shows none, and not the one before", async () => {
    const lone = new LonePeer();
    const { call } = await fixture({}, lone);
    const height = lone.peer.tip.height + 5;
    const fault = { type: "E1", agent: idOf("me"), key: idOf("a seat"), epoch: 0, term: 7 } as const;
    const slash: Slash = { ...fault, height, timeMs: lone.nowMs, due: 5n, taken: 5n };
    lone.peer.ledger.put(SLASHES, slashPath(fault), slash);
    const shown = (await call("GET", `/v1/slashes/${toHex(slashIdOf(slash))}`)).json();
    expect(shown).toMatchObject({ height, entry: null, evidence: null });
  });

  test("pages follow each other by cursor, and the last one says so", async () => {
    const { call } = await fixture();
    const heights = (page: { items: { height: number }[] }) => page.items.map((one) => one.height);
    const all = (await call("GET", "/v1/quorum/log?limit=200")).json();
    expect(all.nextCursor).toBeNull();
    const first = (await call("GET", `/v1/quorum/log?limit=${all.items.length - 1}`)).json();
    const second = (await call("GET", `/v1/quorum/log?limit=200&cursor=${first.nextCursor}`)).json();
    expect(heights(all)).toEqual(heights(all).toSorted((a, b) => b - a));
    expect([...heights(first), ...heights(second)]).toEqual(heights(all));
    expect([second.items.length, second.nextCursor]).toEqual([1, null]);
  });

  test("a log of which memory knows more than the disk begins with what the disk has", async () => {
    const lone = new LonePeer();
    const { call } = await fixture({}, lone);
    const known = lone.peer.tip.height;
    lone.slowDisk = true;
    while (lone.peer.tip.height < known + 5) lone.pass(1000);
    const page = (await call("GET", "/v1/quorum/log?limit=2")).json();
    expect(page).toMatchObject({
      items: [{ height: known }, { height: known - 1 }],
      nextCursor: String(known - 1),
    });
    await lone.writeOut();
    const { height } = lone.peer.tip;
    expect((await call("GET", "/v1/quorum/log?limit=1")).json().items).toMatchObject([{ height }]);
  });

  test("an outcome that is not there yet is a retryable conflict, not an absence", async () => {
    const { call } = await fixture();
    const pending = await call("GET", `/v1/auctions/${OPEN_AUCTION}/outcome`);
    expect(pending.statusCode).toBe(409);
    expect(pending.json()).toMatchObject({ code: "OUTCOME_PENDING", retryable: true });
  });

  test("why there is no transcript is told by how the auction stands", async () => {
    const lone = new LonePeer();
    const { call } = await fixture({}, lone);
    const asked = async (id: string) => {
      const { code, retryable } = (await call("GET", `/v1/auctions/${id}/transcript`)).json();
      return [code, retryable ?? false];
    };
    expect(await asked(OPEN_AUCTION)).toEqual(["OUTCOME_PENDING", true]);
    expect(await asked("9c".repeat(32))).toEqual(["AUCTION_UNKNOWN", false]);
    const proven = await lone.openTranscript(lone.done);
    lone.openTranscript = async () => null;
    expect(await asked(DONE_AUCTION)).toEqual(["PROOF_PENDING", true]);
    lone.openTranscript = async () => ({ ...proven!, auction: "9c".repeat(32) });
    expect((await call("GET", `/v1/auctions/${"9c".repeat(32)}/transcript`)).statusCode).toBe(200);
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
    const lone = new LonePeer();
    const { call, host } = await fixture({}, lone);
    expect((await call("GET", "/readyz")).statusCode).toBe(200);
    lone.forget();
    const answer = await call("GET", "/readyz");
    expect([answer.statusCode, answer.json().missing]).toEqual([503, ["amnesia"]]);
    host.peer = () => null;
    expect((await call("GET", "/readyz")).json().missing).toEqual(["peer 0"]);
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
      agent: ME,
      auction: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const { defaultCommitMs, defaultRevealMs } = host.lone.peer.ledger.params;
    const windows = { commitMs: defaultCommitMs, revealMs: defaultRevealMs };
    expect(host.commands[0]).toMatchObject({ ...windows, bond: 0n });
  });

  test("a hidden reserve is backed by the highest lockup", async () => {
    const { call, host } = await fixture();
    const payload = { ...auction, lockups: ["5", "10000001"], hiddenReserve: "2000000" };
    await call("POST", "/v1/auctions", { payload });
    expect(host.commands[0]).toMatchObject({ hiddenReserve: 2_000_000n, bond: 10_000_001n });
  });

  test("a bid waits for a random moment, which the peer chooses and the receipt tells", async () => {
    const { call, host } = await fixture();
    const payload = { auction: OPEN_AUCTION, amount: "654321" };
    const { items } = (await call("GET", `/v1/auctions/${OPEN_AUCTION}/bids`)).json();
    const earlier = items.find((one: { bidder: string }) => one.bidder === ME);
    const answer = await call("POST", "/v1/bids", { payload });
    const [placed] = host.commands;
    expect(placed).toMatchObject({ kind: "placeBid", delayMs: { uniform: 2 ** 31 }, lockup: null });
    expect(placed).not.toHaveProperty("fee");
    expect(answer.json()).toMatchObject({ replaces: earlier.commitment, fee: null, operation: null });
    expect(Date.parse(answer.json().publishesAt)).toBeGreaterThan(host.lone.nowMs);
    expect(answer.json().warnings).toHaveLength(2);
    expect(answer.body).not.toContain("654321");
    await call("POST", "/v1/bids", { payload: { ...payload, delayMs: 59_000 } });
    expect(host.commands[1]).toMatchObject({ delayMs: 59_000 });
  });

  test("a fee that a request names reaches the peer, of every kind of wish", async () => {
    const { call, host } = await fixture();
    const fee = "2500";
    await call("POST", "/v1/auctions", { payload: { ...auction, fee } });
    await call("POST", "/v1/bids", { payload: { auction: OPEN_AUCTION, amount: "4000000", fee } });
    await call("POST", "/v1/wallet/transfers", { payload: { to: "0e".repeat(32), amount: "1", fee } });
    await call("POST", "/v1/stake/additions", { payload: { amount: "1", fee } });
    await call("POST", "/v1/stake/withdrawals", { payload: { amount: "1", fee } });
    await call("DELETE", `/v1/auctions/${OPEN_AUCTION}?fee=${fee}`);
    await call("POST", "/v1/wallet/raises", { payload: { operation: "0d".repeat(32), fee } });
    const kinds = ["createAuction", "placeBid", "transfer", "bond", "unbond", "cancelAuction", "raiseFee"];
    expect(host.commands).toMatchObject(kinds.map((kind) => ({ kind, fee: 2500n })));
    const bad = await call("POST", "/v1/wallet/transfers", {
      payload: { to: "0e".repeat(32), amount: "1", fee: "-1" },
    });
    expect(bad.statusCode).toBe(400);
  });

  test("a refusal of the peer is a problem with its code, its evidence, and the remedy", async () => {
    const { call } = await fixture();
    const late = await call("POST", "/v1/bids", { payload: { auction: DONE_AUCTION, amount: "1" } });
    expect([late.statusCode, late.json().code]).toEqual([409, "COMMIT_AFTER_CLOSE"]);
    expect(late.json().context).toMatchObject({ closedMs: expect.any(Number) });
    const poor = await call("POST", "/v1/wallet/transfers", { payload: { to: OTHER, amount: "5000000000" } });
    expect([poor.statusCode, poor.json().code]).toEqual([402, "FUNDS_TOO_LOW"]);
    expect(poor.json().context).toMatchObject({ free: expect.stringMatching(/^[0-9]+$/) });
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
      expect(host.commands).toEqual([]);
    },
  );

  test("operations signed elsewhere arrive byte for byte", async () => {
    const { call, host } = await fixture();
    const operation = Buffer.from([1, 2, 3, 255]).toString("base64");
    expect((await call("POST", "/v1/envelopes", { payload: { operation } })).statusCode).toBe(422);
    expect(host.commands).toEqual([{ kind: "submit", bytes: Uint8Array.of(1, 2, 3, 255) }]);
  });

  test("cancelling goes by DELETE, and needs the whole id", async () => {
    const { call, host } = await fixture();
    const answer = await call("DELETE", `/v1/auctions/${OPEN_AUCTION}`);
    expect([answer.statusCode, answer.json().code]).toEqual([409, "NOT_THE_CREATOR"]);
    expect(host.commands[0]).toMatchObject({ kind: "cancelAuction", from: fromHex(ME) });
    expect((await call("DELETE", "/v1/auctions/0d0d0d")).statusCode).toBe(400);
  });

  test("the faucet grants to the daemon's own agent where none is named", async () => {
    const { call, host } = await fixture();
    await call("POST", "/v1/testnet/faucet", { payload: {} });
    await call("POST", "/v1/testnet/faucet", { payload: { amount: "5" } });
    await call("POST", "/v1/testnet/faucet", { payload: { stake: "7" } });
    expect(host.commands).toMatchObject([
      { to: fromHex(ME), free: 100_000_000n, stake: 50_000_000n },
      { free: 5n, stake: 0n },
      { free: 0n, stake: 7n },
    ]);
  });

  test("stake is added and withdrawn by the daemon's own agent, or the one that is named", async () => {
    const { call, host } = await fixture();
    const added = await call("POST", "/v1/stake/additions", { payload: { amount: "3000000" } });
    expect(added.json()).toMatchObject({ kind: "Receipt", action: "addStake", agent: ME, auction: null });
    const withdrawn = await call("POST", "/v1/stake/withdrawals", { payload: { amount: "5000000000" } });
    expect([withdrawn.statusCode, withdrawn.json().code]).toEqual([402, "FREE_STAKE_TOO_LOW"]);
    const { freeStake, needed, short } = withdrawn.json().context;
    expect([needed, BigInt(freeStake) + BigInt(short)]).toEqual(["5000000000", 5_000_000_000n]);
    expect(withdrawn.json().fix).toContain("mabeam stake list");
    expect(host.commands).toMatchObject([
      { kind: "bond", from: fromHex(ME), amount: 3_000_000n },
      { kind: "unbond", from: fromHex(ME), amount: 5_000_000_000n },
    ]);
    const nothing = await call("POST", "/v1/stake/additions", { payload: { amount: "0" } });
    expect([nothing.statusCode, nothing.json().code]).toEqual([422, "AMOUNT_ZERO"]);
  });

  test("a budget is agreed to, opened, shown and closed", async () => {
    const { call, host } = await fixture();
    const owner = "0e".repeat(32);
    const limits = { perAuction: "5000000", perPeriod: "20000000", until: "2100-01-01T00:00:00.000Z" };
    const agreed = await call("POST", "/v1/budgets/consents", { payload: { owner, ...limits, total: "70" } });
    expect(agreed.json()).toMatchObject({ kind: "BudgetConsent", owner, child: ME, ...limits, total: "70" });
    expect(agreed.json().consent).toMatchObject({
      nth: 0,
      signature: expect.stringMatching(/^[0-9a-f]{128}$/),
    });
    const forged = { child: owner, ...limits, consent: { nth: 0, signature: "0".repeat(128) } };
    const invalid = await call("POST", "/v1/budgets", { payload: forged });
    expect([invalid.statusCode, invalid.json().code]).toEqual([422, "CONSENT_INVALID"]);
    const unknown = await call("POST", "/v1/budgets", { payload: { child: owner, ...limits } });
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, "KEY_NOT_HELD"]);
    const oneself = await call("POST", "/v1/budgets", { payload: { child: ME, ...limits } });
    expect([oneself.statusCode, oneself.json().code]).toEqual([422, "BUDGET_OF_ONESELF"]);
    const closed = await call("POST", "/v1/budgets/closings", { payload: { child: ME } });
    expect([closed.statusCode, closed.json().code]).toEqual([404, "BUDGET_UNKNOWN"]);
    const shown = await call("GET", "/v1/budgets");
    expect(shown.json()).toMatchObject({ kind: "BudgetList", items: [], nextCursor: null });
    expect(host.commands.map(({ kind }) => kind)).toEqual([
      "agreeToBudget",
      "openBudget",
      "openBudget",
      "openBudget",
      "closeBudget",
    ]);
  });

  test("each refusal of budgets names what mends it", () => {
    const codes = [
      ...[
        "BUDGET_EXCEEDED",
        "BUDGET_ENDED",
        "BUDGET_OF_ONESELF",
        "BUDGET_OF_NOTHING",
        "BUDGET_TIME_OUT_OF_RANGE",
      ],
      ...["BUDGET_IN_A_CIRCLE", "BUDGET_TOO_DEEP", "CHILD_HAS_OWNER", "CHILD_IS_OWNER", "CONSENT_USED"],
      ...["BUDGET_UNKNOWN", "NOT_THE_OWNER", "CONSENT_INVALID"],
    ];
    const fixes = codes.map((code) => refusalProblem({ code, detail: {} }).document.fix);
    expect(new Set(fixes).size).toBe(codes.length);
  });

  test("each refusal of stake names what mends it", () => {
    for (const code of ["SLASH_DEBT_OPEN", "FREE_STAKE_TOO_LOW", "TOO_MANY_UNBONDING"])
      expect(refusalProblem({ code, detail: {} }).document.fix, code).toContain("mabeam stake ");
  });

  test("a refusal of the network tells the address and why", async () => {
    const { call } = await fixture({}, new LonePeer());
    const address = "/ip4/127.0.0.1/tcp/1";
    const answer = await call("POST", "/v1/peers", { payload: { address } });
    expect([answer.statusCode, answer.json().code]).toEqual([503, "UNREACHABLE"]);
    expect(answer.json().context).toEqual({ address, why: `nobody listens at ${address}` });
  });

  test("a peer is told of by where its connection goes to, and not by where it says that it listens", async () => {
    const lone = new LonePeer();
    const { call } = await fixture({}, lone);
    const found = {
      ref: "12D3KooW",
      direction: "inbound" as const,
      remoteAddress: "/ip4/127.0.0.1/tcp/9",
      addresses: ["/ip4/192.0.2.1/tcp/1"],
      seat: null,
      height: 0,
      connectedMs: 0,
      score: 0,
    };
    lone.connect = async () => {
      lone.connected = [found];
      return found.ref;
    };
    const shown = { peerId: found.ref, address: found.remoteAddress };
    const dialled = await call("POST", "/v1/peers", { payload: { address: found.remoteAddress } });
    expect([dialled.statusCode, dialled.json()]).toMatchObject([200, { kind: "Peer", ...shown }]);
    expect((await call("GET", "/v1/peers")).json().items).toMatchObject([shown]);
  });

  test("a command that takes too long is retryable, and its repetition joins it", async () => {
    const { call, host } = await fixture({ commandMs: 20 });
    let finish = () => {};
    host.lone.answer = () =>
      new Promise((resolve) => {
        finish = () => resolve({ ok: true, operation: null, auction: null });
      });
    const wish = { payload: { to: OTHER, amount: "1" }, headers: { "idempotency-key": "k1" } };
    const late = await call("POST", "/v1/wallet/transfers", wish);
    expect(late.json()).toMatchObject({ status: 504, code: "TIMED_OUT", retryable: true });
    finish();
    const joined = await call("POST", "/v1/wallet/transfers", wish);
    expect([joined.statusCode, joined.headers["idempotency-replayed"]]).toEqual([202, "true"]);
    expect(host.commands).toHaveLength(1);
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
    expect(host.commands).toHaveLength(1);
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

test("a route without a handler does not compile, nor does an answer of another kind", () => {
  const slashes: Answers<typeof SLASH_ROUTES>["slashes"] = async () => asDocument("SlashList", EMPTY);
  // @ts-expect-error the route `slash` has no handler
  const incomplete: Answers<typeof SLASH_ROUTES> = { slashes };
  // @ts-expect-error a list is no slash
  const mistaken: Answers<typeof SLASH_ROUTES>["slash"] = async () => asDocument("SlashList", EMPTY);
  expect([incomplete, mistaken]).toHaveLength(2);
});

const EMPTY = { items: [], nextCursor: null, unshown: [], from: 1 };

test("the description of the API is OpenAPI 3.1 and names every route and document", async () => {
  const { call } = await fixture();
  const description = (await call("GET", "/openapi.json")).json();
  expect(description.openapi).toBe("3.1.0");
  expect(Object.keys(description.paths).sort()).toEqual([
    "/healthz",
    "/readyz",
    "/v1/agents",
    "/v1/auctions",
    "/v1/auctions/{id}",
    "/v1/auctions/{id}/bids",
    "/v1/auctions/{id}/outcome",
    "/v1/auctions/{id}/transcript",
    "/v1/bids",
    "/v1/budgets",
    "/v1/budgets/closings",
    "/v1/budgets/consents",
    "/v1/envelopes",
    "/v1/events",
    "/v1/gateway",
    "/v1/gateway/agents",
    "/v1/gateway/agents/{name}",
    "/v1/gateway/agents/{name}/key",
    "/v1/gateway/metrics",
    "/v1/gateway/requests",
    "/v1/gateway/requests/{id}",
    "/v1/history/prices",
    "/v1/history/slashes",
    "/v1/history/trades",
    "/v1/history/usage",
    "/v1/leases",
    "/v1/leases/holds",
    "/v1/leases/usage",
    "/v1/node",
    "/v1/node/stop",
    "/v1/peers",
    "/v1/quorum",
    "/v1/quorum/log",
    "/v1/quorum/members",
    "/v1/quorum/override-amnesia",
    "/v1/slashes/{id}",
    "/v1/stake/additions",
    "/v1/stake/withdrawals",
    "/v1/testnet/faucet",
    "/v1/trades",
    "/v1/trades/{id}",
    "/v1/trades/{id}/acceptances",
    "/v1/trades/{id}/deliveries",
    "/v1/trades/{id}/disputes",
    "/v1/trades/{id}/failures",
    "/v1/trades/{id}/handover",
    "/v1/trades/{id}/input",
    "/v1/trades/{id}/output",
    "/v1/trades/{id}/penalties",
    "/v1/trades/{id}/verdicts",
    "/v1/wallet",
    "/v1/wallet/grants",
    "/v1/wallet/history",
    "/v1/wallet/raises",
    "/v1/wallet/transfers",
  ]);
  const operations = Object.values(description.paths).flatMap((path) => Object.values(path as object));
  expect(operations.filter((one) => !(one.summary?.length > 10))).toEqual([]);
  for (const type of Object.keys(EVENTS))
    expect(description.paths["/v1/events"].get.description).toContain(`\`${type}\`: `);
  const names = Object.keys(description.components.schemas);
  for (const name of ["Node", "AuctionList", "Receipt", "Problem", "Event"]) expect(names).toContain(name);
  expect(JSON.stringify(description)).not.toContain("__SCHEMA__");
  const refs = [...JSON.stringify(description).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
  for (const [, name] of refs) expect(names).toContain(name);
});
