// History over the API: clearing prices in pages, slashes of history and those from before it began, and damage that is told.
import { describe, expect, test } from "vitest";
import type { SlashDetail, SlashView } from "../../../node/contract/index.js";
import { encode, toHex, utf8 } from "../../../src/base/index.js";
import { SLASHES, type Slash, slashIdOf, TRADES } from "../../../src/market/index.js";
import { slashPath } from "../../../src/market/justice/slashing.js";
import { historyBegins } from "../../../src/peer/history/history.js";
import { type KeptSlash, keptSlash } from "../../../src/peer/history/slash.js";
import { historyPlaces, historyRows, placeOf, type Write } from "../../../src/peer/index.js";
import { idOf } from "../../peer/cluster.js";
import { LonePeer, ME, OTHER } from "../../worlds/lone-peer.js";
import { CREDIT, DELIVER_MS, hexOf, sold, staked, trusting } from "../../worlds/trades.js";
import { fixture } from "./api-fixture.js";

type Call = Awaited<ReturnType<typeof fixture>>["call"];

describe("clearing prices", () => {
  test("are told newest first, by capability, in pages that go on while new ones come", async () => {
    const lone = new LonePeer();
    const { call } = await fixture({}, lone);
    const sell = (capability: string, amount: bigint) => {
      const lot = { capability, units: 1, fromMs: null, toMs: null };
      lone.auction("sue", { lot, reserve: 5n, lockups: [1000n], commitMs: 1000 }, { me: amount, bob: 10n });
      lone.pass(5000);
    };
    sell("cpu", 20n);
    sell("gpu.a100", 30n);
    const page = async (query: string) => (await call("GET", `/v1/history/prices?${query}`)).json();
    const all = await page("");
    expect(
      all.items.map((one: { capability: string; price: string }) => [one.capability, one.price]),
    ).toEqual([
      ["gpu.a100", "10"],
      ["cpu", "10"],
      ["gpu.a100", "2500000"],
    ]);
    expect(all.items[2]).toMatchObject({
      auction: toHex(lone.done),
      direction: "sell",
      format: "vickrey",
      units: 2,
      bids: 2,
    });
    expect([all.from, all.nextCursor, all.unshown]).toEqual([1, null, []]);
    expect((await page("capability=GPU.a100")).items).toEqual([all.items[0], all.items[2]]);
    const first = await page("limit=1");
    sell("cpu", 40n);
    const second = await page(`limit=1&cursor=${first.nextCursor}`);
    const third = await page(`limit=1&cursor=${second.nextCursor}`);
    expect([...first.items, ...second.items, ...third.items]).toEqual(all.items);
    expect(third.nextCursor).toBeNull();
  });

  test("that cannot be read are told as damage with what makes them again, and other routes answer", async () => {
    const lone = new LonePeer();
    const accidents: unknown[] = [];
    const { call } = await fixture({ onAccident: (error) => void accidents.push(error) }, lone);
    const [place] = await lone.places("price");
    await lone.write([{ kind: "put", key: historyRows("price") + place!, value: utf8("nothing") }]);
    const answer = await call("GET", "/v1/history/prices");
    expect([answer.statusCode, answer.json().code]).toEqual([500, "HISTORY_DAMAGED"]);
    expect(answer.json().fix).toContain("mabeam db rebuild");
    expect(accidents).toHaveLength(1);
    expect((await call("GET", "/v1/history/slashes")).statusCode).toBe(200);
    expect((await call("GET", "/v1/wallet/history")).statusCode).toBe(200);
  });
});

describe("trades that have ended", () => {
  test("are told newest first, by party or capability, and shown when the ledger has forgotten them", async () => {
    const lone = trusting();
    const { call } = await fixture({}, lone);
    const page = async (query: string) => (await call("GET", `/v1/history/trades?${query}`)).json();
    const first = hexOf(sold(lone, "sue", { me: 4_000_000n })[0]!);
    expect((await page("")).items).toEqual([]);
    lone.pass(DELIVER_MS + 3000);
    const lot = { capability: "cpu", units: 1, fromMs: null, toMs: null };
    const second = hexOf(sold(lone, "me", { bob: 4_000_000n }, { lot })[0]!);
    lone.pass(DELIVER_MS + 3000);
    const all = await page("");
    expect(all).toMatchObject({ kind: "EndedTradeList", from: 1, nextCursor: null, unshown: [] });
    expect(all.items.map((one: { id: string }) => one.id)).toEqual([second, first]);
    const shown = (await call("GET", `/v1/trades/${first}`)).json();
    const { apiVersion, kind, ...view } = shown;
    expect([apiVersion, kind, all.items[1]]).toEqual(["v1", "Trade", view]);
    expect(view).toMatchObject({ state: "refunded", end: { cause: "timedOut" } });
    expect((await page("capability=CPU")).items).toEqual([all.items[0]]);
    expect((await page(`agent=${toHex(idOf("sue"))}`)).items).toEqual([all.items[1]]);
    expect((await page(`agent=${toHex(idOf("me"))}`)).items).toEqual(all.items);
    expect((await page(`agent=${toHex(idOf("me"))}&capability=cpu`)).code).toBe("REQUEST_INVALID");
    const newest = await page("limit=1");
    expect((await page(`limit=1&cursor=${newest.nextCursor}`)).items).toEqual([all.items[1]]);
    for (const id of [first, second]) lone.peer.ledger.table(TRADES).delete(id);
    expect((await call("GET", `/v1/trades/${first.slice(0, 8)}`)).json()).toEqual(shown);
    expect((await call("GET", "/v1/trades/ffffff")).json().code).toBe("TRADE_UNKNOWN");
    const late = await call("POST", `/v1/trades/${first}/acceptances`, { payload: {} });
    expect([late.statusCode, late.json().code]).toEqual([404, "TRADE_UNKNOWN"]);
  });
});

describe("slashes", () => {
  const slashAt = (height: number, term: number): Slash => ({
    type: "E1",
    agent: idOf("me"),
    key: idOf("a seat"),
    epoch: 0,
    term,
    height,
    timeMs: height,
    due: 7n,
    taken: 5n,
  });
  const convicted = (slash: Slash): KeptSlash => ({
    ...{ kind: "seat", slash, base: 7n, penaltyBp: 10_000, severity: 1, repeat: 1 },
    taking: { lien: 4n, freeStake: 1n, unbonding: 0n },
  });
  const rows = (one: Slash, nth: number): Write[] => {
    const place = placeOf(one.height, nth);
    const subjects = [`id/${toHex(slashIdOf(one))}`, `agent/${toHex(one.agent)}`];
    return [
      { kind: "put", key: historyRows("slash") + place, value: encode(keptSlash, convicted(one)) },
      ...subjects.map(
        (subject): Write => ({ kind: "put", key: historyPlaces("slash", subject) + place, value: utf8("") }),
      ),
    ];
  };

  /** History begins at height 100; below it a slash is known to the ledger, and to an older stretch of history, once. */
  async function split() {
    const lone = new LonePeer();
    const below = [slashAt(40, 1), slashAt(40, 2), slashAt(99, 3)];
    const kept = [slashAt(100, 4), slashAt(300, 5)];
    for (const one of [...below, kept[0]!]) lone.peer.ledger.put(SLASHES, slashPath(one), one);
    await lone.write([...historyBegins(100), ...rows(below[0]!, 0), ...kept.flatMap((one) => rows(one, 0))]);
    return { ...(await fixture({}, lone)), ids: [...kept.toReversed(), ...below.toReversed()] };
  }

  test.each([1, 2, 3, 50])(
    "of history and of the ledger follow each other, each once, in pages of %i",
    async (limit) => {
      const { call, ids } = await split();
      for (const query of ["", `&agent=${toHex(idOf("me"))}`]) {
        const terms: number[] = [];
        for (let cursor: string | null = ""; cursor !== null; ) {
          const url: string = `/v1/history/slashes?limit=${limit}${query}${cursor === "" ? "" : `&cursor=${cursor}`}`;
          const page = (await call("GET", url)).json();
          expect([page.from, page.items.length <= limit]).toEqual([100, true]);
          terms.push(...page.items.map((one: SlashView) => one.conviction!.term));
          cursor = page.nextCursor;
        }
        expect(terms).toEqual(ids.map(({ term }) => term));
      }
      const none = await call("GET", `/v1/history/slashes?agent=${toHex(idOf("bob"))}`);
      expect(none.json().items).toEqual([]);
    },
  );

  test("are shown by id, also where the ledger has them no more", async () => {
    const { call, ids } = await split();
    for (const one of ids) {
      const id = toHex(slashIdOf(one));
      const shown = await call("GET", `/v1/slashes/${id.slice(0, 12)}`);
      expect(shown.json()).toMatchObject({ id, conviction: { term: one.term }, due: "7", amount: "5" });
      expect(shown.json().debt).toBe("2");
    }
  });
});

describe("penalties of trades among slashes", () => {
  const BOB_BIDS = { bob: 4n * CREDIT };
  const shownIn =
    (call: Call) =>
    async (id: string): Promise<SlashDetail> =>
      (await call("GET", `/v1/slashes/${id}`)).json();

  test("are told with all that they follow from: a warning first, then what is taken, and from where", async () => {
    const lone = await staked(200n * CREDIT);
    const { call } = await fixture({}, lone);
    const warned = hexOf(sold(lone, "me", BOB_BIDS)[0]!);
    lone.pass(DELIVER_MS + 3000);
    const slashed = hexOf(sold(lone, "me", BOB_BIDS)[0]!);
    lone.pass(DELIVER_MS + 3000);
    const page = (await call("GET", `/v1/history/slashes?agent=${ME}`)).json();
    expect(page).toMatchObject({ kind: "SlashList", nextCursor: null, unshown: [] });
    const [second, first]: SlashView[] = page.items;
    expect([second!.id, first!.id, page.items.length]).toEqual([slashed, warned, 2]);
    expect(first).toMatchObject({ result: "WARNING", due: "0", amount: "0", conviction: null });
    expect(first!.says).toContain("a warning: 0 violations before it");
    expect(second).toMatchObject({ result: "SLASHED", offence: "timeout", due: "750000", amount: "750000" });
    const trade = (await call("GET", `/v1/trades/${slashed}`)).json();
    expect(second!.trade).toEqual({ id: slashed, auction: trade.auction });
    const shown = await shownIn(call)(slashed.slice(0, 8));
    const { result, says, due, taken, burned, insurance, condition, ...reckoning } = trade.end.penalty;
    expect(shown).toMatchObject({ id: slashed, offence: condition, result, says, due, amount: taken });
    expect(shown).toMatchObject({ reckoning, burned, insurance, debt: "0", height: trade.end.height });
    expect(shown.from).toEqual({ lien: "750000", freeStake: "0", unbonding: "0" });
    expect([shown.entry === null, shown.operation, shown.evidence]).toEqual([false, null, null]);
    expect((await call("GET", `/v1/history/slashes?agent=${OTHER}`)).json().items).toEqual([]);
  });

  test("that found nothing to take are shown, and so are those that the ledger alone still has", async () => {
    const lone = trusting();
    const { call } = await fixture({}, lone);
    const ids: string[] = [];
    for (let nth = 0; nth < 2; nth++) {
      ids.push(hexOf(sold(lone, "me", BOB_BIDS)[0]!));
      lone.pass(DELIVER_MS + 3000);
    }
    const results = async () => Promise.all(ids.map(async (id) => (await shownIn(call)(id)).result));
    expect(await results()).toEqual(["WARNING", "NOTHING_TO_SLASH"]);
    const kept = await shownIn(call)(ids[1]!);
    const rows = (await lone.places("slash")).flatMap((place) =>
      [
        historyRows("slash"),
        historyPlaces("slash", `agent/${ME}`),
        ...ids.map((id) => historyPlaces("slash", `id/${id}`)),
      ].map((shelf): Write => ({ kind: "delete", key: shelf + place })),
    );
    await lone.write([...rows, ...historyBegins(lone.peer.tip.height + 1)]);
    expect((await call("GET", "/v1/history/slashes")).json().items).toEqual([]);
    expect(await shownIn(call)(ids[1]!)).toEqual({ ...kept, from: null });
    expect(await results()).toEqual(["WARNING", "NOTHING_TO_SLASH"]);
  });

  test("below the beginning of history stay where they are, between convictions of the ledger, in pages of any length", async () => {
    const lone = await staked(200n * CREDIT);
    const trade = hexOf(sold(lone, "me", BOB_BIDS)[0]!);
    lone.pass(DELIVER_MS + 3000);
    const { call } = await fixture({}, lone);
    const { height } = await shownIn(call)(trade);
    const fault = {
      type: "E1",
      agent: idOf("me"),
      key: idOf("a seat"),
      epoch: 0,
      due: 7n,
      taken: 5n,
    } as const;
    for (const [at, term] of [
      [height - 1, 1],
      [height - 1, 2],
      [height + 1, 3],
    ] as const) {
      const slash = { ...fault, term, height: at, timeMs: at };
      lone.peer.ledger.put(SLASHES, slashPath(slash), slash);
    }
    await lone.write(historyBegins(height + 50));
    for (const limit of [1, 2, 3, 50]) {
      const told: (number | string)[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const url: string = `/v1/history/slashes?limit=${limit}${cursor && `&cursor=${cursor}`}`;
        const page = (await call("GET", url)).json();
        told.push(...page.items.map((one: SlashView) => one.conviction?.term ?? one.id));
        cursor = page.nextCursor;
      }
      expect(told).toEqual([3, trade, 2, 1]);
    }
  });
});
