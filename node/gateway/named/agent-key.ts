// Keys of named agents: bearer secrets of 256 random bits, shown once. Who has one calls as that agent.
import { createHash, randomBytes } from "node:crypto";
import type { KeptKey } from "./named-agent.js";

const PREFIX = "mabeam-";
const SHOWN = PREFIX.length + 4;

/** A new key, and what is kept of it. */
export function freshAgentKey(): { readonly text: string; readonly kept: KeptKey } {
  const text = PREFIX + randomBytes(32).toString("base64url");
  return { text, kept: { hash: hashOfKey(text), begins: text.slice(0, SHOWN) } };
}

/** Whoever shows such a credential means to be a named agent: it is never taken for a client that nobody knows. */
export const isAgentKey = (credential: string): boolean => credential.startsWith(PREFIX);

/**
 * By which a key is looked up. How long that takes tells of the hash alone, of which nobody can choose a beginning: no
 * comparison in constant time is needed, and no slow hash, since nobody guesses 256 bits.
 */
export const hashOfKey = (text: string): string => createHash("sha256").update(text).digest("hex");
