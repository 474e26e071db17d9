// Withholding never pays: the claim of spec/auctions#why-the-whole-lockup-burns, after the fact, for every subset of what could be hidden.
// Scenario 35 of spec/scenarios.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { marketOf } from "../../src/ledger/index.js";
import { type AuctionTerms, auctionIdOf, settlementOf } from "../../src/market/index.js";
import { agent, offer, salt, soldTo } from "./world.js";

const network = { chain: salt("chain"), market: marketOf("main") };
const id = auctionIdOf(network, agent("seller"), 0);

interface Sealed {
  readonly name: string;
  readonly amount: bigint;
}

/** What an owner of `mine` gains in money, with a sale valued at `worth` if it goes to its own bid. */
function gain(
  terms: AuctionTerms,
  others: readonly Sealed[],
  mine: readonly Sealed[],
  shown: ReadonlySet<string>,
) {
  const commits = [...others, ...mine].map(({ name, amount }) => ({
    bidder: agent(name),
    lockup: terms.lockups.find((one) => one >= amount)!,
    standing: null,
    opening: shown.has(name) ? { bid: { amount, units: null }, salt: salt(name) } : null,
  }));
  const settlement = settlementOf({ id, terms, openedReserve: null }, commits, 0, 0n, { lienBp: 0 });
  const own = new Set(mine.map(({ name }) => agent(name).join()));
  const costs = settlement.shares
    .filter((share) => own.has(share.bidder.join()))
    .reduce((sum, share) => sum + share.paid + share.burned, 0n);
  const { winner, price } = soldTo(settlement);
  return { price, costs, wonByOwn: winner !== null && own.has(winner.join()) };
}

const subsets = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: 2 ** items.length }, (_, mask) => items.filter((_item, i) => (mask >> i) & 1));

const amounts = fc.array(fc.bigInt(1n, 100n), { maxLength: 4 });
const named = (prefix: string, values: readonly bigint[]): Sealed[] =>
  values.map((amount, i) => ({ name: `${prefix}${i}`, amount }));

const terms = (reserve: bigint): AuctionTerms => offer({ reserve, lockups: [25n, 50n, 100n] });

describe("withholding never pays", () => {
  it("a seller: whatever shills it placed, hiding some of them never beats showing all", () => {
    fc.assert(
      fc.property(amounts, amounts, fc.bigInt(0n, 60n), (honest, shills, reserve) => {
        const others = named("honest", honest);
        const mine = named("shill", shills);
        /** What the seller receives from others, less what its shills burn. */
        const utility = (hidden: readonly Sealed[]): bigint => {
          const shown = new Set([...others, ...mine].map(({ name }) => name));
          for (const { name } of hidden) shown.delete(name);
          const { price, costs, wonByOwn } = gain(terms(reserve), others, mine, shown);
          return wonByOwn ? -(costs - price) : price - costs;
        };
        for (const hidden of subsets(mine)) {
          if (hidden.length === 0) continue;
          const gained = utility(hidden);
          expect(gained <= utility([])).toBe(true);
          // What is hidden is as if it had never been placed, and costs its whole lockup.
          const unplaced = utilityWithout(others, mine, hidden, reserve);
          expect(gained).toBe(unplaced - hidden.reduce((sum, one) => sum + lockupOf(one), 0n));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("a shill above the highest honest bid is never worth hiding: its lockup exceeds the sale", () => {
    fc.assert(
      fc.property(amounts, fc.bigInt(1n, 100n), fc.bigInt(0n, 60n), (honest, shill, reserve) => {
        const highest = honest.reduce((a, b) => (a > b ? a : b), 0n);
        fc.pre(shill > highest);
        const others = named("honest", honest);
        const mine = named("shill", [shill]);
        const { price, costs } = gain(terms(reserve), others, mine, new Set(others.map(({ name }) => name)));
        expect(price - costs < 0n).toBe(true);
      }),
    );
  });

  it("a bidder: hiding one's own second bid saves less than it burns", () => {
    fc.assert(
      fc.property(amounts, fc.bigInt(1n, 100n), fc.bigInt(1n, 100n), (honest, first, second) => {
        const others = named("honest", honest);
        const mine = named("mine", [first, second]);
        const everything = new Set([...others, ...mine].map(({ name }) => name));
        for (const hidden of mine) {
          const shown = new Set(everything);
          shown.delete(hidden.name);
          const open = gain(terms(0n), others, mine, everything);
          const shut = gain(terms(0n), others, mine, shown);
          if (open.wonByOwn) expect(shut.costs >= open.costs).toBe(true);
        }
      }),
    );
  });

  it("a lie never helps: bidding one's value is a dominant strategy", () => {
    fc.assert(
      fc.property(
        amounts,
        fc.bigInt(1n, 100n),
        fc.bigInt(1n, 100n),
        fc.bigInt(0n, 60n),
        (honest, value, lie, reserve) => {
          const others = named("honest", honest);
          const surplus = (amount: bigint): bigint => {
            const mine = named("mine", [amount]);
            const shown = new Set([...others, ...mine].map(({ name }) => name));
            const { costs, wonByOwn } = gain(terms(reserve), others, mine, shown);
            return wonByOwn ? value - costs : 0n;
          };
          expect(surplus(lie) <= surplus(value)).toBe(true);
        },
      ),
    );
  });
});

const lockupOf = ({ amount }: Sealed): bigint => [25n, 50n, 100n].find((one) => one >= amount)!;

function utilityWithout(
  others: readonly Sealed[],
  mine: readonly Sealed[],
  hidden: readonly Sealed[],
  reserve: bigint,
): bigint {
  const placed = mine.filter((one) => !hidden.includes(one));
  const shown = new Set([...others, ...placed].map(({ name }) => name));
  const { price, wonByOwn } = gain(terms(reserve), others, placed, shown);
  return wonByOwn ? 0n : price;
}
