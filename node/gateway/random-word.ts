// Words that nobody guesses, for the ids of requests: bytes are drawn for many at once, since each draw costs more than its bytes.
import { randomFillSync } from "node:crypto";

/** Of a word: 96 bits, 16 characters. */
const BYTES = 12;
const WORDS_A_DRAW = 256;

const drawn = Buffer.alloc(BYTES * WORDS_A_DRAW);
let used = drawn.length;

/** 16 letters, digits, `-` and `_`; each is given once. */
export function randomWord(): string {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  used += BYTES;
  return drawn.toString("base64url", used - BYTES, used);
}
