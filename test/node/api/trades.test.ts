// Trades through the API: what is shown of them, what their parties may say and when, and what mends a refusal.
import { describe, expect, test } from "vitest";
import { eventOf } from "../../../node/api/index.js";
import { refusalProblem } from "../../../node/api/refusal.js";
import { type ApiEvent, apiEvent, type TradeView } from "../../../node/contract/index.js";
import { fromHex, toHex } from "../../../src/base/index.js";
import { idOf } from "../../peer/cluster.js";
import { LonePeer, ME, OTHER } from "../../worlds/lone-peer.js";
import {
  bought,
  CREDIT,
  DELIVER_MS,
  hexOf,
  SETTLE_MS,
  seated,
  sold,
  staked,
  trusting,
} from "../../worlds/trades.js";
import { fixture } from "./api-fixture.js";

const HASH = "ab".repeat(32);
const BOB = toHex(idOf("bob"));
const FAUCET = toHex(idOf("faucet"));

type Call = Awaited<ReturnType<typeof fixture>>["call"];
const saysOf = (call: Call, id: string) => async (noun: string, payload: object) => {
  const answer = await call("POST", `/v1/trades/${id}/${noun}`, { payload });
  return [answer.statusCode, answer.json().code ?? answer.json().kind];
};
const tradeIn = async (call: Call, id: string): Promise<TradeView> =>
  (await call("GET", `/v1/trades/${id}`)).json();

/** The events of trades from now on. */
function heard(lone: LonePeer): ApiEvent[] {
  const events: ApiEvent[] = [];
  lone.subscribe((notice) => {
    const event = eventOf(notice, lone.nowMs, lone.peer.ledger.params);
    if (event?.type.startsWith("trade.")) events.push(apiEvent.parse({ id: events.length, ...event }));
  });
  return events;
}

describe("a sale of one's own", () => {
  test("is due, delivered, and paid when nobody has anything against it; each step in its time alone", async () => {
    const lone = await staked(200n * CREDIT);
    const { call } = await fixture({}, lone);
    const events = heard(lone);
    const [one] = sold(lone, "me", { bob: 4n * CREDIT });
    const id = hexOf(one!);
    expect(await tradeIn(call, id.slice(0, 8))).toMatchObject({
      kind: "Trade",
      id,
      performer: ME,
      buyer: BOB,
      price: "1000000",
      lien: "1500000",
      fence: one!.fence,
      state: "due",
      deadline: new Date((one!.state as { deliverByMs: number }).deliverByMs).toISOString(),
      delivered: null,
      dispute: null,
      end: null,
    });
    const say = saysOf(call, id);
    expect(await say("deliveries", { hash: HASH, agent: FAUCET })).toEqual([409, "NOT_THE_PERFORMER"]);
    expect(await say("deliveries", { hash: HASH, agent: OTHER })).toEqual([404, "KEY_NOT_HELD"]);
    expect(await say("acceptances", {})).toEqual([409, "NOT_THE_BUYER"]);
    expect(await say("deliveries", { hash: "ab" })).toEqual([400, "REQUEST_INVALID"]);
    expect(await say("deliveries", { hash: HASH })).toEqual([202, "Receipt"]);
    lone.pass(1000);
    expect(await tradeIn(call, id)).toMatchObject({ state: "delivered", delivered: HASH });
    expect(await say("deliveries", { hash: HASH })).toEqual([409, "TRADE_NOT_DUE"]);
    expect(await say("failures", {})).toEqual([409, "TRADE_NOT_DUE"]);
    expect(await say("acceptances", {})).toEqual([409, "NOT_THE_BUYER"]);
    lone.pass(SETTLE_MS + 2000);
    expect(await tradeIn(call, id)).toMatchObject({
      state: "paid",
      deadline: null,
      delivered: HASH,
      end: { cause: "unopposed", feeBp: 50, received: "995000", fee: "5000", returned: "0", penalty: null },
    });
    expect(await say("deliveries", { hash: HASH })).toEqual([409, "TRADE_ENDED"]);
    expect(events).toMatchObject([
      {
        type: "trade.began",
        trade: id,
        fence: one!.fence,
        lien: "1500000",
        says: expect.stringContaining("gpu.a100"),
      },
      { type: "trade.delivered", trade: id, fence: one!.fence, delivered: HASH },
      { type: "trade.paid", trade: id, fence: one!.fence, cause: "unopposed", received: "995000" },
    ]);
  });

  test("is given up: the price returns", async () => {
    const lone = await staked(200n * CREDIT);
    const { call } = await fixture({}, lone);
    const id = hexOf(sold(lone, "me", { bob: 4n * CREDIT })[0]!);
    const receipt = await call("POST", `/v1/trades/${id}/failures`, { payload: { fee: "2500" } });
    expect(receipt.json()).toMatchObject({ action: "fail", agent: ME, trade: id, fee: "2500" });
    lone.pass(1000);
    const trade = await tradeIn(call, id);
    expect(trade).toMatchObject({
      state: "refunded",
      end: { cause: "failed", received: "0", returned: "1000000" },
    });
    expect(trade.end!.penalty).toMatchObject({
      condition: "failure",
      result: "WARNING",
      taken: "0",
      base: "1500000",
    });
    expect(trade.end!.says).toContain("gave up; a warning: 0 violations before it");
    expect(await saysOf(call, id)("failures", {})).toEqual([409, "TRADE_ENDED"]);
  });

  test("quotes what failing costs by the ledger's own table", async () => {
    const lone = await staked(200n * CREDIT);
    const { call } = await fixture({}, lone);
    const id = hexOf(sold(lone, "me", { bob: 4n * CREDIT })[0]!);
    const quoted = (await call("GET", `/v1/trades/${id}/penalties`)).json();
    expect(quoted).toMatchObject({ kind: "PenaltyQuotes", lien: "1500000", violations: 0, slashes: 0 });
    expect(quoted.quotes).toMatchObject([
      { condition: "failure", due: "0", isWarning: true, grace: 3 },
      { condition: "timeout", due: "0", isWarning: true, grace: 1 },
      { condition: "misdelivery", due: "1500000", isWarning: false, penaltyBp: 5000, severity: 2, repeat: 1 },
    ]);
    expect(quoted.quotes[0].says).toContain("warning");
    expect(quoted.quotes[2].says).toBe("1.5: 50 % of 1.5 under lien, times 2 for its kind");
  });

  test("needs stake, and a refusal names what is short and the command that adds it", async () => {
    const lone = new LonePeer();
    const { call } = await fixture({}, lone);
    const lot = { capability: "gpu.a100", units: 1 };
    const wish = { payload: { lot, lockups: ["200000000"], deliverMs: DELIVER_MS } };
    const none = await call("POST", "/v1/auctions", wish);
    expect([none.statusCode, none.json().code]).toEqual([402, "STAKE_BELOW_MINIMUM"]);
    expect(none.json().fix).toContain("`mabeam stake add 100`");
    await call("POST", "/v1/stake/additions", { payload: { amount: "100500000" } });
    lone.pass(1000);
    const little = await call("POST", "/v1/auctions", wish);
    expect([little.statusCode, little.json().code]).toEqual([402, "FREE_STAKE_TOO_LOW"]);
    expect(little.json().context).toMatchObject({ short: "199500000" });
    expect(little.json().fix).toContain("`mabeam stake add 199.5`");
    await call("POST", "/v1/stake/additions", { payload: { amount: "199500000" } });
    lone.pass(1000);
    expect((await call("POST", "/v1/auctions", wish)).statusCode).toBe(202);
  });
});

describe("what one has bought", () => {
  test("is accepted once it is delivered, once, by its buyer; its price is locked until then", async () => {
    const lone = trusting();
    const { call } = await fixture({}, lone);
    const [one] = sold(lone, "sue", { me: 4n * CREDIT });
    const id = hexOf(one!);
    const say = saysOf(call, id);
    expect(await say("acceptances", {})).toEqual([409, "TRADE_NOT_DELIVERED"]);
    const locks = (await call("GET", "/v1/wallet"))
      .json()
      .locks.filter((lock: { id: string }) => lock.id === toHex(one!.auction));
    const lock = { id: toHex(one!.auction), amount: "1000000", reason: "bid", trades: [id], payer: null };
    expect(locks).toEqual([lock]);
    lone.by("sue", { kind: "deliver", from: idOf("sue"), trade: one!.id, hash: fromHex(HASH)! });
    lone.pass(1000);
    expect(await say("acceptances", { agent: FAUCET })).toEqual([409, "NOT_THE_BUYER"]);
    expect(await say("failures", {})).toEqual([409, "NOT_THE_PERFORMER"]);
    expect(await say("acceptances", {})).toEqual([202, "Receipt"]);
    lone.pass(1000);
    expect(await tradeIn(call, id)).toMatchObject({ state: "paid", end: { cause: "accepted" } });
    expect(await say("acceptances", {})).toEqual([409, "TRADE_ENDED"]);
    const { items } = (await call("GET", "/v1/wallet/history")).json();
    expect(items.find((item: { what: string; trade: string | null }) => item.trade === id)).toMatchObject({
      what: "paid",
      spent: "1000000",
      other: OTHER,
    });
  });

  test("and is not delivered in time: the price returns by itself", async () => {
    const lone = trusting();
    const { call } = await fixture({}, lone);
    const events = heard(lone);
    const before = (await call("GET", "/v1/wallet")).json();
    const id = hexOf(sold(lone, "sue", { me: 4n * CREDIT })[0]!);
    lone.pass(DELIVER_MS + 3000);
    expect(await tradeIn(call, id)).toMatchObject({
      state: "refunded",
      end: { cause: "timedOut", returned: "1000000", penalty: { result: "WARNING" } },
    });
    expect(events.map(({ type }) => type)).toEqual(["trade.began", "trade.refunded"]);
    const after = (await call("GET", "/v1/wallet")).json();
    expect([after.locked, BigInt(before.free) - BigInt(after.free)]).toEqual([before.locked, 1_000n]);
  });
});

describe("a dispute", () => {
  const EVIDENCE = "ee".repeat(32);

  test("is judged by the seat, and all that its end follows from is shown and told", async () => {
    const lone = trusting();
    const { call } = await fixture({}, lone);
    const owner = await seated(lone);
    const events = heard(lone);
    const one = bought(lone, HASH);
    const id = hexOf(one);
    const say = saysOf(call, id);
    expect(await say("disputes", {})).toEqual([400, "REQUEST_INVALID"]);
    expect(await say("disputes", { evidence: EVIDENCE, agent: FAUCET })).toEqual([409, "NOT_THE_BUYER"]);
    expect(await say("verdicts", { share: 1, agent: ME })).toEqual([409, "NOT_A_JUROR"]);
    // Where nobody is named the owner of the seat votes.
    for (const who of [{}, { agent: owner }])
      expect(await say("verdicts", { share: 1, ...who })).toEqual([409, "TRADE_NOT_DISPUTED"]);
    const least = lone.peer.ledger.params.leastDisputeBond;
    const low = await call("POST", `/v1/trades/${id}/disputes`, {
      payload: { evidence: EVIDENCE, bond: String(least - 1n) },
    });
    expect([low.statusCode, low.json().code]).toEqual([422, "DISPUTE_BOND_TOO_SMALL"]);
    expect(low.json()).toMatchObject({
      context: { bond: String(least - 1n), least: String(least) },
      fix: expect.stringContaining("`least`"),
    });
    const receipt = await call("POST", `/v1/trades/${id}/disputes`, { payload: { evidence: EVIDENCE } });
    expect(receipt.json()).toMatchObject({ kind: "Receipt", action: "dispute", agent: ME, trade: id });
    lone.pass(1000);
    const dispute = {
      evidence: EVIDENCE,
      bond: String(least),
      bondTo: null,
      jurors: [0],
      quorum: 1,
      votes: [],
    };
    expect(await tradeIn(call, id)).toMatchObject({ state: "disputed", delivered: HASH, dispute, end: null });
    const { locks } = (await call("GET", "/v1/wallet")).json();
    expect(locks).toContainEqual({ id, amount: String(least), reason: "dispute", trades: [], payer: null });
    expect(await say("disputes", { evidence: EVIDENCE })).toEqual([409, "TRADE_NOT_DELIVERED"]);
    for (const share of [0, 10_001, "1", undefined])
      expect(await say("verdicts", { share, agent: owner })).toEqual([400, "REQUEST_INVALID"]);
    expect(await say("verdicts", { share: 2500, agent: owner })).toEqual([202, "Receipt"]);
    lone.pass(1000);
    const ended = await tradeIn(call, id);
    expect(ended).toMatchObject({
      state: "split",
      deadline: null,
      dispute: { ...dispute, bondTo: "buyer", votes: [{ seat: 0, share: 2500 }] },
      end: { cause: "upheld", shareBp: 2500, received: "746250", fee: "3750", returned: "250000" },
    });
    expect(ended.end!.penalty).toMatchObject({ condition: "misdelivery", shareBp: 2500 });
    expect(await say("verdicts", { share: 2500, agent: owner })).toEqual([409, "TRADE_ENDED"]);
    expect(events.map(({ type }) => type)).toEqual([
      "trade.began",
      "trade.delivered",
      "trade.disputed",
      "trade.judged",
      "trade.split",
    ]);
    expect(events.slice(2)).toMatchObject([
      { trade: id, delivered: HASH, evidence: EVIDENCE, bond: String(least) },
      { trade: id, seat: 0, share: 2500, says: "seat 0 finds 25 % of it wrong" },
      { trade: id, cause: "upheld", returned: "250000", shareBp: 2500, penalty: { shareBp: 2500 } },
    ]);
  });

  test("that is rejected costs its bond, and one that nobody judges shares the price", async () => {
    const lone = trusting();
    const { call } = await fixture({}, lone);
    const owner = await seated(lone);
    const { disputeSplitBp, leastDisputeBond, verdictMs } = lone.peer.ledger.params;
    const rejected = hexOf(bought(lone, HASH));
    const bond = String(leastDisputeBond + 7n);
    expect(await saysOf(call, rejected)("disputes", { evidence: EVIDENCE, bond })).toEqual([202, "Receipt"]);
    lone.pass(1000);
    expect(await saysOf(call, rejected)("verdicts", { share: null, agent: owner })).toEqual([202, "Receipt"]);
    lone.pass(1000);
    expect(await tradeIn(call, rejected)).toMatchObject({
      state: "paid",
      dispute: { bond, bondTo: "performer", votes: [{ seat: 0, share: null }] },
      end: { cause: "rejected", shareBp: 0, received: "995000", returned: "0", penalty: null },
    });
    const { items } = (await call("GET", "/v1/wallet/history")).json();
    expect(items).toContainEqual(
      expect.objectContaining({ what: "dispute bond", spent: bond, other: OTHER }),
    );
    const hung = hexOf(bought(lone, HASH));
    expect(await saysOf(call, hung)("disputes", { evidence: EVIDENCE })).toEqual([202, "Receipt"]);
    lone.pass(verdictMs + 3000);
    expect(await tradeIn(call, hung)).toMatchObject({
      state: "split",
      dispute: { bondTo: "buyer", votes: [] },
      end: { cause: "hung", shareBp: disputeSplitBp, penalty: null },
    });
  });
});

describe("a list", () => {
  test("goes by pages, parties, roles, states and auctions", async () => {
    const lone = trusting();
    const { call } = await fixture({}, lone);
    const [mine] = sold(lone, "me", { bob: 4n * CREDIT });
    const theirs = sold(
      lone,
      "sue",
      { me: 2n * CREDIT, bob: 3n * CREDIT },
      {
        format: { kind: "uniform" },
        lot: { capability: "gpu.a100", units: 2, fromMs: null, toMs: null },
        value: 20n * CREDIT,
      },
    );
    const list = async (query: string) => (await call("GET", `/v1/trades?${query}`)).json();
    const ids = async (query: string) => (await list(query)).items.map((one: TradeView) => one.id);
    const all = await ids("");
    expect(all.slice(0, -1).sort()).toEqual(theirs.map(hexOf).sort());
    expect(all.at(-1)).toBe(hexOf(mine!));
    const paged: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: { items: TradeView[]; nextCursor: string | null } = await list(
        `limit=1${cursor && `&cursor=${cursor}`}`,
      );
      paged.push(...page.items.map((one) => one.id));
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(all);
    expect(await ids(`auction=${toHex(mine!.auction)}`)).toEqual([hexOf(mine!)]);
    expect(await ids("role=performer")).toEqual([hexOf(mine!)]);
    expect(await ids(`agent=${OTHER.slice(0, 8)}&role=performer`)).toHaveLength(2);
    expect(await ids(`agent=${OTHER}&role=buyer`)).toEqual([]);
    expect(await ids(`agent=${ME}`)).toHaveLength(2);
    expect(await ids("state=paid")).toEqual([]);
    expect(await ids("state=due")).toEqual(all);
    expect((await call("GET", `/v1/trades?cursor=${HASH}`)).json().code).toBe("CURSOR_GONE");
    expect((await call("GET", "/v1/trades?state=lost")).statusCode).toBe(400);
    expect((await call("GET", "/v1/trades?agent=abcdef123456")).json().code).toBe("AGENT_UNKNOWN");
  });

  test("a trade that nobody made is unknown, and a wish names one by its whole id", async () => {
    const { call, host } = await fixture();
    const unknown = await call("GET", "/v1/trades/abcdef012345");
    expect([unknown.statusCode, unknown.json().code]).toEqual([404, "TRADE_UNKNOWN"]);
    expect(unknown.json().fix).toContain("mabeam trade list");
    expect(await saysOf(call, HASH)("acceptances", {})).toEqual([404, "TRADE_UNKNOWN"]);
    expect(await saysOf(call, HASH.slice(0, 8))("acceptances", {})).toEqual([400, "REQUEST_INVALID"]);
    expect(host.commands).toEqual([]);
  });
});

test("one key says one thing once", async () => {
  const lone = await staked(200n * CREDIT);
  const { call, host } = await fixture({}, lone);
  const id = hexOf(sold(lone, "me", { bob: 4n * CREDIT })[0]!);
  const asking = (hash: string) =>
    call("POST", `/v1/trades/${id}/deliveries`, { payload: { hash }, headers: { "idempotency-key": "k" } });
  const first = await asking(HASH);
  const again = await asking(HASH);
  expect([again.body, again.headers["idempotency-replayed"]]).toEqual([first.body, "true"]);
  expect((await asking("cd".repeat(32))).json().code).toBe("IDEMPOTENCY_KEY_REUSED");
  expect(host.commands.filter(({ kind }) => kind === "deliver")).toHaveLength(1);
});

test.each([
  "TRADE_UNKNOWN",
  "NOT_THE_PERFORMER",
  "NOT_THE_BUYER",
  "TRADE_ENDED",
  "TRADE_NOT_DUE",
  "TRADE_NOT_DELIVERED",
  "TRADE_NOT_DISPUTED",
  "TRADE_DEADLINE_PASSED",
  "NOT_A_JUROR",
  "VERDICT_REPEATED",
  "STAKE_BELOW_MINIMUM",
  "TOO_MANY_LIENS",
])("the refusal %s names the command that helps", (code) => {
  expect(refusalProblem({ code, detail: {} }).document.fix).toMatch(/`mabeam (trade|stake|jury) \w+/);
});
