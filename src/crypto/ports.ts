// What the protocol asks of the world about signatures: a verdict, and a pen.
import type { Bytes } from "../base/index.js";

/**
 * The ZIP-215 verdict on an Ed25519 signature: the same on every machine (spec/encoding#S1).
 * Synchronous and total: malformed keys and signatures are `false`, never thrown.
 */
export interface Verifier {
  verify(publicKey: Bytes, message: Bytes, signature: Bytes): boolean;
}

/** One Ed25519 key that signs; the secret stays behind it. */
export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Bytes;
  /** 64 bytes. The message is always a tagged hash (domain separation). */
  sign(message: Bytes): Bytes;
}

/** The key of an agent: it signs, and yields secrets that only its holder can make again. */
export interface AgentKey extends Signer {
  /** 32 bytes, the same at every call: HKDF-SHA256 of the secret, `purpose` (at most 1024 bytes) as its info. */
  derive(purpose: Bytes): Bytes;
}
