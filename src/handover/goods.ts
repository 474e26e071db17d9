// Goods of a trade: which party gives what, how they are cut into chunks, and the manifest that names them all.
import {
  ascii,
  type Bytes,
  encode,
  fixed,
  type Hash,
  hash,
  lawful,
  list,
  oneOf,
  struct,
  type TypeOf,
  uint,
} from "../base/index.js";
import { taggedHash } from "../crypto/index.js";

/** `input`: what the buyer gives to work on. `output`: what the performer delivers. */
export const PARTS = ["input", "output"] as const;
export type Part = (typeof PARTS)[number];

/** The two agents of a trade (spec/trades#B1). */
export interface Parties {
  readonly performer: Bytes;
  readonly buyer: Bytes;
}

/** Who gives a part, and who takes it (spec/handover#G1). */
export const giverOf = (part: Part, { performer, buyer }: Parties): Bytes =>
  part === "input" ? buyer : performer;
export const takerOf = (part: Part, { performer, buyer }: Parties): Bytes =>
  part === "input" ? performer : buyer;

/** Every chunk but the last has so many bytes (spec/handover#G2). */
export const CHUNK_BYTES = 256 * 1024;
export const MAX_GOODS_BYTES = 64 * 1024 * 1024;
const MAX_CHUNKS = MAX_GOODS_BYTES / CHUNK_BYTES;
const MAX_MEDIA_CHARACTERS = 100;
export const SALT_BYTES = 16;

/** What becomes of `size` bytes: so many chunks. */
export const chunksOf = (size: number): number => Math.ceil(size / CHUNK_BYTES);

/** Bytes of the chunk at `index`, of goods of `size` bytes in all; the index is below `chunksOf(size)`. */
export const chunkBytes = (size: number, index: number): number =>
  Math.min(CHUNK_BYTES, size - index * CHUNK_BYTES);

/**
 * What names the goods of one part of one trade. Its hash is what the performer says in `deliver`; the salt keeps whoever
 * reads that hash in the log from guessing at goods of which there are few (spec/handover#G3).
 */
export const manifest = lawful(
  struct({
    v: [0, uint(1, 1)],
    chain: [1, hash],
    market: [2, hash],
    trade: [3, hash],
    part: [4, oneOf(PARTS)],
    /** what kind of bytes they are, as its giver says: `image/png` */
    media: [5, ascii(MAX_MEDIA_CHARACTERS)],
    size: [6, uint(MAX_GOODS_BYTES)],
    salt: [7, fixed(SALT_BYTES)],
    /** of each chunk, in order */
    chunks: [8, list(hash, MAX_CHUNKS)],
  }),
  ({ size, chunks }) => chunks.length === chunksOf(size),
  "a hash for each chunk",
);
export type Manifest = TypeOf<typeof manifest>;

/** A manifest's bytes at most: its hashes, and the rest. */
export const MAX_MANIFEST_BYTES = MAX_CHUNKS * 34 + 512;

export const manifestHash = (value: Manifest): Hash => taggedHash("manifest", encode(manifest, value));

/** The hash of a chunk's bytes, as they are before they are sealed. */
export const chunkHash = (bytes: Bytes): Hash => taggedHash("chunk", bytes);
