// The shelf of a lane against a plain list: what waits of whom, which nonce is free, and who makes room.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LaneShelf, MAX_WAITING_PER_ACCOUNT } from "../../src/peer/lane-shelf.js";

interface One {
  readonly account: string;
  readonly nonce: number;
  own: boolean;
}

const NAMES = ["ann", "bob", "eve", "joe"];
const of = (account: string, nonce: number, own = false): One => ({ account, nonce, own });
const filled = (...all: readonly One[]) => {
  const shelf = new LaneShelf<One>();
  for (const one of all) shelf.add(one);
  return shelf;
};

describe("the shelf of a lane", () => {
  it("says what a plain list would, whatever is brought, posted, adopted and taken", () => {
    const action = fc.record({
      account: fc.constantFrom(...NAMES),
      nonce: fc.nat(6),
      own: fc.boolean(),
      what: fc.constantFrom("add", "add", "add", "delete", "adopt"),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
        const shelf = new LaneShelf<One>();
        let model: One[] = [];
        const brought = (name: string) => model.filter(({ account, own }) => account === name && !own);
        const since = new Map<string, number>();
        actions.forEach(({ account, nonce, own, what }, turn) => {
          const before = brought(account).length;
          const held = model.find((one) => one.account === account && one.nonce === nonce);
          if (what === "add" && held === undefined) {
            const one = of(account, nonce, own);
            shelf.add(one);
            model.push(one);
          } else if (what === "delete" && held !== undefined) {
            shelf.delete(held);
            model = model.filter((one) => one !== held);
          } else if (what === "adopt" && held?.own === false) {
            shelf.adopt(held);
            held.own = true;
          }
          if (brought(account).length !== before) since.set(account, turn);
          const greedy = (name: string): number => brought(name).length * 1000 - (since.get(name) ?? 0);
          const greediest = NAMES.reduce((first, name) => (greedy(name) > greedy(first) ? name : first));
          const last = brought(greediest).sort((a, b) => b.nonce - a.nonce)[0];
          for (const name of NAMES) {
            const nonces = model.filter((one) => one.account === name).map((one) => one.nonce);
            expect(shelf.countOf(name)).toBe(nonces.length);
            expect(shelf.freeNonce(name, 2)).toBe([2, 3, 4, 5, 6, 7].find((n) => !nonces.includes(n)));
            expect(shelf.at(name, nonce)?.own).toBe(
              model.find((one) => one.account === name && one.nonce === nonce)?.own,
            );
            const gives = brought(greediest).length > nonces.length + 1;
            expect(shelf.giveWayTo(of(name, 9))).toBe(gives ? last : null);
          }
        });
      }),
      { numRuns: 200 },
    );
  });

  it("finds whose turn it is, whose can come, and whose is over, as a look at each would", () => {
    const action = fc.record({
      account: fc.constantFrom(...NAMES),
      nonce: fc.nat(6),
      what: fc.constantFrom("add", "add", "add", "delete", "use"),
      ahead: fc.array(fc.record({ account: fc.constantFrom(...NAMES), nonce: fc.nat(6) }), { maxLength: 6 }),
    });
    const named = (all: Iterable<One>): readonly string[] =>
      [...all].map(({ account, nonce }) => `${account}/${nonce}`).sort();
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const nexts = new Map<string, number>();
        const nextOf = (account: string): number => nexts.get(account) ?? 0;
        const shelf = new LaneShelf<One>(nextOf);
        let model: One[] = [];
        for (const { account, nonce, what, ahead } of actions) {
          const held = model.find((one) => one.account === account && one.nonce === nonce);
          if (what === "add" && held === undefined) {
            model.push(of(account, nonce));
            shelf.add(model.at(-1)!);
          } else if (what === "delete" && held !== undefined) {
            shelf.delete(held);
            model = model.filter((one) => one !== held);
          } else if (what === "use") {
            nexts.set(account, nextOf(account) + 1);
            shelf.follow(account);
          }
          const after = new Map<string, number>();
          for (const one of ahead) {
            const next = after.get(one.account) ?? nextOf(one.account);
            if (one.nonce === next) after.set(one.account, next + 1);
          }
          const canCome = model.filter((one) => {
            const from = after.get(one.account) ?? nextOf(one.account);
            const nonces = model.filter((other) => other.account === one.account).map((other) => other.nonce);
            const between = Array.from({ length: Math.max(0, one.nonce - from) }, (_, i) => from + i);
            return one.nonce >= from && between.every((earlier) => nonces.includes(earlier));
          });
          expect(named(shelf.inTurn(ahead))).toEqual(named(canCome));
          expect(named(shelf.first())).toEqual(
            named(model.filter((one) => one.nonce === nextOf(one.account))),
          );
          for (const name of NAMES) {
            const mine = model.filter((one) => one.account === name);
            expect(named(shelf.of(name))).toEqual(named(mine));
            expect(named(shelf.usedOf(name))).toEqual(named(mine.filter((one) => one.nonce < nextOf(name))));
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("has no nonce free of an account that has as many as its window", () => {
    const window = Array.from({ length: MAX_WAITING_PER_ACCOUNT }, (_, nonce) => of("ann", nonce));
    for (const next of [0, 1]) expect(filled(...window).freeNonce("ann", next)).toBeNull();
    expect(filled(...window).freeNonce("bob", 0)).toBe(0);
    expect(filled(...window.slice(1)).freeNonce("ann", 0)).toBe(0);
  });

  it("gives way to who would still have less, and to nobody else", () => {
    const shelf = filled(of("ann", 0), of("ann", 2), of("ann", 1), of("bob", 0));
    expect(shelf.giveWayTo(of("eve", 0))).toEqual(of("ann", 2));
    expect(shelf.giveWayTo(of("bob", 1))).toEqual(of("ann", 2));
    shelf.add(of("bob", 1));
    expect(shelf.giveWayTo(of("bob", 2))).toBeNull();
    expect(shelf.giveWayTo(of("ann", 3))).toBeNull();
  });

  it("of accounts with as many the one that has been so greedy longest gives way", () => {
    const shelf = filled(of("bob", 0), of("ann", 0), of("ann", 1), of("bob", 1));
    expect(shelf.giveWayTo(of("eve", 0))?.account).toBe("ann");
  });
});
