// Ideal signatures: unforgeable because only the registry knows the secrets, and a thousand times cheaper than curves.
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concatBytes } from "../../../../src/base/index.js";
import type { AgentKey, Verifier } from "../../../../src/crypto/index.js";
import type { Random } from "./random.js";

/** Where the keys of a simulated world come from, and who judges their signatures. */
export interface Keyring extends Verifier {
  /** another key at each call; the same ones in the same order for the same seed */
  key(): AgentKey;
}

interface Key {
  readonly publicKey: Bytes;
  readonly secret: Uint32Array;
}

/**
 * Every key of one simulated world. A signature is 64 bytes mixed from a secret and the message, and is verified by
 * making it again; nothing but `sign` leads from a message to its signature.
 */
export class IdealSignatures implements Keyring {
  private readonly keys = new Map<number, Key>();

  constructor(private readonly random: Random) {}

  key(): AgentKey {
    let publicKey = this.random.bytes(32);
    while (this.keys.has(keyNumber(publicKey))) publicKey = this.random.bytes(32);
    const key = { publicKey, secret: Uint32Array.from({ length: 16 }, () => this.random.word()) };
    this.keys.set(keyNumber(publicKey), key);
    const secret = new Uint8Array(key.secret.buffer);
    return {
      publicKey,
      sign: (message) => signatureOf(key, message),
      derive: (purpose) => sha256(concatBytes(secret, purpose)),
    };
  }

  verify(publicKey: Bytes, message: Bytes, signature: Bytes): boolean {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    const key = this.keys.get(keyNumber(publicKey));
    if (key === undefined) return false;
    for (let i = 0; i < 32; i++) if (key.publicKey[i] !== publicKey[i]) return false;
    const expected = signatureOf(key, message);
    for (let i = 0; i < 64; i++) if (expected[i] !== signature[i]) return false;
    return true;
  }
}

const keyNumber = (key: Bytes): number => (key[0]! << 24) | (key[1]! << 16) | (key[2]! << 8) | key[3]!;

/** Two passes over the message, each word of the result keyed by its own word of the secret. */
function signatureOf(key: Key, message: Bytes): Bytes {
  const { secret } = key;
  let a = secret[0]! ^ message.length;
  let b = secret[1]!;
  for (let i = 0; i < message.length; i++) {
    a = Math.imul(a ^ message[i]!, 0x01000193);
    b = Math.imul(b ^ message[i]! ^ (a >>> 13), 0x85ebca6b);
  }
  const signature = new Uint8Array(64);
  for (let i = 0; i < 16; i++) {
    a = Math.imul(a ^ secret[i]! ^ (b >>> 15), 0xc2b2ae35);
    b = Math.imul(b ^ a ^ (a >>> 16), 0x9e3779b1);
    const word = a ^ b;
    signature[4 * i] = word;
    signature[4 * i + 1] = word >>> 8;
    signature[4 * i + 2] = word >>> 16;
    signature[4 * i + 3] = word >>> 24;
  }
  return signature;
}
