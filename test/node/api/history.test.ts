// One's own bids and money over a real peer, alone and in memory: as long as they run, when they are over, and when
// the ledger has forgotten them.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MovementView, OwnBidView } from "../../../node/contract/index.js";
import { toHex } from "../../../src/base/index.js";
import { AUCTIONS, auctionOf } from "../../../src/market/index.js";
import { eventually } from "../../e2e/eventually.js";
import { credits } from "../../e2e/network.js";
import { LONE_TOKEN, type LoneHost, loneHost } from "../lone-host.js";

let lone: LoneHost;
let url: string;

beforeAll(async () => {
  lone = await loneHost({ retainMs: 500 });
  url = (await lone.serve()).url;
});
afterAll(() => lone?.stop());

/** The fields of the documents that are looked at here. */
interface Answer {
  readonly items: readonly never[];
  readonly nextCursor: string | null;
  readonly operation: string | null;
  readonly commitment: string;
  readonly outcome: object;
  readonly free: string;
  readonly locked: string;
  readonly code: string;
  readonly detail: string;
  readonly context: { readonly closedMs: number };
}

async function ask(method: string, path: string, body?: object) {
  const headers = { authorization: `Bearer ${LONE_TOKEN}`, "content-type": "application/json" };
  const answer = await fetch(`${url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, document: (await answer.json()) as Answer };
}
const itemsOf = async <T>(path: string) => (await ask("GET", path)).document.items as readonly T[];
const bidIn = async (auction: string) =>
  (await itemsOf<OwnBidView>("/v1/bids")).find((one) => one.auction === auction);

describe("a bid of one's own", () => {
  test("waits, is sealed, is won, and is told when the ledger has forgotten the auction", async () => {
    const { network, me, creator } = lone;
    const auction = await network.openAuction({ commitMs: 3000, revealMs: 1200 });
    const id = toHex(auction);
    const wish = { auction: id, amount: String(credits(7)), delayMs: 600_000 };
    const receipt = await ask("POST", "/v1/bids", wish);
    expect([receipt.status, receipt.document.operation]).toEqual([202, null]);
    expect(await bidIn(id)).toMatchObject({
      state: "waiting",
      amount: String(credits(7)),
      commitment: receipt.document.commitment,
      publishesAt: expect.any(String),
    });
    await eventually("the bid is in the log", async () => (await bidIn(id))?.state === "sealed");
    expect(await bidIn(id)).toMatchObject({ amount: String(credits(7)), publishesAt: null });
    const bids = await itemsOf<{ commitment: string; amount: null }>(`/v1/auctions/${id}/bids`);
    expect(bids).toMatchObject([{ commitment: receipt.document.commitment, amount: null }]);
    await eventually("the ledger has forgotten the auction", () => {
      const { ledger } = network.front.peer;
      return !ledger.table(AUCTIONS).has(id) && ledger.accountOf(network.rival.publicKey)!.locks.size === 0;
    });
    expect(await bidIn(id)).toMatchObject({ state: "won", amount: String(credits(7)) });
    const kept = await ask("GET", `/v1/auctions/${id.slice(0, 10)}`);
    expect(kept.document).toMatchObject({ id, forgotten: true, phase: "done" });
    expect(kept.document.outcome).toMatchObject({
      awards: [{ bidder: me, pays: String(credits(1)) }],
      clearingPrice: String(credits(1)),
    });
    expect(await itemsOf(`/v1/auctions/${id}/bids`)).toMatchObject([{ state: "revealed", won: true }]);
    expect((await ask("GET", `/v1/auctions/${id}/transcript`)).status).toBe(200);
    const mine = await itemsOf<MovementView>("/v1/wallet/history");
    expect(mine[0]).toMatchObject({ what: "paid", spent: String(credits(1)), other: creator, auction: id });
    const sold = await itemsOf<MovementView>(`/v1/wallet/history?agent=${creator}`);
    expect(sold[0]).toMatchObject({ what: "sold", gained: String(credits(1)), other: me, auction: id });
  });
});

describe("what was paid", () => {
  test("is told newest first, in pages, and sums to what is free", async () => {
    const { me, creator, network } = lone;
    for (const amount of ["5", "6", "7"])
      expect((await ask("POST", "/v1/wallet/transfers", { to: creator, amount })).status).toBe(202);
    const sent = async () =>
      (await itemsOf<MovementView>("/v1/wallet/history")).filter((one) => one.what === "sent");
    await eventually("the transfers are final", async () => (await sent()).length === 3);
    expect((await sent()).map((one) => one.spent)).toEqual(["7", "6", "5"]);
    const all: MovementView[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: { document: Answer } = await ask(
        "GET",
        `/v1/wallet/history?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`,
      );
      all.push(...page.document.items);
      cursor = page.document.nextCursor;
    }
    expect(all).toEqual(await itemsOf<MovementView>("/v1/wallet/history?limit=200"));
    const strange = [`agent=${creator}&cursor=${all[0]!.id}`, "cursor=9999999999999999.00000"];
    for (const query of strange) {
      const answer = await ask("GET", `/v1/wallet/history?${query}`);
      expect([query, answer.status, answer.document.code]).toEqual([query, 410, "CURSOR_GONE"]);
    }
    const change = all.reduce((sum, one) => sum + BigInt(one.gained) - BigInt(one.spent), 0n);
    const wallet = (await ask("GET", "/v1/wallet")).document;
    const began = network.genesis.accounts.find((one) => toHex(one.agent) === me)!.free;
    expect(BigInt(wallet.free) + BigInt(wallet.locked)).toBe(began + change);
  });

  test("an auction that nobody ever opened is unknown, with what may have become of it", async () => {
    const answer = await ask("GET", "/v1/auctions/abcdef012345");
    expect([answer.status, answer.document.code]).toEqual([404, "AUCTION_UNKNOWN"]);
    expect(answer.document.detail).toContain("forgotten");
  });
});

describe("refusals of the real rulebook", () => {
  test.each([
    [{ amount: "101000000" }, 422, "BID_ABOVE_LOCKUP"],
    [{ amount: "5", lockup: "77" }, 422, "LOCKUP_NOT_OFFERED"],
    [{ amount: "0" }, 422, "AMOUNT_ZERO"],
  ])("a bid of %o is answered %i %s", async (wish, status, code) => {
    const auction = toHex(await lone.network.openAuction());
    const answer = await ask("POST", "/v1/bids", { auction, delayMs: 0, ...wish });
    expect([answer.status, answer.document.code]).toEqual([status, code]);
  });

  test("the seller's own bid, a late bid and too long a window are refused, each with its facts", async () => {
    const { network, creator } = lone;
    const auction = toHex(await network.openAuction({ commitMs: 600, revealMs: 1200 }));
    const own = await ask("POST", "/v1/bids", { auction, amount: "5000000", agent: creator, delayMs: 0 });
    expect([own.status, own.document.code]).toEqual([409, "BIDDER_IS_CREATOR"]);
    await eventually(
      "bidding is over",
      () => auctionOf(network.front.peer.ledger, auction)?.phase.kind !== "open",
    );
    const late = await ask("POST", "/v1/bids", { auction, amount: "5000000", delayMs: 0 });
    expect([late.status, late.document.code]).toEqual([409, "COMMIT_AFTER_CLOSE"]);
    expect(late.document.context.closedMs).toBeGreaterThan(0);
    const lot = { capability: "GPU", units: 1 };
    const month = 31 * 24 * 3_600_000;
    const long = await ask("POST", "/v1/auctions", { lot, lockups: ["5"], commitMs: month, agent: creator });
    expect([long.status, long.document.code]).toEqual([422, "WINDOW_OUT_OF_RANGE"]);
    expect(long.document.context).toMatchObject({ maxCommitMs: network.genesis.params.maxCommitMs });
  });
});
