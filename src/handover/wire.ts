// What travels on a stream of a trade: an opening by proof, then one question after another.
import {
  ascii,
  bytes,
  fixed,
  hash,
  oneOf,
  signature,
  struct,
  type TypeOf,
  uint,
  union,
} from "../base/index.js";
import { CHUNK_BYTES, chunksOf, MAX_GOODS_BYTES, MAX_MANIFEST_BYTES, PARTS } from "./goods.js";

/** A seal adds its tag to a chunk. */
export const SEAL_BYTES = 16;
/** The key of goods, sealed for one agent: an ephemeral X25519 key, the key, and the tag. */
export const SEALED_KEY_BYTES = 32 + 32 + SEAL_BYTES;

/** The opener says which trade, for which party, and what it proves itself to. */
export const knock = struct({
  v: [0, uint(1, 1)],
  trade: [1, hash],
  agent: [2, fixed(32)],
  box: [3, fixed(32)],
  nonce: [4, fixed(32)],
});
export type Knock = TypeOf<typeof knock>;

const refused = struct({ code: [0, ascii(64)] });

export const knockAnswer = union({
  /** the responder's own proof */
  welcome: [0, struct({ box: [0, fixed(32)], nonce: [1, fixed(32)], sig: [2, signature] })],
  refused: [1, refused],
});

/** The opener's proof. */
export const knockProof = struct({ sig: [0, signature] });

const part = oneOf(PARTS);

export const goodsQuestion = union({
  /** what there is of a part */
  offer: [0, struct({ part: [0, part] })],
  chunk: [1, struct({ part: [0, part], index: [1, uint(chunksOf(MAX_GOODS_BYTES) - 1)] })],
  /** there is something now: ask for it */
  ready: [2, struct({ part: [0, part] })],
});
export type GoodsQuestion = TypeOf<typeof goodsQuestion>;

/** Goods as their giver offers them: its agent signs the manifest's hash. */
export const offer = struct({
  manifest: [0, bytes(MAX_MANIFEST_BYTES)],
  sealedKey: [1, fixed(SEALED_KEY_BYTES)],
  sig: [2, signature],
});
export type Offer = TypeOf<typeof offer>;

export const goodsAnswer = union({
  offer: [0, offer],
  chunk: [1, struct({ sealed: [0, bytes(CHUNK_BYTES + SEAL_BYTES, SEAL_BYTES)] })],
  noted: [2, struct({})],
  refused: [3, refused],
});
export type GoodsAnswer = TypeOf<typeof goodsAnswer>;

/** The longest frame of a taker, and of a giver. */
export const MAX_QUESTION_FRAME_BYTES = 512;
export const MAX_GOODS_FRAME_BYTES = CHUNK_BYTES + 1024;
