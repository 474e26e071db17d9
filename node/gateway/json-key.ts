// The key that a scan is in the middle of: no text is made of one that nobody wants.
import { viewOf } from "./json-capture.js";
import type { Wanted } from "./json-wanted.js";

/** Bytes of a key that are remembered: more than the longest wanted one has where all of it is escapes. */
const MOST_BYTES = 256;

export class PassingKey {
  /** of earlier chunks, as written */
  private earlier = "";
  /** of the chunk at hand, where the rest begins */
  private from = 0;

  constructor(private readonly wanted: Wanted) {}

  begin(from: number): void {
    this.earlier = "";
    this.from = from;
  }

  beginChunk(from: number): void {
    this.from = from;
  }

  endChunk(bytes: Uint8Array, to: number): void {
    const end = Math.min(to, this.from + MOST_BYTES + 1 - this.earlier.length);
    if (end > this.from) this.earlier += viewOf(bytes, this.from, end).toString("latin1");
  }

  /** It ends before `to`. @returns the key; "": nobody wants it */
  end(bytes: Uint8Array, to: number): string {
    const word = this.earlier === "" ? this.wanted.wordAt(bytes, this.from, to) : null;
    if (word !== null) return word;
    this.endChunk(bytes, to);
    return this.wanted.wordOf(plain(this.earlier));
  }
}

/** A key without escapes; "" if it has wrong ones. */
function plain(key: string): string {
  if (!key.includes("\\")) return key;
  try {
    return JSON.parse(`"${key}"`);
  } catch {
    return "";
  }
}
