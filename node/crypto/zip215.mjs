// The ZIP-215 verdict in full, by @noble/ed25519: slow (about 2 ms), and the last word on what OpenSSL refuses.
// JavaScript with checked types, because a worker thread runs this very file from the sources as well as from dist.
// @ts-check
import { createHash } from "node:crypto";
import { hashes, verify } from "@noble/ed25519";

hashes.sha512 = (message) => new Uint8Array(createHash("sha512").update(message).digest());

/**
 * Whether [8]([S]B − R − [k]A) = 0, with every encoding of A and R that ZIP-215 allows.
 * @param {Uint8Array} publicKey 32 bytes
 * @param {Uint8Array} message
 * @param {Uint8Array} signature 64 bytes, S < L
 * @returns {boolean} false, never an exception, for what is no point
 */
export function zip215(publicKey, message, signature) {
  try {
    return verify(signature, message, publicKey, { zip215: true });
  } catch {
    return false;
  }
}
