// Openings: what opens a commitment, made again from the agent's key, and sealed to oneself for the log to keep.
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concatBytes, type Hash, invariant, u64be, utf8 } from "../base/index.js";
import type { AgentKey } from "./ports.js";

/** The fixed length of a sealed opening: a nonce, a tag, and a plaintext padded to one length (spec/auctions#R6). */
export const RECOVERY_BYTES = 96;
const NONCE_BYTES = 24;
const TAG_BYTES = 16;
const SALT_BYTES = 32;
const PLAIN_BYTES = RECOVERY_BYTES - NONCE_BYTES - TAG_BYTES;
/** What is left for a bid: the plaintext is its length, itself, zeros, and the salt. */
export const MAX_SEALED_BID_BYTES = PLAIN_BYTES - SALT_BYTES - 1;

/** A sealed bid's canonical bytes and the salt it was committed with. */
export interface Opening {
  readonly bidBytes: Bytes;
  readonly salt: Bytes;
}

type Secret = Pick<AgentKey, "derive">;

const derived = (key: Secret, purpose: string, auction: Hash, counter: number): Bytes =>
  key.derive(concatBytes(utf8(purpose), auction, u64be(counter)));

/**
 * The salt of an agent's `counter`-th bid in an auction: HKDF(key, 'salt' ‖ auction ‖ counter ‖ bid). The bid is in it,
 * since a counter can come again where a disk was lost: a salt that is shown must not tell of another bid (ADR 0031).
 */
export const saltOf = (key: Secret, auction: Hash, counter: number, bidBytes: Bytes): Bytes =>
  key.derive(concatBytes(utf8("salt"), auction, u64be(counter), bidBytes));

/**
 * The salt of an agent's hidden reserve in an auction: HKDF(key, 'reserve' ‖ auction ‖ reserve). The reserve is in it,
 * since an auction's id can come again where its creation failed (ADR 0031).
 */
export const reserveSaltOf = (key: Secret, auction: Hash, reserveBytes: Bytes): Bytes =>
  key.derive(concatBytes(utf8("reserve"), auction, reserveBytes));

/**
 * Seals an opening to the agent itself, in exactly `RECOVERY_BYTES` (spec/auctions#R6).
 * The nonce is a keyed hash of the plaintext: the same opening seals to the same bytes, and two openings never
 * share a nonce, even when a restored machine counts anew.
 * @param opening a bid of at most `MAX_SEALED_BID_BYTES` bytes and a salt of 32
 */
export function sealOpening(key: Secret, auction: Hash, counter: number, opening: Opening): Bytes {
  invariant(opening.bidBytes.length <= MAX_SEALED_BID_BYTES, "a bid fits its recovery");
  invariant(opening.salt.length === SALT_BYTES, "a salt has 32 bytes");
  const plain = new Uint8Array(PLAIN_BYTES);
  plain[0] = opening.bidBytes.length;
  plain.set(opening.bidBytes, 1);
  plain.set(opening.salt, PLAIN_BYTES - SALT_BYTES);
  const nonce = nonceOf(key, auction, counter, plain);
  const cipher = xchacha20poly1305(derived(key, "recovery", auction, counter), nonce, auction);
  return concatBytes(nonce, cipher.encrypt(plain));
}

/**
 * The opening that `recovery` holds, if this key sealed it for this auction and counter; null otherwise.
 * Total: bytes from anywhere may be given.
 */
export function openRecovery(key: Secret, auction: Hash, counter: number, recovery: Bytes): Opening | null {
  if (recovery.length !== RECOVERY_BYTES) return null;
  const nonce = recovery.subarray(0, NONCE_BYTES);
  const plain = decrypted(
    derived(key, "recovery", auction, counter),
    nonce,
    auction,
    recovery.subarray(NONCE_BYTES),
  );
  if (plain === null) return null;
  const length = plain[0]!;
  if (length > MAX_SEALED_BID_BYTES) return null;
  return { bidBytes: plain.slice(1, 1 + length), salt: plain.slice(PLAIN_BYTES - SALT_BYTES) };
}

/**
 * Tries counters 0..`counters`−1: whoever restored the key alone does not remember how often it has bid.
 * @returns the opening and its counter, or null if no counter in the range fits
 */
export function findRecovery(
  key: Secret,
  auction: Hash,
  counters: number,
  recovery: Bytes,
): (Opening & { readonly counter: number }) | null {
  for (let counter = 0; counter < counters; counter++) {
    const opening = openRecovery(key, auction, counter, recovery);
    if (opening !== null) return { ...opening, counter };
  }
  return null;
}

const nonceOf = (key: Secret, auction: Hash, counter: number, plain: Bytes): Bytes =>
  hmac(sha256, derived(key, "recovery-nonce", auction, counter), plain).slice(0, NONCE_BYTES);

/** The cipher says by throwing that a tag does not fit; here that is an answer. */
function decrypted(key: Bytes, nonce: Bytes, auction: Hash, sealed: Bytes): Bytes | null {
  try {
    return xchacha20poly1305(key, nonce, auction).decrypt(sealed);
  } catch {
    return null;
  }
}
