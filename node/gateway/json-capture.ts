// Values of passing JSON that are kept, a few at a time: one within another, as the values are.
import { Buffer } from "node:buffer";

export interface Kept {
  /** undefined: it is too long to be kept */
  readonly value: unknown;
  /** bytes from the beginning of all that was read */
  readonly start: number;
  readonly end: number;
}

/** Bytes of a value that is kept. */
const MOST_KEPT = 65_536;

interface Capture {
  readonly path: string;
  readonly depth: number;
  readonly start: number;
  /** of the chunk at hand, where what is not yet among the parts begins */
  from: number;
  /** of earlier chunks */
  readonly parts: Buffer[];
  /** of the parts, also of those that are too much */
  size: number;
}

export class Captures {
  private readonly open: Capture[] = [];

  has(path: string): boolean {
    return this.open.some((one) => one.path === path);
  }

  /** A value begins. @param depth of containers around it. @param start from the beginning, `from` in the chunk at hand */
  begin(path: string, depth: number, start: number, from: number): void {
    this.open.push({ path, depth, start, from, parts: [], size: 0 });
  }

  /**
   * A value at a depth ends before `to`.
   * @returns null: it is none that is kept; "broken": it is no JSON
   */
  end(
    depth: number,
    bytes: Uint8Array,
    to: number,
    end: number,
  ): { readonly path: string; readonly kept: Kept } | "broken" | null {
    const capture = this.open.at(-1);
    if (capture === undefined || capture.depth !== depth) return null;
    this.open.pop();
    const { path, start } = capture;
    if (capture.size + to - capture.from > MOST_KEPT) return { path, kept: { value: undefined, start, end } };
    if (capture.size === 0 && isNullAt(bytes, capture.from, to))
      return { path, kept: { value: null, start, end } };
    const rest = viewOf(bytes, capture.from, to);
    const text = capture.size === 0 ? rest : Buffer.concat([...capture.parts, rest]);
    try {
      return { path, kept: { value: JSON.parse(text.toString("utf8")), start, end } };
    } catch {
      return "broken";
    }
  }

  beginChunk(from: number): void {
    for (const capture of this.open) capture.from = from;
  }

  endChunk(bytes: Uint8Array, to: number): void {
    for (const capture of this.open) {
      capture.size += to - capture.from;
      if (capture.size <= MOST_KEPT) capture.parts.push(Buffer.from(bytes.subarray(capture.from, to)));
      else capture.parts.length = 0;
    }
  }

  clear(): void {
    this.open.length = 0;
  }
}

/** The same bytes, not a copy. */
export const viewOf = (bytes: Uint8Array, from: number, to: number): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from);

/** The most frequent value by far: of a stream's events each tells that there is no usage yet. */
const isNullAt = (bytes: Uint8Array, from: number, to: number): boolean =>
  to - from === 4 &&
  bytes[from] === 0x6e &&
  bytes[from + 1] === 0x75 &&
  bytes[from + 2] === 0x6c &&
  bytes[from + 3] === 0x6c;
