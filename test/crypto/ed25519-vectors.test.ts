// One verdict for every signature: the edge cases of the vector file, by every path, on whatever Node runs this.
import { readFileSync } from "node:fs";
import { Point } from "@noble/ed25519";
import { afterAll, describe, expect, it } from "vitest";
import { loadedSodium, opensslVerification, sodiumVerification } from "../../node/crypto/native.js";
import { SignatureVerifier, VERIFIER_LIMITS } from "../../node/crypto/verifier.js";
import { zip215 } from "../../node/crypto/zip215.mjs";
import { type Bytes, fromHex, isSmallOrder, toHex } from "../../src/index.js";
import { type SignatureCase, signatureCases, torsionEncodings } from "./ed25519-cases.js";

const FILE = new URL("../vectors/ed25519.json", import.meta.url);
const read = () => JSON.parse(readFileSync(FILE, "utf8")) as { readonly cases: readonly SignatureCase[] };
const bytesOf = (one: SignatureCase): [Bytes, Bytes, Bytes] => [
  fromHex(one.publicKey)!,
  fromHex(one.message)!,
  fromHex(one.signature)!,
];

/** Machines without a binary of libsodium have OpenSSL alone; where tests run there are both. */
const NATIVES = [
  ["libsodium", () => sodiumVerification(loadedSodium()!)],
  ["OpenSSL", () => opensslVerification(64)],
] as const;

describe.each(NATIVES)("ed25519 vectors, by %s", (library, native) => {
  const verifier = new SignatureVerifier(VERIFIER_LIMITS, native());
  afterAll(() => verifier.close());

  it("is what it says", () => expect(native().library).toBe(library));

  it("the file holds exactly the constructed cases", async () => {
    const document = {
      about:
        "Ed25519 signatures and their ZIP-215 verdict; hexadecimal; made by test/crypto/ed25519-cases.ts",
      cases: signatureCases(),
    };
    await expect(`${JSON.stringify(document, null, 1)}\n`).toMatchFileSnapshot("../vectors/ed25519.json");
  });

  it("every case has its ZIP-215 verdict, and has it again from memory", () => {
    const { cases } = read();
    expect(cases.length).toBeGreaterThan(270);
    const verdicts = cases.map((one) => verifier.verify(...bytesOf(one)));
    expect(verdicts).toEqual(cases.map((one) => one.valid));
    const hits = verifier.counters.memoHits;
    expect(cases.map((one) => verifier.verify(...bytesOf(one)))).toEqual(verdicts);
    expect(verifier.counters.memoHits - hits).toBeGreaterThan(270);
  });

  it("admission in turns or by thread pool, and by worker, gives the same verdicts", async () => {
    const { cases } = read();
    const limits = { verdicts: 4096, keys: 64, waitingSlow: cases.length, waitingSlowEach: 0 };
    const fresh = new SignatureVerifier(limits, native());
    const verdicts = await Promise.all(cases.map((one) => fresh.verifyAsync(...bytesOf(one))));
    expect(verdicts).toEqual(cases.map((one) => (one.valid ? "valid" : "invalid")));
    expect(fresh.counters.slow).toBeGreaterThan(0);
    await fresh.close();
  });

  it("what it accepts, ZIP-215 accepts: its acceptance is final", () => {
    let accepted = 0;
    for (const one of read().cases) {
      const [publicKey, message, signature] = bytesOf(one);
      if (publicKey.length !== 32 || signature.length !== 64) continue;
      if (!native().accepts(publicKey, message, signature)) continue;
      accepted++;
      expect(zip215(publicKey, message, signature), one.name).toBe(true);
    }
    expect(accepted).toBeGreaterThan(0);
  });
});

describe("small-order keys", () => {
  it("all 14 encodings of the 8 torsion points are known, and no other encoding of their y is missed", () => {
    expect(torsionEncodings()).toHaveLength(14);
    for (const encoding of torsionEncodings()) {
      expect(isSmallOrder(encoding), toHex(encoding)).toBe(true);
      expect(Point.fromBytes(encoding, true).isSmallOrder()).toBe(true);
    }
  });

  it("keys of large and of mixed order are not of small order", () => {
    const T = Point.fromBytes(torsionEncodings().find((one) => toHex(one).startsWith("c7176a"))!, true);
    for (let i = 1n; i < 50n; i++) {
      const point = Point.BASE.multiply(i);
      expect(isSmallOrder(point.toBytes())).toBe(false);
      expect(isSmallOrder(point.add(T).toBytes())).toBe(false);
    }
  });

  it("no encoding near 0, 1 or p is of small order unless the curve says so", () => {
    for (let low = 0; low < 256; low++) {
      for (const top of [0x00, 0x80]) {
        for (const fill of [0x00, 0xff]) {
          const bytes = new Uint8Array(32).fill(fill);
          bytes[0] = low;
          bytes[31] = fill === 0 ? top : 0x7f | top;
          expect(isSmallOrder(bytes), toHex(bytes)).toBe(decodesToSmallOrder(bytes));
        }
      }
    }
  });

  it("bytes of another length are no key, hence no small-order key", () => {
    expect([0, 31, 33, 64].map((length) => isSmallOrder(new Uint8Array(length)))).toEqual(
      Array(4).fill(false),
    );
  });
});

function decodesToSmallOrder(bytes: Bytes): boolean {
  try {
    return Point.fromBytes(bytes, true).isSmallOrder();
  } catch {
    return false;
  }
}
