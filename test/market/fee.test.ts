// What to pay: classes of fees, what replaces what, and an estimate that follows what waits, within its bounds.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CRITICAL_OPS, ENTRY_BYTES, ENTRY_OPS } from "../../src/ledger/index.js";
import { estimateFee, leastRaise, type Operation, packEntry, usefulRaise } from "../../src/market/index.js";
import { agent, FEE, FUNDS, judgeEvidence, World } from "./world.js";

const BULK_OPS = ENTRY_OPS - CRITICAL_OPS;
const BULK_BYTES = ENTRY_BYTES / 2;
const payers = Array.from({ length: 40 }, (_, i) => `p${i}`);
const gift = { kind: "transfer", to: agent("bob"), amount: 1n } as const;
const sized = (operation: Operation) => ({ operation, size: 300 });

/** So many transfers of many accounts, each at this fee. */
const crowd = (world: World, count: number, fee: bigint) =>
  Array.from({ length: count }, (_, i) => sized(world.op(payers[i % 40]!, gift, Math.floor(i / 40), fee)));

describe("a raise", () => {
  it.each([
    [0n, 1n],
    [1n, 2n],
    [4n, 5n],
    [1000n, 1250n],
    [1001n, 1252n],
  ])("of %s is at least to %s", (fee, least) => {
    expect(leastRaise(fee)).toBe(least);
  });

  it("that is suggested replaces what waits, and stands before all of its class", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, FUNDS), fc.constantFrom(0n, 1n, 7n, FEE), (fee, minFee) => {
        const raise = usefulRaise(fee, minFee);
        expect(raise).toBeGreaterThanOrEqual(leastRaise(fee));
        const unit = minFee === 0n ? 1n : minFee;
        const log = (value: bigint) => (value / unit).toString(2).length * (value < unit ? 0 : 1);
        expect(log(raise)).toBeGreaterThan(log(fee));
      }),
    );
  });
});

describe("an estimate", () => {
  const estimate = (world: World, waiting: ReturnType<typeof crowd>, lane: "bulk" | "critical" = "bulk") =>
    estimateFee(waiting, world.ledger, lane, world.timeMs + 1);

  it("is the least fee while the next entry has room, and a class more from the first that has none", () => {
    const world = new World({ names: [...payers, "bob"] });
    expect(estimate(world, [])).toBe(FEE);
    expect(estimate(world, crowd(world, BULK_OPS - 1, FEE))).toBe(FEE);
    expect(estimate(world, crowd(world, BULK_OPS, FEE))).toBe(2n * FEE);
    expect(estimate(world, crowd(world, BULK_OPS, 5n * FEE))).toBe(8n * FEE);
    expect(estimate(world, crowd(world, BULK_OPS, 5n * FEE), "critical"), "the other lane").toBe(FEE);
  });

  it.each([
    [BULK_BYTES - 1, FEE],
    [BULK_BYTES, 2n * FEE],
  ])("for %i bytes that wait, in a lane of half a MiB, is %s", (bytes, fee) => {
    const world = new World({ names: [...payers, "bob"] });
    const [first, second] = crowd(world, 2, FEE);
    expect(
      estimate(world, [
        { ...first!, size: 1000 },
        { ...second!, size: bytes - 1000 },
      ]),
    ).toBe(fee);
  });

  it("is enough to be in the next entry", () => {
    const world = new World({ names: [...payers, "bob", "ann"] });
    for (const fee of [FEE, 3n * FEE, 20n * FEE]) {
      const waiting = crowd(world, BULK_OPS + 200, fee);
      const mine = sized(world.op("ann", gift, 0, estimate(world, waiting)));
      const limits = {
        timeMs: world.timeMs + 1,
        executedMs: world.timeMs,
        maxOps: ENTRY_OPS,
        maxBytes: 1 << 20,
        inFlight: [],
        judgeEvidence,
      };
      expect(packEntry([...waiting, mine], world.ledger, limits)).toContain(mine);
    }
  });

  it("counts no fee that cannot be paid, and is never more than 64 times the least", () => {
    const world = new World({ names: [...payers, "bob"] });
    expect(estimate(world, crowd(world, BULK_OPS, FUNDS / 2n))).toBe(FEE);
    expect(estimate(world, crowd(world, BULK_OPS, 1000n * FEE))).toBe(64n * FEE);
  });

  it("after entries whose critical lane was full asks a class more for commits", () => {
    const world = new World({ names: [...payers, "bob"] });
    world.congest({ fullRun: 1 });
    expect(estimate(world, [], "critical")).toBe(2n * FEE);
    expect(estimate(world, [])).toBe(FEE);
  });

  it("without a least fee it is nothing while there is room", () => {
    const world = new World({ names: [...payers, "bob"], params: { minFee: 0n } });
    expect(estimate(world, [])).toBe(0n);
    expect(estimate(world, crowd(world, BULK_OPS, 0n))).toBe(1n);
  });
});
