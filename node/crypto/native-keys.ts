// Keys as OpenSSL wants them, made once per public key and kept: making one costs as much as a verification.
import { createPublicKey, type KeyObject } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Bytes } from "../../src/index.js";

/** The head of a SubjectPublicKeyInfo for Ed25519 (RFC 8410); the 32 bytes of the key follow. */
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");

export class NativeKeys {
  private readonly keys: LRUCache<string, KeyObject>;

  /** @param max keys kept; the least recently used goes first */
  constructor(max: number) {
    this.keys = new LRUCache({ max });
  }

  /** The key object of 32 bytes, or null if this OpenSSL does not take them as a key. */
  of(publicKey: Bytes): KeyObject | null {
    const name = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length).toString("latin1");
    const known = this.keys.get(name);
    if (known !== undefined) return known;
    try {
      const made = createPublicKey({
        key: Buffer.concat([SPKI_HEAD, publicKey]),
        format: "der",
        type: "spki",
      });
      this.keys.set(name, made);
      return made;
    } catch {
      return null;
    }
  }
}
