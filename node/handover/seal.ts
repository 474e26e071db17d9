// Sealing of goods: each chunk under the key of its giving, and that key to the box of an agent (spec/handover#sealing).
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { type Part, SEAL_BYTES, SEALED_KEY_BYTES } from "../../src/handover/index.js";
import { type AgentKey, type Bytes, concatBytes, type Hash, u32be, u64be, utf8 } from "../../src/index.js";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
/** Heads of X25519 keys in DER (RFC 8410); 32 bytes follow. */
const PKCS8_HEAD = Buffer.from("302e020100300506032b656e04220420", "hex");
const SPKI_HEAD = Buffer.from("302a300506032b656e032100", "hex");
const BOX_PURPOSE = utf8("mabeam/1/handover box");
const KEY_PURPOSE = utf8("mabeam/1/handover key");
/** What H(`chunk`, …) begins with (spec/encoding#H1): OpenSSL hashes a chunk in a twentieth of the time. */
const CHUNK_HEAD = concatBytes(Uint8Array.of("chunk".length), utf8("mabeam/1/chunk"));

/** The key of one giving. */
export const freshKey = (): Bytes => new Uint8Array(randomBytes(KEY_BYTES));

/** The same as `chunkHash`. */
export const fastChunkHash = (bytes: Bytes): Bytes =>
  new Uint8Array(createHash("sha256").update(CHUNK_HEAD).update(bytes).digest());

/** Where a chunk belongs: it opens nowhere else. */
export interface ChunkPlace {
  readonly trade: Hash;
  readonly part: Part;
  readonly index: number;
}

const nonceOf = (index: number): Bytes => concatBytes(u32be(0), u64be(index));
const placeBytes = ({ trade, part, index }: ChunkPlace): Bytes =>
  concatBytes(trade, Uint8Array.of(part === "input" ? 0 : 1), u32be(index));

export function sealChunk(key: Bytes, place: ChunkPlace, bytes: Bytes): Bytes {
  const cipher = createCipheriv(CIPHER, key, nonceOf(place.index)).setAAD(placeBytes(place));
  return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** The chunk; null: these bytes are not that chunk sealed under that key. */
export const openChunk = (key: Bytes, place: ChunkPlace, sealed: Bytes): Bytes | null =>
  opened(key, nonceOf(place.index), placeBytes(place), sealed);

function opened(key: Bytes, nonce: Bytes, place: Bytes, sealed: Bytes): Bytes | null {
  if (sealed.length < SEAL_BYTES) return null;
  const end = sealed.length - SEAL_BYTES;
  const cipher = createDecipheriv(CIPHER, key, nonce).setAAD(place).setAuthTag(sealed.subarray(end));
  try {
    const bytes = cipher.update(sealed.subarray(0, end));
    cipher.final();
    return bytes;
  } catch {
    return null;
  }
}

/** What keys are sealed to for one agent. */
export interface Box {
  readonly publicKey: Bytes;
  readonly secret: KeyObject;
}

/** The box of an agent: the same at every call. */
export function boxOf(agent: Pick<AgentKey, "derive">): Box {
  const der = Buffer.concat([PKCS8_HEAD, agent.derive(BOX_PURPOSE)]);
  const secret = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return { publicKey: rawOf(createPublicKey(secret)), secret };
}

const rawOf = (key: KeyObject): Bytes =>
  new Uint8Array(key.export({ format: "der", type: "spki" }).subarray(-KEY_BYTES));

/** Null: it is of small order, and agrees on nothing secret. */
function agreed(secret: KeyObject, ephemeral: Bytes, box: Bytes, theirs: Bytes): Bytes | null {
  try {
    const der = Buffer.concat([SPKI_HEAD, theirs]);
    const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
    const shared = diffieHellman({ privateKey: secret, publicKey });
    if (shared.every((byte) => byte === 0)) return null;
    return new Uint8Array(hkdfSync("sha256", shared, concatBytes(ephemeral, box), KEY_PURPOSE, KEY_BYTES));
  } catch {
    return null;
  }
}

const ZERO_NONCE = new Uint8Array(12);
const NOWHERE = new Uint8Array(0);

/** A key sealed to a box; null: the box is none. */
export function sealKey(key: Bytes, box: Bytes): Bytes | null {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  const ephemeral = rawOf(publicKey);
  const wrapping = agreed(privateKey, ephemeral, box, box);
  if (wrapping === null) return null;
  const cipher = createCipheriv(CIPHER, wrapping, ZERO_NONCE);
  return concatBytes(ephemeral, cipher.update(key), cipher.final(), cipher.getAuthTag());
}

/** The key that was sealed to this box; null: it was not. */
export function openKey(sealed: Bytes, box: Box): Bytes | null {
  if (sealed.length !== SEALED_KEY_BYTES) return null;
  const ephemeral = sealed.subarray(0, KEY_BYTES);
  const wrapping = agreed(box.secret, ephemeral, box.publicKey, ephemeral);
  return wrapping === null ? null : opened(wrapping, ZERO_NONCE, NOWHERE, sealed.subarray(KEY_BYTES));
}
