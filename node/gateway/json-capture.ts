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

/** Bytes of a text that is compared with the one before it. */
const MOST_REPEATED = 64;

/** One value, while it is read and then. */
class Capture implements Kept {
  value: unknown = undefined;
  end = 0;
  /** of earlier chunks */
  parts: Buffer[] | null = null;
  /** of the parts, also of those that are too much */
  size = 0;

  constructor(
    readonly path: string,
    readonly depth: number,
    readonly start: number,
    /** of the chunk at hand, where what is not yet among the parts begins */
    public from: number,
  ) {}
}

export class Captures {
  private readonly open: Capture[] = [];
  /** the last short text: a stream's events tell the same one again and again */
  private lastBytes: Buffer = Buffer.alloc(0);
  private lastText = "";

  has(path: string): boolean {
    return this.open.some((one) => one.path === path);
  }

  /** A value begins. @param depth of containers around it. @param start from the beginning, `from` in the chunk at hand */
  begin(path: string, depth: number, start: number, from: number): void {
    this.open.push(new Capture(path, depth, start, from));
  }

  /**
   * A value at a depth ends before `to`.
   * @returns null: it is none that is kept; "broken": it is no JSON
   */
  end(depth: number, bytes: Uint8Array, to: number, end: number): Capture | "broken" | null {
    const capture = this.open.at(-1);
    if (capture === undefined || capture.depth !== depth) return null;
    this.open.pop();
    capture.end = end;
    const { from, parts, size } = capture;
    if (size + to - from > MOST_KEPT) return capture;
    try {
      capture.value =
        parts === null ? this.valueAt(bytes, from, to) : jsonOf([...parts, viewOf(bytes, from, to)]);
    } catch {
      return "broken";
    }
    return capture;
  }

  /** @throws SyntaxError */
  private valueAt(bytes: Uint8Array, from: number, to: number): unknown {
    if (isNullAt(bytes, from, to)) return null;
    if (isAt(this.lastBytes, bytes, from, to)) return this.lastText;
    const whole = viewOf(bytes, from, to);
    const value = jsonOf([whole]);
    if (typeof value === "string" && to - from <= MOST_REPEATED) {
      this.lastBytes = Buffer.from(whole);
      this.lastText = value;
    }
    return value;
  }

  beginChunk(from: number): void {
    for (const capture of this.open) capture.from = from;
  }

  endChunk(bytes: Uint8Array, to: number): void {
    for (const capture of this.open) {
      capture.size += to - capture.from;
      capture.parts ??= [];
      if (capture.size <= MOST_KEPT) capture.parts.push(Buffer.from(bytes.subarray(capture.from, to)));
      else capture.parts.length = 0;
    }
  }

  clear(): void {
    this.open.length = 0;
  }
}

/** @throws SyntaxError */
function jsonOf(parts: readonly Buffer[]): unknown {
  const [first] = parts;
  return JSON.parse((parts.length === 1 ? first! : Buffer.concat(parts)).toString("utf8"));
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

function isAt(wanted: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (wanted.length !== to - from) return false;
  for (let at = from; at < to; at++) if (bytes[at] !== wanted[at - from]) return false;
  return true;
}
