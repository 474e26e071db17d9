// The verifier: what it remembers, what it turns away, and that malformed input is refused without an exception.
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { agentKey } from "../../node/crypto/signer.js";
import { SignatureVerifier } from "../../node/crypto/verifier.js";
import { type Bytes, concatBytes, fromHex, taggedHash, toHex, utf8 } from "../../src/index.js";

const key = agentKey(new Uint8Array(32).fill(7));
const message = taggedHash("op", utf8("a message"));
const good = key.sign(message);

/** A signature of the right shape that no key made. */
const forged = (i: number): Bytes => {
  const bytes = Uint8Array.from(good);
  bytes[i % 32] = bytes[i % 32]! ^ (1 << (i >> 5));
  return bytes;
};

describe("the verifier", () => {
  const made: SignatureVerifier[] = [];
  const fresh = (waitingSlow = 256, waitingSlowEach = 8 * waitingSlow, verdicts = 64): SignatureVerifier => {
    const verifier = new SignatureVerifier({ verdicts, keys: 4, waitingSlow, waitingSlowEach });
    made.push(verifier);
    return verifier;
  };
  afterEach(async () => {
    await Promise.all(made.splice(0).map((verifier) => verifier.close()));
  });

  it("judges a question once: admission fills the memory that the step reads", async () => {
    const verifier = fresh();
    expect(await verifier.verifyAsync(key.publicKey, message, good)).toBe("valid");
    expect(await verifier.verifyAsync(key.publicKey, message, forged(1))).toBe("invalid");
    expect(verifier.counters).toEqual({ memoHits: 0, native: 1, slow: 1, overloaded: 0 });
    expect(verifier.verify(key.publicKey, message, good)).toBe(true);
    expect(verifier.verify(key.publicKey, message, forged(1))).toBe(false);
    expect(verifier.counters).toEqual({ memoHits: 2, native: 1, slow: 1, overloaded: 0 });
  });

  it("a verdict belongs to key, message and signature together", () => {
    const verifier = fresh();
    const other = agentKey(new Uint8Array(32).fill(8));
    expect(verifier.verify(key.publicKey, message, good)).toBe(true);
    expect(verifier.verify(other.publicKey, message, good)).toBe(false);
    expect(verifier.verify(key.publicKey, taggedHash("vote", utf8("a message")), good)).toBe(false);
    expect(verifier.verify(key.publicKey, concatBytes(message, message), good)).toBe(false);
  });

  it("a full slow lane gives no verdict, remembers none, and judges again later", async () => {
    const verifier = fresh(2);
    const asked = await Promise.all(
      Array.from({ length: 40 }, (_, i) => verifier.verifyAsync(key.publicKey, message, forged(i))),
    );
    const overloaded = asked.filter((verdict) => verdict === "overloaded").length;
    expect(overloaded).toBeGreaterThan(0);
    expect(asked.filter((verdict) => verdict === "invalid")).toHaveLength(40 - overloaded);
    expect(verifier.counters).toEqual({ memoHits: 0, native: 0, slow: 40 - overloaded, overloaded });
    expect(await verifier.verifyAsync(key.publicKey, message, forged(asked.indexOf("overloaded")))).toBe(
      "invalid",
    );
  });

  it("a sender finds its verdicts while others fill the slow lane, and one of them has much more to ask", async () => {
    const verifier = fresh(32);
    const done: string[] = [];
    const ask = (i: number, sender: string | null) =>
      verifier.verifyAsync(key.publicKey, message, forged(i), undefined, sender).then((verdict) => {
        if (verdict !== "overloaded") done.push(sender ?? "others");
        return verdict;
      });
    const others = Array.from({ length: 80 }, (_, i) => ask(i, null));
    const flood = Array.from({ length: 100 }, (_, i) => ask(80 + i, "seat 1"));
    const few = Array.from({ length: 8 }, (_, i) => ask(200 + i, "seat 2"));
    expect(await Promise.all(few)).toEqual(few.map(() => "invalid"));
    // Sixteen lie with the worker already; then each of the three has its turn.
    expect(done.lastIndexOf("seat 2")).toBeLessThan(16 + 3 * 8);
    expect(await Promise.all(others)).toContain("overloaded");
    expect(await Promise.all(flood)).not.toContain("overloaded");
  });

  it("what several senders ask is judged once, and no sender's long queue holds up what another asks too", async () => {
    const verifier = fresh(32, 256, 4096);
    const done: string[] = [];
    const ask = (i: number, sender: string) =>
      verifier.verifyAsync(key.publicKey, message, forged(i), undefined, sender).then((verdict) => {
        done.push(sender);
        return verdict;
      });
    const flood = Array.from({ length: 140 }, (_, i) => ask(i, "seat 1"));
    const pages = ["a", "b", "c", "d"].flatMap((peer) =>
      Array.from({ length: 20 }, (_, i) => ask(139 - i, peer)),
    );
    const verdicts = await Promise.all([...flood, ...pages]);
    expect(new Set(verdicts)).toEqual(new Set(["invalid"]));
    expect(verifier.counters).toMatchObject({ slow: 140, overloaded: 0 });
    const before = done.slice(0, done.lastIndexOf("a"));
    expect(before.filter((sender) => sender === "seat 1").length).toBeLessThan(100);
  });

  it("a sender with too much to ask is turned away too", async () => {
    const verifier = fresh(32, 4);
    const flood = Array.from({ length: 40 }, (_, i) =>
      verifier.verifyAsync(key.publicKey, message, forged(i), undefined, "seat 1"),
    );
    expect(await Promise.all(flood)).toContain("overloaded");
  });

  it("what OpenSSL refuses and noble accepts is told to be slow also when it is remembered", async () => {
    // A key of order 8, and as R the identity in a second encoding.
    const odd = fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")!;
    const sig = concatBytes(fromHex(`ee${"ff".repeat(30)}7f`)!, new Uint8Array(32));
    const verifier = fresh();
    let told = 0;
    const ask = (publicKey: Bytes, signature: Bytes) =>
      verifier.verifyAsync(publicKey, message, signature, () => told++);
    for (const times of [1, 2]) expect([await ask(odd, sig), told]).toEqual(["valid", times]);
    for (const _ of [1, 2]) expect([await ask(key.publicKey, good), told]).toEqual(["valid", 2]);
    const other = fresh();
    expect(other.verify(odd, message, sig)).toBe(true);
    expect(await other.verifyAsync(odd, message, sig, () => told++)).toBe("valid");
    expect(told).toBe(3);
  });

  it("good signatures do not wait behind a full slow lane", async () => {
    const verifier = fresh(1);
    const flood = Array.from({ length: 8 }, (_, i) =>
      verifier.verifyAsync(key.publicKey, message, forged(i)),
    );
    expect(await verifier.verifyAsync(key.publicKey, message, good)).toBe("valid");
    await Promise.all(flood);
  });

  it("a lane that is closed answers what waits without a verdict, and works again when asked again", async () => {
    const verifier = fresh();
    const waiting = Array.from({ length: 5 }, (_, i) =>
      verifier.verifyAsync(key.publicKey, message, forged(i)),
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    await verifier.close();
    for (const verdict of await Promise.all(waiting)) expect(["invalid", "overloaded"]).toContain(verdict);
    expect(await verifier.verifyAsync(key.publicKey, message, forged(40))).toBe("invalid");
  });

  it("a flood of forgeries does not make it forget good signatures", () => {
    const verifier = fresh();
    verifier.verify(key.publicKey, message, good);
    for (let i = 0; i < 80; i++) verifier.verify(key.publicKey, message, forged(i));
    const before = verifier.counters.memoHits;
    expect(verifier.verify(key.publicKey, message, good)).toBe(true);
    expect(verifier.counters.memoHits).toBe(before + 1);
  });

  it("random keys and signatures of any length are refused, never thrown", async () => {
    const verifier = fresh();
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
    );
    await fc.assert(
      fc.asyncProperty(anything, anything, fc.uint8Array({ maxLength: 100 }), async (k, m, s) => {
        expect(verifier.verify(k, m, s)).toBe(false);
        expect(await verifier.verifyAsync(k, m, s)).toBe("invalid");
      }),
      { numRuns: 100 },
    );
  });
});

describe("the signer", () => {
  it("makes the keys and signatures of RFC 8032, section 7.1", () => {
    const one = agentKey(fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")!);
    expect(toHex(one.publicKey)).toBe("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    expect(toHex(one.sign(new Uint8Array(0)))).toBe(
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    );
    const two = agentKey(fromHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")!);
    expect(toHex(two.publicKey)).toBe("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    expect(toHex(two.sign(Uint8Array.of(0x72)))).toBe(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
  });

  it("derives the same secret for one purpose and unrelated ones for two, and never the seed", () => {
    const again = agentKey(new Uint8Array(32).fill(7));
    expect(key.derive(utf8("salt"))).toEqual(again.derive(utf8("salt")));
    const derived = [key.derive(utf8("salt")), key.derive(utf8("box")), key.derive(new Uint8Array(0))].map(
      toHex,
    );
    expect(new Set([...derived, toHex(new Uint8Array(32).fill(7)), toHex(key.publicKey)]).size).toBe(5);
    expect(derived.every((hex) => hex.length === 64)).toBe(true);
  });

  it("derives what HKDF-SHA256 derives, so that another implementation can restore a bid", () => {
    // made with Python's hmac module: HMAC(HMAC(32 zero bytes, seed), "salt" ‖ 01)
    expect(toHex(key.derive(utf8("salt")))).toBe(
      "37ca6129e83b532abd53036733865308ae19499d367b79028e3314985b33a3c1",
    );
  });

  it("a change of the seed's bytes after the fact changes nothing", () => {
    const seed = new Uint8Array(32).fill(9);
    const signer = agentKey(seed);
    const before = [signer.sign(message), signer.derive(utf8("x"))];
    seed.fill(0);
    expect([signer.sign(message), signer.derive(utf8("x"))]).toEqual(before);
  });
});
