// Signatures of keys that the tests hold, judged by making them again: as unforgeable, and cheap also where they are bad.
import type { Judge } from "../../node/admission/member-admission.js";
import { type Bytes, equalBytes, toHex } from "../../src/base/index.js";
import type { AgentKey, Verifier } from "../../src/crypto/index.js";
import { idOf, keyOf } from "../peer/cluster.js";

const NAMES = [
  "sue",
  "bo",
  "cy",
  "di",
  "follower",
  "faucet",
  "seat 0",
  "seat 1",
  "seat 2",
  "seat 3",
] as const;
const KEYS: ReadonlyMap<string, AgentKey> = new Map(NAMES.map((name) => [toHex(idOf(name)), keyOf(name)]));

/** The key behind a public key; null: nobody's here. */
export const keyBehind = (publicKey: Bytes): AgentKey | null => KEYS.get(toHex(publicKey)) ?? null;

const MAX_MEMORY = 20_000;
const made = new Map<string, Bytes>();

function signatureOf(key: AgentKey, message: Bytes): Bytes {
  const name = `${toHex(key.publicKey)} ${toHex(message)}`;
  const known = made.get(name);
  if (known !== undefined) return known;
  if (made.size > MAX_MEMORY) made.clear();
  const signature = key.sign(message);
  made.set(name, signature);
  return signature;
}

/** An Ed25519 signature is a function of key and message: whoever can make it need not run the curve to judge it. */
export const knownKeys: Verifier & Judge = {
  verify(publicKey, message, signature) {
    const key = keyBehind(publicKey);
    return key !== null && equalBytes(signatureOf(key, message), signature);
  },
  recalled: () => undefined,
  async verifyAsync(publicKey, message, signature) {
    return knownKeys.verify(publicKey, message, signature) ? "valid" : "invalid";
  },
};
