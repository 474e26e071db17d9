// Writes canonical CBOR into one growing buffer.

export class Writer {
  private bytes = new Uint8Array(256);
  private length = 0;

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

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }
}
