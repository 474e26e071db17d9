// A commitment binds every part of what it promises.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex, utf8 } from "../../src/base/index.js";
import { commitmentOf, reserveHashOf, taggedHash } from "../../src/crypto/index.js";
import { bidBytes } from "../../src/market/index.js";

const named = (name: string) => taggedHash("key", utf8(name));
const place = { chain: named("chain"), market: named("market"), auction: named("auction") };
const bid = bidBytes({ amount: 500n, units: null });
const original = toHex(commitmentOf(place, named("ann"), bid, named("salt")));

describe("a commitment", () => {
  it.each([
    ["chain", commitmentOf({ ...place, chain: named("x") }, named("ann"), bid, named("salt"))],
    ["market", commitmentOf({ ...place, market: named("x") }, named("ann"), bid, named("salt"))],
    ["auction", commitmentOf({ ...place, auction: named("x") }, named("ann"), bid, named("salt"))],
    ["bidder", commitmentOf(place, named("bob"), bid, named("salt"))],
    ["bid", commitmentOf(place, named("ann"), bidBytes({ amount: 501n, units: null }), named("salt"))],
    ["salt", commitmentOf(place, named("ann"), bid, named("other salt"))],
  ])("changes with its %s", (_, changed) => {
    expect(toHex(changed)).not.toBe(original);
  });

  it("differs for any two bids under one salt, and for one bid under any two salts", () => {
    const amounts = fc.uniqueArray(fc.bigInt(0n, 9007199254740991n), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(amounts, (list) => {
        const hashes = list.map((amount) =>
          toHex(commitmentOf(place, named("ann"), bidBytes({ amount, units: null }), named("s"))),
        );
        expect(new Set(hashes).size).toBe(list.length);
      }),
    );
  });

  it("takes no bidder or salt of another length, so that parts cannot shift", () => {
    expect(() => commitmentOf(place, named("ann").slice(1), bid, named("salt"))).toThrow();
    expect(() => commitmentOf(place, named("ann"), bid, new Uint8Array(33))).toThrow();
    expect(() => reserveHashOf(place, bid, new Uint8Array(31))).toThrow();
  });

  it("is never the hash of a hidden reserve", () => {
    expect(toHex(reserveHashOf(place, bid, named("salt")))).not.toBe(original);
  });
});
