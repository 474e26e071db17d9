// Real signatures: the daemon's own pen and judge, for a run that leaves nothing ideal. Hundreds of times slower.
import { agentKey, SEED_BYTES } from "../../../../node/crypto/signer.js";
import { SignatureVerifier } from "../../../../node/crypto/verifier.js";
import type { Random } from "./random.js";
import type { Keyring } from "./signatures.js";

/** Ed25519 keys whose seeds are drawn from `random`, judged by ZIP-215. */
export function realSignatures(random: Random): Keyring {
  const verifier = new SignatureVerifier();
  return {
    key: () => agentKey(random.bytes(SEED_BYTES)),
    verify: (publicKey, message, signature) => verifier.verify(publicKey, message, signature),
  };
}
