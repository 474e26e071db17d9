// Reads canonical CBOR (RFC 8949 §4.2.1) from the front of a buffer; refuses every second way to say a thing.

/** Why bytes were refused: the code is stable, the offset is where reading stopped. */
export type DecodeCode =
  | "TRUNCATED"
  | "TRAILING"
  | "OVERSIZE"
  | "NOT_CANONICAL"
  | "WRONG_TYPE"
  | "OUT_OF_RANGE"
  | "UNKNOWN_KEY"
  | "MISSING_KEY";

export interface DecodeError {
  readonly code: DecodeCode;
  readonly offset: number;
  readonly detail: string;
}

/** Thrown inside a decode and caught at its edge; nothing outside this folder sees it. */
export class DecodeFailure extends Error {
  override readonly name = "DecodeFailure";
  constructor(
    readonly code: DecodeCode,
    readonly offset: number,
    readonly detail: string,
  ) {
    super(`${code} at ${offset}: ${detail}`);
  }
}

export const MAJOR_UINT = 0;
export const MAJOR_BYTES = 2;
export const MAJOR_TEXT = 3;
export const MAJOR_ARRAY = 4;
export const MAJOR_MAP = 5;

const MAJOR_NAMES = [
  "unsigned integer",
  "negative integer",
  "bytes",
  "text",
  "array",
  "map",
  "tag",
  "simple",
];

const SHORT_BYTES = 64;

export class Reader {
  offset = 0;
  constructor(private readonly bytes: Uint8Array) {}

  fail(code: DecodeCode, detail: string): never {
    throw new DecodeFailure(code, this.offset, detail);
  }

  get atEnd(): boolean {
    return this.offset === this.bytes.length;
  }

  /** The argument of an item's head: an integer ≤ 2^53−1 in its shortest form. */
  head(major: number): number {
    const { bytes } = this;
    const at = this.offset;
    if (at >= bytes.length) this.fail("TRUNCATED", "an item was expected");
    const initial = bytes[at]!;
    if (initial >> 5 !== major) {
      this.fail("WRONG_TYPE", `expected ${MAJOR_NAMES[major]}, found ${MAJOR_NAMES[initial >> 5]}`);
    }
    const info = initial & 0x1f;
    if (info < 24) {
      this.offset = at + 1;
      return info;
    }
    if (info > 27) this.fail("NOT_CANONICAL", "indefinite or reserved length");
    const width = 1 << (info - 24);
    if (at + 1 + width > bytes.length) this.fail("TRUNCATED", "the item's head is cut off");
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 256 + bytes[at + 1 + i]!;
    if (value > Number.MAX_SAFE_INTEGER) this.fail("OUT_OF_RANGE", "integer above 2^53-1");
    const least = width === 1 ? 24 : 2 ** (4 * width);
    if (value < least) this.fail("NOT_CANONICAL", "integer not in its shortest form");
    this.offset = at + 1 + width;
    return value;
  }

  /** The next `length` bytes, copied: a `Buffer`'s own `slice` would share memory with what its owner reuses. */
  take(length: number): Uint8Array {
    if (this.offset + length > this.bytes.length) this.fail("TRUNCATED", "the string is cut off");
    const { bytes, offset } = this;
    const taken = new Uint8Array(length);
    // Keys, hashes and signatures are short: a view to copy them from would cost more than the copying.
    if (length <= SHORT_BYTES) for (let i = 0; i < length; i++) taken[i] = bytes[offset + i]!;
    else taken.set(bytes.subarray(offset, offset + length));
    this.offset += length;
    return taken;
  }
}
