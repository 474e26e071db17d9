// Seals a seed under a passphrase: XChaCha20-Poly1305, with a key that scrypt makes expensive to guess (spec/api#keys).
import { randomBytes, scrypt } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { Bytes } from "../../src/index.js";

/** 128 MiB and some tenths of a second for each guess. */
export const SCRYPT = { n: 1 << 17, r: 8, p: 1 } as const;
export const SALT_BYTES = 32;
export const NONCE_BYTES = 24;

export interface Sealed {
  readonly salt: Bytes;
  readonly nonce: Bytes;
  /** the seed's length and 16 bytes of authentication */
  readonly ciphertext: Bytes;
}

function stretch(passphrase: string, salt: Bytes): Promise<Bytes> {
  const { n, r, p } = SCRYPT;
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, 32, { N: n, r, p, maxmem: 256 * n * r }, (error, key) => {
      if (error === null) resolve(new Uint8Array(key));
      else reject(error);
    });
  });
}

/** @param context what the seed is for: authenticated with it, so that a sealed seed opens only in its own file */
export async function seal(seed: Bytes, passphrase: string, context: Bytes): Promise<Sealed> {
  const salt = new Uint8Array(randomBytes(SALT_BYTES));
  const nonce = new Uint8Array(randomBytes(NONCE_BYTES));
  const cipher = xchacha20poly1305(await stretch(passphrase, salt), nonce, context);
  return { salt, nonce, ciphertext: cipher.encrypt(seed) };
}

/** The seed, or null: a wrong passphrase, or bytes that were changed. Cryptography cannot tell which. */
export async function unseal(sealed: Sealed, passphrase: string, context: Bytes): Promise<Bytes | null> {
  const cipher = xchacha20poly1305(await stretch(passphrase, sealed.salt), sealed.nonce, context);
  try {
    return cipher.decrypt(sealed.ciphertext);
  } catch {
    return null;
  }
}
