// The cheap expectation says what the usual one does.
import { expect, test } from "vitest";
import { expectSame } from "./same.js";

test.each<[unknown, unknown, boolean]>([
  [1n, 1n, true],
  [1n, 2n, false],
  [1, 1n, false],
  [true, false, false],
  [null, undefined, false],
  [{ a: [1n, new Map([["b", 2n]])] }, { a: [1n, new Map([["b", 2n]])] }, true],
  [{ a: [1n, new Map([["b", 2n]])] }, { a: [1n, new Map([["b", 3n]])] }, false],
  [Uint8Array.of(1, 2), Uint8Array.of(1, 2), true],
  [Uint8Array.of(1, 2), Uint8Array.of(1, 3), false],
  [[1, 2], [1, 2, 3], false],
  [{ a: 1, b: undefined }, { a: 1 }, true],
])("of %o beside %o", (got, wanted, isSame) => {
  const usual = () => expect(got).toEqual(wanted);
  const cheap = () => expectSame(got, wanted);
  for (const one of [usual, cheap]) isSame ? one() : expect(one).toThrow(/expected/);
});
