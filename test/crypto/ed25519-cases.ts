// The Ed25519 edge cases on which libraries disagree, constructed from the curve: the 196 pairs of ZIP-215, and those
// of "Taming the many EdDSAs" (mixed orders, cofactored equations, non-canonical encodings, S ≥ L).
import { createHash } from "node:crypto";
import { Point } from "@noble/ed25519";
import { type Bytes, concatBytes, fromHex, toHex, utf8 } from "../../src/index.js";

export interface SignatureCase {
  readonly name: string;
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
  readonly valid: boolean;
}

const L = Point.CURVE().n;
const P = Point.CURVE().p;
/** A generator of the torsion subgroup. */
const T8 = Point.fromBytes(fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")!);
const MESSAGE = utf8("Zcash");

const littleEndian = (value: bigint): Bytes =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));

const integer = (bytes: Bytes): bigint => BigInt(`0x${toHex(bytes.toReversed()) || "0"}`);

/** k = SHA-512(R ‖ A ‖ M) mod L, over the encodings as they travel. */
const challenge = (R: Bytes, A: Bytes, message: Bytes): bigint =>
  integer(createHash("sha512").update(R).update(A).update(message).digest()) % L;

const times = (point: Point, scalar: bigint): Point =>
  scalar % (8n * L) === 0n ? Point.ZERO : point.multiplyUnsafe(scalar);

const secretOf = (name: string): bigint =>
  integer(createHash("sha512").update(`mabeam vector ${name}`).digest()) % L;

const a = secretOf("a");
const r = secretOf("r");
const A = Point.BASE.multiply(a);
const R = Point.BASE.multiply(r);
const torsion = (i: number): Point => times(T8, BigInt(i));

/** The 14 encodings that ZIP-215 decodes to the 8 torsion points: canonical, with y + p, and with the sign of −0. */
export function torsionEncodings(): readonly Bytes[] {
  const found = new Map<string, Bytes>();
  for (let i = 0; i < 8; i++) {
    const { x, y } = torsion(i).toAffine();
    const signs = x === 0n ? [0n, 1n] : [x & 1n];
    for (const value of [y, y + P]) {
      if (value >= 1n << 255n) continue;
      for (const sign of signs) {
        const bytes = littleEndian(value | (sign << 255n));
        found.set(toHex(bytes), bytes);
      }
    }
  }
  return [...found.keys()].sort().map((hex) => found.get(hex)!);
}

function of(
  name: string,
  valid: boolean,
  publicKey: Bytes,
  r: Bytes,
  s: bigint | Bytes,
  message = MESSAGE,
): SignatureCase {
  const S = typeof s === "bigint" ? littleEndian(s) : s;
  return {
    name,
    publicKey: toHex(publicKey),
    message: toHex(message),
    signature: toHex(concatBytes(r, S)),
    valid,
  };
}

/** A signature whose S satisfies the equation up to torsion, for any encodings of A = aB + … and R = rB + …. */
function solved(
  name: string,
  publicKey: Bytes,
  rBytes: Bytes,
  secret: bigint,
  nonce: bigint,
  message = MESSAGE,
): SignatureCase {
  const k = challenge(rBytes, publicKey, message);
  return of(name, true, publicKey, rBytes, (nonce + k * secret) % L, message);
}

/** The least counter as message for which the challenge obeys `wanted`. */
function messageWhere(rBytes: Bytes, publicKey: Bytes, wanted: (k: bigint) => boolean): Bytes {
  for (let i = 0; ; i++) {
    const message = utf8(`message ${i}`);
    if (wanted(challenge(rBytes, publicKey, message))) return message;
  }
}

function smallPairs(): SignatureCase[] {
  const encodings = torsionEncodings();
  return encodings.flatMap((key, i) =>
    encodings.map((r, j) => of(`small order: A ${i}, R ${j}, S = 0`, true, key, r, 0n)),
  );
}

function mixedOrders(): SignatureCase[] {
  const cases: SignatureCase[] = [];
  for (const i of [1, 2, 4, 7]) {
    const order = i === 4 ? 2 : i === 2 ? 4 : 8;
    const mixedA = A.add(torsion(i)).toBytes();
    const mixedR = R.add(torsion(i)).toBytes();
    const plainR = R.toBytes();
    const name = `torsion ${i} of order ${order}`;
    for (const divides of [true, false]) {
      const message = messageWhere(plainR, mixedA, (k) => (k % BigInt(order) === 0n) === divides);
      const equation = divides ? "also without the cofactor" : "only with the cofactor";
      cases.push(solved(`mixed A: ${name}, holds ${equation}`, mixedA, plainR, a, r, message));
    }
    cases.push(solved(`mixed R: ${name}, holds only with the cofactor`, A.toBytes(), mixedR, a, r));
    for (const cancels of [true, false]) {
      const message = messageWhere(mixedR, mixedA, (k) => ((k + 1n) % BigInt(order) === 0n) === cancels);
      const equation = cancels ? "also without the cofactor" : "only with the cofactor";
      cases.push(solved(`mixed A and R: ${name}, holds ${equation}`, mixedA, mixedR, a, r, message));
    }
  }
  return cases;
}

function smallAndLarge(): SignatureCase[] {
  return torsionEncodings().flatMap((encoding, i) => [
    solved(`small A ${i}, R of large order`, encoding, R.toBytes(), 0n, r),
    solved(`A of large order, small R ${i}`, A.toBytes(), encoding, a, 0n),
    of(`small A ${i}, R of large order, S = 0`, false, encoding, R.toBytes(), 0n),
    of(`A of large order, small R ${i}, S = 0`, false, A.toBytes(), encoding, 0n),
  ]);
}

/** The challenge must be taken over the encodings as they travel, not over what they decode to. */
function otherChallenges(): SignatureCase[] {
  const minusZero = littleEndian(1n | (1n << 255n));
  const identity = Point.ZERO.toBytes();
  const k = challenge(identity, A.toBytes(), MESSAGE);
  return [of("challenge over a re-encoded R", false, A.toBytes(), minusZero, (k * a) % L)];
}

function scalarsOutOfRange(): SignatureCase[] {
  const key = A.toBytes();
  const nonce = R.toBytes();
  const s = (r + challenge(nonce, key, MESSAGE) * a) % L;
  const small = torsionEncodings()[0]!;
  return [
    of("S + L", false, key, nonce, s + L),
    of("S + 8L", false, key, nonce, s + 8n * L),
    of("S + 14L", false, key, nonce, s + 14n * L),
    of("S = L, small A and R", false, small, small, L),
    of("S = L − 1, small A and R", false, small, small, L - 1n),
    of("S = 2^256 − 1", false, key, nonce, (1n << 256n) - 1n),
    of("S with its highest bit set", false, key, nonce, s | (1n << 255n)),
  ];
}

/** The encoding of the least y ≥ `from` that is on the curve, or is not. */
function encodingOf(from: bigint, onCurve: boolean): Bytes {
  for (let y = from; ; y++) {
    const bytes = littleEndian(y);
    let decoded = true;
    try {
      Point.fromBytes(bytes, true);
    } catch {
      decoded = false;
    }
    if (decoded === onCurve) return bytes;
  }
}

function notPoints(): SignatureCase[] {
  const off = encodingOf(2n, false);
  const offAboveP = encodingOf(P + 2n, false);
  const largeAboveP = encodingOf(P + 2n, true);
  const key = A.toBytes();
  return [
    of("A not on the curve", false, off, R.toBytes(), 0n),
    of("R not on the curve", false, key, off, (challenge(off, key, MESSAGE) * a) % L),
    of("A not on the curve, y above p", false, offAboveP, R.toBytes(), 0n),
    of("R not on the curve, y above p", false, key, offAboveP, 0n),
    of("A of large order with y above p, S = 0", false, largeAboveP, R.toBytes(), 0n),
    of("R of large order with y above p, S = 0", false, key, largeAboveP, 0n),
  ];
}

function plain(): SignatureCase[] {
  const good = solved("a plain signature", A.toBytes(), R.toBytes(), a, r);
  const changed = (hex: string): string => (hex.startsWith("0") ? "1" : "0") + hex.slice(1);
  const s = good.signature;
  return [
    good,
    solved("a plain signature of the empty message", A.toBytes(), R.toBytes(), a, r, new Uint8Array(0)),
    { ...good, name: "another message", message: changed(good.message), valid: false },
    { ...good, name: "another key", publicKey: toHex(Point.BASE.multiply(a + 1n).toBytes()), valid: false },
    { ...good, name: "R changed", signature: changed(s), valid: false },
    { ...good, name: "S changed", signature: s.slice(0, 64) + changed(s.slice(64)), valid: false },
    { ...good, name: "signature of 63 bytes", signature: s.slice(0, 126), valid: false },
    { ...good, name: "signature of 65 bytes", signature: `${s}00`, valid: false },
    { ...good, name: "no signature", signature: "", valid: false },
    { ...good, name: "key of 31 bytes", publicKey: good.publicKey.slice(0, 62), valid: false },
    { ...good, name: "key of 33 bytes", publicKey: `${good.publicKey}00`, valid: false },
    { ...good, name: "no key", publicKey: "", valid: false },
  ];
}

export const signatureCases = (): readonly SignatureCase[] => [
  ...plain(),
  ...smallPairs(),
  ...smallAndLarge(),
  ...mixedOrders(),
  ...otherChallenges(),
  ...scalarsOutOfRange(),
  ...notPoints(),
];
