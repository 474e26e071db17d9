// Gateways of several owners keep their leases (G47), and say what they used (G49): windows are sold and used, a silent holder is replaced, and usage is said.
import { describe, expect, test } from "vitest";
import { toHex } from "../../../../src/base/index.js";
import { holderOf, type Lease, wonIn } from "../../../../src/market/index.js";
import { idOf } from "../../../peer/cluster.js";
import { buys, Owners, SELLS, TERM_MS, WINDOW_MS } from "./owners.js";

const ALL = { sue: 400, ann: 400, bob: 200 };

describe("windows of a key", () => {
  test("are offered, bought and used one after the other, what is not sold by the seller", async () => {
    const owners = new Owners({ sue: SELLS, ann: buys(400), bob: buys(200) });
    expect(await owners.pass(10_000, () => owners.of("ann").pools.parts > 0)).toBe(true);
    expect(owners.parts()).toEqual(ALL);
    let gaps = 0;
    for (let passed = 0; passed < 2 * WINDOW_MS; passed += 50) {
      await owners.pass(50);
      const { sue, ann, bob } = owners.parts();
      expect(sue! + ann! + bob!).toBeLessThanOrEqual(1000);
      if (sue! + ann! + bob! < 1000) gaps++;
    }
    // For as long as clocks may be apart nobody uses a window that ends.
    expect(gaps).toBeLessThanOrEqual(6);
    expect(owners.all.flatMap(({ refused }) => refused)).toEqual([]);
  });

  test("are not bid for by who would pay less than is asked, and are shared by price where they are scarce", async () => {
    const owners = new Owners({
      sue: SELLS,
      ann: buys(900, { buying: { parts: 900, price: 50n } }),
      bob: buys(500, { buying: { parts: 500, price: 60n } }),
      cid: buys(500, { buying: { parts: 500, price: 9n } }),
    });
    await owners.pass(10_000, () => owners.of("ann").pools.parts > 0);
    expect(owners.parts()).toEqual({ sue: 100, ann: 400, bob: 500, cid: 0 });
    expect(owners.of("cid").refused).toEqual([]);
  });

  test("are nobody's while a clock is wrong, and once it is right again they are", async () => {
    const owners = new Owners({ sue: SELLS, ann: buys(400), bob: buys(200) });
    await owners.pass(10_000, () => owners.of("ann").pools.parts > 0);
    owners.of("ann").isClockRight = false;
    await owners.pass(50);
    expect(owners.parts()).toEqual({ ...ALL, ann: 0 });
    owners.of("ann").isClockRight = true;
    await owners.pass(50);
    expect(owners.parts()).toEqual(ALL);
  });
});

describe("usage", () => {
  test("is said of each window once it is over, and never refused", async () => {
    const owners = new Owners({ sue: SELLS, ann: buys(400), bob: buys(200) });
    await owners.pass(2.5 * WINDOW_MS);
    const said = owners
      .leases()
      .filter(({ lot }) => lot.toMs < owners.cluster.nowMs - 2_000)
      .map((lease) => ({ won: Number(wonIn(lease)), ...lease.row.holders[0]!.usage! }));
    expect(said.length).toBeGreaterThanOrEqual(3);
    for (const { used, lent, won } of said) {
      expect(lent).toBe(0);
      expect(used).toBeLessThanOrEqual(won);
      expect(used).toBeGreaterThan(0.95 * won);
    }
    expect(owners.all.flatMap(({ refused }) => refused)).toEqual([]);
  });
});

describe("a gateway that dies", () => {
  const withDeputy = () =>
    new Owners({
      sue: SELLS,
      ann: buys(400, { deputies: [idOf("bob")] }),
      bob: buys(200),
    });

  test("is replaced by its deputy within its term, which has both leases, and never both at once", async () => {
    const owners = withDeputy();
    await owners.pass(10_000, () => owners.of("ann").pools.parts > 0);
    expect(owners.parts()).toEqual(ALL);
    await owners.pass(3 * TERM_MS);
    expect(owners.of("ann").pools.parts).toBe(400);
    owners.of("ann").isRunning = false;
    const diedMs = owners.cluster.nowMs;
    expect(await owners.pass(2 * TERM_MS, () => owners.of("bob").pools.parts === 600)).toBe(true);
    expect(owners.cluster.nowMs - diedMs).toBeLessThanOrEqual(TERM_MS + 600);
    const taken = owners.leases().find(({ row }) => row.holders.length > 1)!;
    expect([toHex(taken.owner), toHex(holderOf(taken.row).agent)]).toEqual([
      toHex(idOf("ann")),
      toHex(idOf("bob")),
    ]);
    await owners.pass(taken.lot.toMs + 2_000 - owners.cluster.nowMs);
    const isTaken = ({ auction, owner }: Lease) =>
      toHex(auction) === toHex(taken.auction) && toHex(owner) === toHex(taken.owner);
    const [mine, its] = owners.leases().find(isTaken)!.row.holders;
    expect([mine!.usage, its!.usage!.used > 0]).toEqual([null, true]);
  });

  test("that was cut off, not dead, stops by its own clock before another begins", async () => {
    const owners = withDeputy();
    const { cluster } = owners;
    await owners.pass(10_000, () => owners.of("ann").pools.parts > 0);
    await owners.pass(TERM_MS);
    const home = cluster.homeOf("ann");
    cluster.loses = (from, to) => from === home || to === home;
    let apart = true;
    const taken = await owners.pass(4 * TERM_MS, () => {
      const { ann, bob } = owners.parts();
      if (ann! > 0 && bob! > 200) apart = false;
      return bob === 600;
    });
    expect([taken, apart, owners.of("ann").pools.parts]).toEqual([true, true, 0]);
    cluster.loses = () => false;
    owners.of("bob").isBack = true;
    const isOwn = () => owners.of("ann").pools.parts === 400 && owners.of("bob").pools.parts === 200;
    expect(await owners.pass(WINDOW_MS, isOwn)).toBe(true);
    expect(apart).toBe(true);
  });
});
