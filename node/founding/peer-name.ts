// A peer's id, as addresses write it, and the key behind it.
import { publicKeyFromRaw } from "@libp2p/crypto/keys";
import { peerIdFromPublicKey, peerIdFromString } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import type { Bytes } from "../../src/base/index.js";

/** `12D3KooW…` @param key 32 bytes */
export const peerNameOf = (key: Bytes): string => peerIdFromPublicKey(publicKeyFromRaw(key)).toString();

/** The Ed25519 key of a peer's id; null: it is no such id, or not written as ids are. */
export function peerKeyOf(name: string): Bytes | null {
  try {
    const id = peerIdFromString(name);
    if (id.type !== "Ed25519" || id.toString() !== name) return null;
    return Uint8Array.from(id.publicKey.raw);
  } catch {
    return null;
  }
}

/** An address of a peer as every member file writes it, its id at the end; null: it is none, or another peer's. */
export function addressOf(text: string, peer: string): string | null {
  try {
    const whole = multiaddr(text);
    const parts = whole.getComponents();
    const named = parts.filter(({ name }) => name === "p2p");
    if (!parts.some(({ name }) => name === "tcp") || named.some(({ value }) => value !== peer)) return null;
    return named.length === 0 ? `${whole.toString()}/p2p/${peer}` : whole.toString();
  } catch {
    return null;
  }
}
