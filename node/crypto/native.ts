// Native Ed25519: libsodium's where its package has a binary for this machine, else OpenSSL's. It takes half the time.

import { verify as opensslVerify } from "node:crypto";
import { createRequire } from "node:module";
import type { Bytes } from "../../src/index.js";
import { NativeKeys } from "./native-keys.js";
import { Turns } from "./turns.js";

/**
 * Verification that accepts nothing which ZIP-215 refuses, since a cofactorless equation that holds implies the
 * cofactored one: an acceptance is final, a refusal says nothing. Keys have 32 bytes, signatures 64, and S < L.
 */
export interface NativeVerification {
  readonly library: "libsodium" | "OpenSSL";
  accepts(publicKey: Bytes, message: Bytes, signature: Bytes): boolean;
  /** The same without holding up the event loop for long. @param isUrgent it goes before those that are not */
  acceptsSoon(publicKey: Bytes, message: Bytes, signature: Bytes, isUrgent: boolean): Promise<boolean>;
}

/** The part of `sodium-native` that is used; arguments of other lengths make it throw. */
interface Sodium {
  crypto_sign_verify_detached(signature: Bytes, message: Bytes, publicKey: Bytes): boolean;
}

let sodium: Sodium | null | undefined;

/** Loaded when it is first needed: a command that verifies nothing pays nothing. Null: there is none for this machine. */
export function loadedSodium(): Sodium | null {
  if (sodium !== undefined) return sodium;
  try {
    sodium = createRequire(import.meta.url)("sodium-native") as Sodium;
  } catch {
    sodium = null;
  }
  return sodium;
}

/** @param keys of OpenSSL, kept; the least recently used goes first */
export function nativeVerification(keys: number): NativeVerification {
  const found = loadedSodium();
  return found === null ? opensslVerification(keys) : sodiumVerification(found);
}

/** In place, some in each turn of the event loop: handing one to another thread costs as much as half of it. */
export function sodiumVerification(library: Sodium): NativeVerification {
  const turns = new Turns();
  const accepts = (publicKey: Bytes, message: Bytes, signature: Bytes): boolean =>
    library.crypto_sign_verify_detached(signature, message, publicKey);
  return {
    library: "libsodium",
    accepts,
    acceptsSoon: (publicKey, message, signature, isUrgent) =>
      turns.take(() => accepts(publicKey, message, signature), isUrgent),
  };
}

/** On the thread pool. */
export function opensslVerification(kept: number): NativeVerification {
  const keys = new NativeKeys(kept);
  return {
    library: "OpenSSL",
    accepts(publicKey, message, signature) {
      const key = keys.of(publicKey);
      if (key === null) return false;
      try {
        return opensslVerify(null, message, key, signature);
      } catch {
        return false; // a key that this OpenSSL imports and then cannot use
      }
    },
    acceptsSoon(publicKey, message, signature) {
      const key = keys.of(publicKey);
      if (key === null) return Promise.resolve(false);
      return new Promise((resolve) => {
        opensslVerify(null, message, key, signature, (error, valid) => resolve(error === null && valid));
      });
    },
  };
}
