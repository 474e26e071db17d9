// What follows on a network from what an owner says of a key that is to be shared.
import { expect, test } from "vitest";
import { type GivenShared, sharedTermsOf } from "../../../../node/gateway/shared/given.js";
import { lockupsFor } from "../../../../node/gateway/shared/window-market.js";
import { LOCAL_TESTNET_PARAMS, PUBLIC_PARAMS } from "../../../../src/ledger/index.js";
import { idOf } from "../../../peer/cluster.js";

const GIVEN: GivenShared = {
  ...{
    capability: "key.team",
    seller: null,
    buying: null,
    windowMs: 120_000,
    ahead: 2,
    kept: 5,
    reserve: 7n,
  },
  ...{ deputies: [idOf("bob"), idOf("ann")], termMs: null },
};
const termsOf = (more: Partial<GivenShared> = {}, params = LOCAL_TESTNET_PARAMS) =>
  sharedTermsOf({ ...GIVEN, ...more }, idOf("sue"), params);

test("whoever names no seller sells, and others buy", () => {
  const sells = termsOf();
  expect(sells.shared).toEqual({ seller: idOf("sue"), capability: "key.team" });
  expect(sells.selling).toEqual({
    ...{ windowMs: 120_000, ahead: 2, kept: 5, reserve: 7n },
    ...{ commitMs: 1000, revealMs: 1200, leadMs: 3800 },
  });
  const buys = termsOf({ seller: idOf("ann"), buying: { parts: 3, price: 9n } });
  expect([buys.selling, buys.buying, buys.shared.seller]).toEqual([
    null,
    { parts: 3, price: 9n },
    idOf("ann"),
  ]);
});

test("deputies ascend, whatever their order", () => {
  const swapped = termsOf({ deputies: GIVEN.deputies.toReversed() });
  expect(swapped.deputies).toEqual(termsOf().deputies);
});

test.each([
  [LOCAL_TESTNET_PARAMS, 1_800],
  [PUBLIC_PARAMS, 9_000],
])("a term leaves time to use a lease, by how far clocks may be apart", (params, leastMs) => {
  expect(termsOf({}, params).termMs).toBe(leastMs);
  expect(termsOf({ termMs: leastMs }, params).termMs).toBe(leastMs);
  expect(() => termsOf({ termMs: leastMs - 1 }, params)).toThrow(
    expect.objectContaining({ fix: `give --term at least ${leastMs}ms` }),
  );
});

test("a window lasts longer than its network asks of what is sold", () => {
  expect(termsOf({ windowMs: 10_000 }).selling!.windowMs).toBe(10_000);
  expect(() => termsOf({ windowMs: 9_999 })).toThrow(
    expect.objectContaining({ fix: "give --window at least 10000ms" }),
  );
});

test.each([
  [1n, 1000, [10n, 100n, 1000n, 10_000n, 100_000n, 1_000_000n]],
  [1n, 50, [5n, 50n, 500n, 5_000n, 50_000n]],
  [5n, 1, [5n, 50n, 500n, 5_000n]],
])("what bidders may lock is at least the reserve: %d for each of %d", (reserve, units, lockups) => {
  expect(lockupsFor(reserve, units)).toEqual(lockups);
});
