// Test keys: every key of a testnet, from its seed. PUBLICLY KNOWN: whoever knows the seed has them all.
import { type Bytes, invariant, utf8 } from "../src/base/index.js";
import { taggedHash } from "../src/crypto/index.js";

/** What a test key is for: a transport identity, a vote, the owner of a seat's bond, a trader, a guest, or the faucet. */
export type TestKeyRole = "peer" | "seat" | "seat-owner" | "agent" | "guest" | "faucet";

/** A testnet's seed is an integer 0..2^53−1, so that people can type it. */
export const isSeed = (seed: number): boolean => Number.isSafeInteger(seed) && seed >= 0;

/**
 * The 32-byte Ed25519 seed of the key with this role and index (from 0): H('key', "testnet/<seed>/<role>/<index>").
 * The same on every machine; nobody may hold anything of worth under it.
 */
export function testKeySeed(seed: number, role: TestKeyRole, index: number): Bytes {
  invariant(isSeed(seed), "a testnet's seed is an integer 0..2^53-1");
  return taggedHash("key", utf8(`testnet/${seed}/${role}/${index}`));
}

/** The same of an agent that a peer was told to take in while it ran: H('key', "testnet/<seed>/added/<peer>/<name>"). */
export function addedKeySeed(seed: number, peer: number, name: string): Bytes {
  invariant(isSeed(seed), "a testnet's seed is an integer 0..2^53-1");
  return taggedHash("key", utf8(`testnet/${seed}/added/${peer}/${name}`));
}
