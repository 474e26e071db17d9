// Scenarios 35 and 36 of spec/scenarios: ladders of shills through the whole ledger, and ties that one party grinds at.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/base/index.js";
import { taggedHash } from "../../src/crypto/index.js";
import { marketOf } from "../../src/ledger/index.js";
import { auctionIdOf, auctionOf, type RevealedBid } from "../../src/market/index.js";
import { agent, FEE, salt, vickrey, World } from "../market/world.js";

interface Sealed {
  readonly name: string;
  readonly amount: bigint;
}

const LOCKUPS = [25n, 50n, 100n];
const lockupOf = ({ amount }: Sealed): bigint => LOCKUPS.find((one) => one >= amount)!;
const subsets = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: 2 ** items.length }, (_, mask) => items.filter((_item, i) => (mask >> i) & 1));
const named = (prefix: string, values: readonly bigint[]): Sealed[] =>
  values.map((amount, i) => ({ name: `${prefix}${i}`, amount }));

/** What the seller and its shills have gained together when the auction has run through the ledger, entry by entry. */
function gained(
  reserve: bigint,
  honest: readonly Sealed[],
  placed: readonly Sealed[],
  hidden: readonly Sealed[],
): bigint {
  const all = [...honest, ...placed];
  const world = new World({ seats: 1, names: ["sue", ...all.map(({ name }) => name)] });
  const own = ["sue", ...placed.map(({ name }) => name)];
  const wealth = (): bigint => own.reduce((sum, name) => sum + world.free(name), 0n);
  const before = wealth();
  const id = world.create("sue", { reserve, lockups: LOCKUPS });
  world.entry(all.map((one) => world.op(one.name, world.commit(id, one.name, one.amount, lockupOf(one)))));
  world.until(id, "reveal");
  const shown = all.filter((one) => !hidden.includes(one));
  world.entry(shown.map(({ name, amount }) => world.reveal(id, name, amount)));
  for (let i = 0; !("endedMs" in auctionOf(world.ledger, id)!.phase); i++) {
    expect(i).toBeLessThan(100);
    world.entry();
  }
  return wealth() - before;
}

const amounts = (most: number) => fc.array(fc.bigInt(1n, 100n), { maxLength: most });

describe("scenario 35: a ladder of shills", () => {
  it("scenario 35: whatever a seller's shills are, withholding any subset is worse than never placing it, and than showing it", () => {
    fc.assert(
      fc.property(amounts(3), amounts(3), fc.bigInt(0n, 60n), (honestBids, shillBids, reserve) => {
        const honest = named("honest", honestBids);
        const shills = named("shill", shillBids);
        const allShown = gained(reserve, honest, shills, []);
        for (const hidden of subsets(shills)) {
          if (hidden.length === 0) continue;
          const withheld = gained(reserve, honest, shills, hidden);
          const unplaced = gained(
            reserve,
            honest,
            shills.filter((one) => !hidden.includes(one)),
            [],
          );
          const burned = hidden.reduce((sum, one) => sum + lockupOf(one), 0n);
          expect(withheld).toBe(unplaced - burned - BigInt(hidden.length) * FEE);
          expect(withheld <= allShown).toBe(true);
        }
      }),
      { numRuns: 25, seed: 35 },
    );
  });
});

const AUCTION = auctionIdOf({ chain: salt("chain"), market: marketOf("main") }, agent("seller"), 0);
const saltOf = (party: string, i: number) => taggedHash("leaf", utf8(`${party}/${i}`));
const tied = (others: number, world: string, grinders: Uint8Array): RevealedBid[] => [
  { bidder: agent("grinder"), amount: 7n, units: null, standing: 5_000, salt: grinders },
  ...Array.from({ length: others }, (_, i) => ({
    bidder: agent(`b${i}`),
    amount: 7n,
    units: null,
    standing: 5_000,
    salt: saltOf(`${world} b${i}`, 0),
  })),
];

/** Five standard deviations of `n` throws of a coin that shows heads one time in k. */
const noise = (n: number, k: number): number => 5 * Math.sqrt((n * (k - 1)) / (k * k));

describe("scenario 36: a tie", () => {
  for (const [k, tries] of [
    [2, 1 << 16],
    [3, 1 << 13],
    [4, 1 << 13],
    [5, 1 << 14],
  ] as const) {
    it(`scenario 36: of ${k} bidders each wins one time in ${k}, though one of them tries ${tries} salts`, () => {
      const grinder = agent("grinder").join();
      const wins = (world: string, own: Uint8Array): boolean =>
        vickrey(AUCTION, 0n, tied(k - 1, world, own)).winner!.join() === grinder;
      let here = 0;
      let there = 0;
      for (let i = 0; i < tries; i++) {
        const own = saltOf("grinder", i);
        if (!wins("here", own)) continue;
        here++;
        // A salt is chosen before the others' are known: one that wins against some wins no more often against others.
        if (wins("there", own)) there++;
      }
      expect(Math.abs(here - tries / k)).toBeLessThan(noise(tries, k));
      expect(Math.abs(there - here / k)).toBeLessThan(noise(here, k));
    });
  }

  it("scenario 36: each of the others wins as often: nobody's share moves by the grinder's search", () => {
    const k = 4;
    const counts = new Map<string, number>();
    const tries = 1 << 12;
    for (let i = 0; i < tries; i++) {
      const winner = vickrey(
        AUCTION,
        0n,
        tied(k - 1, `world ${i >> 4}`, saltOf("grinder", i)),
      ).winner!.join();
      counts.set(winner, (counts.get(winner) ?? 0) + 1);
    }
    expect(counts.size).toBe(k);
    for (const count of counts.values()) expect(Math.abs(count - tries / k)).toBeLessThan(noise(tries, k));
  });
});
