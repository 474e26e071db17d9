// Openings: made again from the key alone, readable by nobody else, and always of one length.
import { hkdfSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bytes, concatBytes, equalBytes, utf8 } from "../../src/base/index.js";
import {
  findRecovery,
  MAX_SEALED_BID_BYTES,
  openRecovery,
  RECOVERY_BYTES,
  reserveSaltOf,
  saltOf,
  sealOpening,
  taggedHash,
} from "../../src/crypto/index.js";
import { bidBytes } from "../../src/market/index.js";

const keyOf = (name: string) => {
  const secret = taggedHash("key", utf8(name));
  return {
    derive: (purpose: Bytes): Bytes =>
      new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(0), purpose, 32)),
  };
};
const ann = keyOf("ann");
const auction = taggedHash("auction", utf8("one"));
const other = taggedHash("auction", utf8("other"));

const opening = (amount: bigint, counter = 0) => ({
  bidBytes: bidBytes({ amount, units: null }),
  salt: saltOf(ann, auction, counter, bidBytes({ amount, units: null })),
});

describe("a sealed opening", () => {
  it("opens for its agent, auction and counter, for every amount, and has one length", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 9007199254740991n), fc.nat(100), (amount, counter) => {
        const sealed = sealOpening(ann, auction, counter, opening(amount, counter));
        expect(sealed).toHaveLength(RECOVERY_BYTES);
        expect(openRecovery(ann, auction, counter, sealed)).toEqual(opening(amount, counter));
      }),
    );
  });

  it("opens for nobody else, in no other auction, under no other counter", () => {
    const sealed = sealOpening(ann, auction, 3, opening(5n, 3));
    expect(openRecovery(keyOf("bob"), auction, 3, sealed)).toBeNull();
    expect(openRecovery(ann, other, 3, sealed)).toBeNull();
    expect(openRecovery(ann, auction, 4, sealed)).toBeNull();
  });

  it("is found by who forgot the counter", () => {
    const sealed = sealOpening(ann, auction, 7, opening(5n, 7));
    expect(findRecovery(ann, auction, 8, sealed)).toEqual({ ...opening(5n, 7), counter: 7 });
    expect(findRecovery(ann, auction, 7, sealed)).toBeNull();
  });

  it("with one changed byte opens not at all, and other lengths are no recoveries", () => {
    const sealed = sealOpening(ann, auction, 0, opening(5n));
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice();
      changed[at] = changed[at]! ^ 0x80;
      expect(openRecovery(ann, auction, 0, changed)).toBeNull();
    }
    expect(openRecovery(ann, auction, 0, sealed.slice(1))).toBeNull();
    expect(openRecovery(ann, auction, 0, new Uint8Array(RECOVERY_BYTES))).toBeNull();
  });

  it("never shares a nonce with another opening, and repeats itself exactly", () => {
    const first = sealOpening(ann, auction, 0, opening(5n));
    expect(sealOpening(ann, auction, 0, opening(5n))).toEqual(first);
    const second = sealOpening(ann, auction, 0, opening(6n));
    expect(equalBytes(first.slice(0, 24), second.slice(0, 24))).toBe(false);
    expect(equalBytes(first.slice(24), second.slice(24))).toBe(false);
  });

  it("has room for any bid of the market and none for more", () => {
    const salt = saltOf(ann, auction, 0, bidBytes({ amount: 1n, units: null }));
    expect(bidBytes({ amount: 9007199254740991n, units: null }).length).toBeLessThanOrEqual(
      MAX_SEALED_BID_BYTES,
    );
    expect(() =>
      sealOpening(ann, auction, 0, { bidBytes: new Uint8Array(MAX_SEALED_BID_BYTES + 1), salt }),
    ).toThrow("fits its recovery");
  });
});

describe("salts", () => {
  it("differ by agent, auction, counter, amount and purpose, and are the same again", () => {
    const [five, six] = [bidBytes({ amount: 5n, units: null }), bidBytes({ amount: 6n, units: null })];
    const all = [
      saltOf(ann, auction, 0, five),
      saltOf(ann, auction, 1, five),
      saltOf(ann, auction, 0, six),
      saltOf(ann, other, 0, five),
      saltOf(keyOf("bob"), auction, 0, five),
      reserveSaltOf(ann, auction, five),
      reserveSaltOf(ann, auction, six),
      reserveSaltOf(ann, other, five),
      ann.derive(concatBytes(utf8("recovery"), auction)),
    ];
    expect(new Set(all.map(String)).size).toBe(all.length);
    expect(saltOf(ann, auction, 1, five)).toEqual(all[1]);
  });
});
