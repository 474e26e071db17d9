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

const HOSTS: ReadonlySet<string> = new Set(["ip4", "ip6", "dns4", "dns6", "dns"]);
/** Places at which a machine listens and nobody can dial it. */
const NOWHERE: ReadonlySet<string | undefined> = new Set(["0.0.0.0", "::", "0"]);

/**
 * An address of a peer as every member file writes it: host, port, the peer's id.
 * @returns null: it is none at which that peer can be dialled
 */
export function addressOf(text: string, peer: string): string | null {
  try {
    const whole = multiaddr(text);
    const [host, port, named, ...more] = whole.getComponents();
    const isPlace = host !== undefined && HOSTS.has(host.name) && !NOWHERE.has(host.value);
    if (!isPlace || port?.name !== "tcp" || NOWHERE.has(port.value) || more.length > 0) return null;
    if (named === undefined) return `${whole.toString()}/p2p/${peer}`;
    return named.name === "p2p" && named.value === peer ? whole.toString() : null;
  } catch {
    return null;
  }
}
