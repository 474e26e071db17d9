// `outcome`: a case in a file, judged by the rules of the ledger.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { toHex } from "../../../src/base/index.js";
import { FORMATS, type RevealedBid } from "../../../src/market/index.js";
import { agent, salt } from "../../market/world.js";
import { closeAll, mabeam, newHome } from "./cli-fixture.js";

afterEach(closeAll);

const bid = (bidder: string, amount: bigint, more: object = {}) => ({
  id: bidder,
  bidder,
  amount: `${amount}`,
  ...more,
});

async function judged(given: unknown, flags: readonly string[] = ["--json"]) {
  const home = newHome();
  const file = join(home, "case.json");
  writeFileSync(file, typeof given === "string" ? given : JSON.stringify(given));
  return mabeam(home, ["outcome", file, ...flags]);
}
const documentOf = async (given: unknown) => JSON.parse((await judged(given)).out[0] ?? "{}");

describe("a case", () => {
  test("of a sale: awards, price, what burns and what is rejected", async () => {
    const bids = [
      bid("ann", 1n, { id: "ann, at first" }),
      bid("ann", 30n),
      bid("bob", 20n),
      bid("cid", 50n, { opened: false, bond: "70" }),
      bid("dan", 4n),
      bid("eve", 60n, { bond: "59" }),
    ];
    expect(await documentOf({ format: "vickrey", reserve: "5", units: 3, bids })).toEqual({
      apiVersion: "v1",
      kind: "Outcome",
      status: "sold",
      clearingPrice: "20",
      awards: [{ bidder: "ann", units: 3, pays: "20", receives: "0" }],
      forfeits: [
        { bidder: "cid", amount: "70" },
        { bidder: "eve", amount: "59" },
      ],
      rejected: [
        { id: "ann, at first", reason: "REPLACED" },
        { id: "dan", reason: "BEYOND_RESERVE" },
        { id: "eve", reason: "BID_ABOVE_LOCKUP" },
      ],
    });
    expect(
      await documentOf({ format: "first-price", bids: [bid("ann", 30n), bid("bob", 20n)] }),
    ).toMatchObject({
      clearingPrice: "30",
    });
  });

  test("of a purchase, and one that nobody wins", async () => {
    const bids = [bid("ann", 300n), bid("bob", 200n), bid("cid", 900n)];
    expect(await documentOf({ direction: "buy", ceiling: "800", bids })).toMatchObject({
      status: "sold",
      awards: [{ bidder: "bob", pays: "0", receives: "300" }],
      rejected: [{ id: "cid", reason: "BEYOND_RESERVE" }],
    });
    expect(await documentOf({ direction: "buy", ceiling: "100", bids })).toMatchObject({
      status: "unsold",
      clearingPrice: null,
      awards: [],
    });
  });

  test("of a purchase that weighs standing", async () => {
    const bids = [bid("ann", 60n, { standing: 10_000 }), bid("bob", 40n, { standing: 0 }), bid("cid", 70n)];
    const purchase = { direction: "buy", ceiling: "75", bids };
    const receivesOf = async (change: object) => (await documentOf({ ...purchase, ...change })).awards;
    expect(await judged(purchase)).toMatchObject({
      exit: 2,
      err: expect.stringContaining("no standingWeight"),
    });
    expect(await receivesOf({ standingWeight: 10_000 })).toMatchObject([{ bidder: "ann", receives: "75" }]);
    expect(await receivesOf({ standingWeight: 10_000, ceiling: "90" })).toMatchObject([{ receives: "80" }]);
    const sale = await judged({ standingWeight: 1, bids: [] });
    expect([sale.exit, sale.err]).toEqual([2, expect.stringContaining("as a whole weighs standing")]);
  });

  test("a tie that decides needs salts; one that does not, none", async () => {
    const harmless = { bids: [bid("ann", 9n), bid("bob", 7n), bid("cid", 7n)] };
    expect((await documentOf(harmless)).awards).toMatchObject([{ bidder: "ann", pays: "7" }]);
    const { exit, err } = await judged({ bids: [bid("ann", 7n), bid("bob", 7n)] });
    expect([exit, err]).toEqual([2, expect.stringContaining("bids that rank alike decide it")]);
    const auction = agent("an auction");
    const tied: RevealedBid[] = ["ann", "bob", "cid"].map((name) => ({
      bidder: agent(name),
      amount: 7n,
      units: null,
      standing: 5_000,
      salt: salt(name),
    }));
    const offer = { auction, direction: "sell", units: 1, reserve: 0n, standingWeight: 0 } as const;
    const [award] = FORMATS.vickrey.outcome(offer, tied).awards;
    const bids = tied.map((one) => bid(toHex(one.bidder), 7n, { salt: toHex(one.salt) }));
    const found = await documentOf({ auction: toHex(auction), bids });
    expect(found.awards).toMatchObject([{ bidder: toHex(award!.bidder), pays: "7" }]);
  });

  test("for people: outcome, price, and who won", async () => {
    const { out, exit } = await judged({ bids: [bid("ann", 3_000_000n), bid("bob", 2_000_000n)] }, []);
    expect([exit, out.join(" ")]).toEqual([0, expect.stringMatching(/sold.*2 credits.*ann +1 +2 +0/)]);
  });

  test.each([
    ["no JSON", "{", 2, "CASE_MALFORMED"],
    ["a field that no case has", { bids: [], reserv: "1" }, 2, "reserv"],
    ["a format that is none", { format: "lottery", bids: [] }, 2, "format"],
    ["an amount that is a number", { bids: [{ id: "1", bidder: "ann", amount: 3 }] }, 2, "bids.0.amount"],
    ["a purchase without a ceiling", { direction: "buy", bids: [] }, 2, "a purchase needs a ceiling"],
    ["a ceiling of a sale", { ceiling: "1", bids: [] }, 2, "a sale has a reserve"],
  ])("with %s is refused in words", async (_what, given, code, words) => {
    const { exit, err } = await judged(given);
    expect(exit).toBe(code);
    expect(err).toMatch(words === "CASE_MALFORMED" ? /could not work the outcome out/ : words);
  });

  test("that is not there is said to be so", async () => {
    const { exit, err } = await mabeam(newHome(), ["outcome", "nowhere.json"]);
    expect([exit, err]).toEqual([5, expect.stringContaining("nowhere.json")]);
  });
});
