// The key behind a peer's name: libp2p puts an Ed25519 key into the id itself, and Noise proves it.
import type { PeerId } from "@libp2p/interface";
import type { Bytes } from "../../src/base/index.js";

/** The raw 32 bytes, or null for a peer with a key of another type. */
export const transportKeyOf = (peer: PeerId): Bytes | null =>
  peer.type === "Ed25519" ? peer.publicKey.raw : null;
