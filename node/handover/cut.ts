// What comes in pieces of any length, cut into chunks.

import { CHUNK_BYTES } from "../../src/handover/index.js";
import { type Bytes, concatBytes } from "../../src/index.js";

/** What comes, in chunks of their size, the last of what is left. */
export async function* cut(source: AsyncIterable<Bytes>): AsyncIterable<Bytes> {
  let parts: Bytes[] = [];
  let have = 0;
  for await (const piece of source) {
    for (let at = 0; at < piece.length; ) {
      const taken = piece.subarray(at, at + CHUNK_BYTES - have);
      at += taken.length;
      have += taken.length;
      parts.push(taken);
      if (have < CHUNK_BYTES) continue;
      yield concatBytes(...parts);
      parts = [];
      have = 0;
    }
  }
  if (have > 0) yield concatBytes(...parts);
}
