// Nobody chooses after looking: a seller with a hidden reserve and shills, who sees every bid before it acts, gains
// nothing by it, and no bidder gains by a lie however well such a seller answers (spec/auctions#T5).
import { describe, expect, it } from "vitest";
import { equalBytes } from "../../src/base/index.js";
import { marketOf } from "../../src/ledger/index.js";
import { auctionIdOf, leastBondOf, settlementOf } from "../../src/market/index.js";
import { agent, offer, salt, soldTo } from "./world.js";

const network = { chain: salt("chain"), market: marketOf("main") };
const id = auctionIdOf(network, agent("seller"), 0);
const LOCKUP = 3n;
const AMOUNTS = [0n, 1n, 2n, 3n];
const WHO = new Map(["a", "b", "c", "shill"].map((name) => [name, { id: agent(name), salt: salt(name) }]));

/** What stands before anybody has shown anything. */
interface Offer {
  readonly reserve: bigint;
  readonly hidden: bigint | null;
  readonly bond: bigint;
  /** the seller's own bid under another name */
  readonly shill: bigint | null;
}

/** A bid, or what its bidder does not show. */
interface Bid {
  readonly name: string;
  readonly amount: bigint;
  readonly isShown: boolean;
}

/** What a seller may still choose when it has seen the bids. */
interface Answer {
  readonly opens: boolean;
  readonly showsShill: boolean;
}

const ANSWERS: readonly Answer[] = [true, false].flatMap((opens) =>
  [true, false].map((showsShill) => ({ opens, showsShill })),
);

function settled(on: Offer, bids: readonly Bid[], answer: Answer) {
  const shill = on.shill === null ? [] : [{ name: "shill", amount: on.shill, isShown: answer.showsShill }];
  const terms = offer({
    reserve: on.reserve,
    lockups: [LOCKUP],
    bond: on.bond,
    reserveHash: on.hidden === null ? null : id,
  });
  const commits = [...bids, ...shill].map(({ name, amount, isShown }) => ({
    bidder: WHO.get(name)!.id,
    lockup: LOCKUP,
    standing: null,
    opening: isShown ? { bid: { amount, units: null }, salt: WHO.get(name)!.salt } : null,
  }));
  return settlementOf({ id, terms, openedReserve: answer.opens ? on.hidden : null }, commits, 0, 0n, {
    lienBp: 0,
  });
}

const isOf = (winner: Uint8Array | null, name: string): boolean =>
  winner !== null && equalBytes(winner, WHO.get(name)!.id);

/** What the seller has of it: the price, if not from itself, less what it burns. */
function sellerGain(on: Offer, bids: readonly Bid[], answer: Answer): bigint {
  const settlement = settled(on, bids, answer);
  const { bondBurned, shares } = settlement;
  const { winner, price } = soldTo(settlement);
  const forfeit = on.shill === null ? 0n : shares.at(-1)!.burned;
  return (isOf(winner, "shill") ? 0n : price) - forfeit - bondBurned;
}

/** What a bidder of this value has of it. */
function surplus(on: Offer, bids: readonly Bid[], answer: Answer, value: bigint): bigint {
  const settlement = settled(on, bids, answer);
  const { shares } = settlement;
  const { winner } = soldTo(settlement);
  const { paid, burned } = shares[0]!;
  return (isOf(winner, bids[0]!.name) ? value : 0n) - paid - burned;
}

/** The answers than which a seller that has seen the bids has none better. */
function bestAnswers(on: Offer, bids: readonly Bid[]): readonly Answer[] {
  const gains = ANSWERS.map((answer) => sellerGain(on, bids, answer));
  const best = gains.reduce((a, b) => (a > b ? a : b));
  return ANSWERS.filter((_, i) => gains[i] === best);
}

/** All offers, with this bond where the reserve is hidden. */
const offers = (bond: bigint): Offer[] =>
  AMOUNTS.flatMap((reserve) =>
    [null, ...AMOUNTS].flatMap((hidden) =>
      [null, ...AMOUNTS.slice(1)].map((shill) => ({
        reserve,
        hidden,
        bond: hidden === null ? 0n : bond,
        shill,
      })),
    ),
  ).filter(({ reserve, hidden }) => hidden === null || hidden >= reserve);

const shown = (name: string, amount: bigint): Bid => ({ name, amount, isShown: true });
const OTHERS: readonly (readonly Bid[])[] = [
  [],
  ...AMOUNTS.map((amount) => [shown("b", amount)]),
  ...AMOUNTS.flatMap((b) => AMOUNTS.filter((c) => c <= b).map((c) => [shown("b", b), shown("c", c)])),
];

/** Profiles in which a seller gains by not opening its reserve, or by hiding its shill, once it has seen the bids. */
function sellersWhoGain(on: readonly Offer[]): number {
  let count = 0;
  for (const one of on) {
    for (const bids of OTHERS) {
      const honest = sellerGain(one, bids, { opens: true, showsShill: true });
      if (ANSWERS.some((answer) => sellerGain(one, bids, answer) > honest)) count++;
    }
  }
  return count;
}

/** Profiles in which a bidder gains by another bid than its value, or by hiding its own. */
function biddersWhoGain(on: readonly Offer[]): number {
  let count = 0;
  for (const one of on) {
    for (const others of OTHERS) {
      for (const value of AMOUNTS) {
        const truth = [shown("a", value), ...others];
        const least = bestAnswers(one, truth)
          .map((answer) => surplus(one, truth, answer, value))
          .reduce((a, b) => (a < b ? a : b));
        const lies = AMOUNTS.flatMap((amount) =>
          [true, false].map((isShown) => ({ name: "a", amount, isShown })),
        );
        const gains = lies.some((lie) => {
          const bids = [lie, ...others];
          return bestAnswers(one, bids).some((answer) => surplus(one, bids, answer, value) > least);
        });
        if (gains) count++;
      }
    }
  }
  return count;
}

const BOND = leastBondOf({ lockups: [1n, LOCKUP] }, true);

describe("after looking", () => {
  it("a seller gains nothing by hiding its reserve or its shill", () => {
    expect(BOND).toBe(LOCKUP);
    expect(sellersWhoGain(offers(BOND))).toBe(0);
  });

  it("no bidder gains by a lie, though the seller answers each as is best for itself", () => {
    expect(biddersWhoGain(offers(BOND))).toBe(0);
  });

  it("with a bond that the second bid can exceed, both would", () => {
    const short = offers(LOCKUP - 2n);
    expect(sellersWhoGain(short)).toBeGreaterThan(0);
    expect(biddersWhoGain(short)).toBeGreaterThan(0);
  });

  it("without a hidden reserve there is nothing to back", () => {
    expect(leastBondOf({ lockups: [LOCKUP] }, false)).toBe(0n);
  });
});
