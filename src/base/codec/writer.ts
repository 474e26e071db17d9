// Writes canonical CBOR into one growing buffer.

const FIRST_BYTES = 4096;
const KEPT_BYTES = 64 * 1024;

/** The buffer of the last writer that finished: to make one anew costs more than most values take to write. */
let spare: Uint8Array | null = null;

export class Writer {
  private bytes: Uint8Array;
  private length = 0;

  constructor() {
    this.bytes = spare ?? new Uint8Array(FIRST_BYTES);
    // A value that is encoded while another is being written finds none, and makes its own.
    spare = null;
  }

  private room(extra: number): void {
    const needed = this.length + extra;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  /** An item's head: its major type and an argument ≤ 2^53−1 in the shortest form. */
  head(major: number, value: number): void {
    this.room(9);
    const lead = major << 5;
    if (value < 24) {
      this.bytes[this.length++] = lead | value;
      return;
    }
    const width = value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x100000000 ? 4 : 8;
    this.bytes[this.length++] = lead | (width === 1 ? 24 : width === 2 ? 25 : width === 4 ? 26 : 27);
    let rest = value;
    for (let i = width - 1; i >= 0; i--) {
      this.bytes[this.length + i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.length += width;
  }

  raw(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** What was written, in bytes of its own. The writer is spent: nothing may be written with it any more. */
  finish(): Uint8Array {
    const written = this.bytes.slice(0, this.length);
    if (this.bytes.length <= KEPT_BYTES) spare = this.bytes;
    return written;
  }
}
