// A pen for one Ed25519 key: the seed goes in and does not come out.
import { createPrivateKey, createPublicKey, hkdfSync, sign } from "node:crypto";
import { type AgentKey, type Bytes, invariant } from "../../src/index.js";

/** The head of a PKCS #8 private key for Ed25519 (RFC 8410); the 32 bytes of the seed follow. */
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");
export const SEED_BYTES = 32;
const DERIVED_BYTES = 32;

/**
 * The key of a 32-byte RFC 8032 seed: signs by OpenSSL (deterministic, synchronous), derives by HKDF-SHA256 of the
 * seed with no salt. Serves as the `Signer` of consensus and peer keys too.
 * The message must be a tagged hash: this pen does not know what it signs (spec/encoding#signatures).
 */
export function agentKey(seed: Bytes): AgentKey {
  invariant(seed.length === SEED_BYTES, `a seed has ${SEED_BYTES} bytes, not ${seed.length}`);
  const secret = Uint8Array.from(seed);
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, secret]),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return {
    publicKey: Uint8Array.from(spki.subarray(-32)),
    sign: (message) => Uint8Array.from(sign(null, message, privateKey)),
    derive: (purpose) =>
      new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(0), purpose, DERIVED_BYTES)),
  };
}
