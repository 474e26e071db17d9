// What is looked for in JSON that passes: made once, asked at each key.

/** A path is one key of a document, or two joined by a dot. */
export interface Looked {
  /** paths whose values are kept */
  readonly kept?: readonly string[];
  /** keys of the first level: is anything within what they hold? */
  readonly probed?: readonly string[];
  /** keys at any depth whose texts are counted */
  readonly counted?: readonly string[];
}

/** Keys are told apart by a number that is made of their bytes: no text is made of one that nobody wants. */
export class Wanted {
  readonly probed: ReadonlySet<string>;
  readonly counted: ReadonlySet<string>;
  private readonly words = new Map<number, string[]>();
  private readonly first = new Set<string>();
  private readonly second = new Map<string, Map<string, string>>();

  constructor({ kept = [], probed = [], counted = [] }: Looked) {
    this.probed = new Set(probed);
    this.counted = new Set(counted);
    for (const word of [...probed, ...counted]) this.learn(word);
    for (const path of kept) {
      const [first, second] = path.split(".") as [string, string?];
      this.learn(first);
      if (second === undefined) this.first.add(first);
      else {
        this.learn(second);
        const below = this.second.get(first) ?? new Map<string, string>();
        this.second.set(first, below.set(second, path));
      }
    }
  }

  /** The kept path of a key, or of a key below a key; null: it is not kept. */
  pathOf(first: string, second: string | null): string | null {
    if (second === null) return this.first.has(first) ? first : null;
    return this.second.get(first)?.get(second) ?? null;
  }

  /** Whether kept paths begin with a key. */
  holds(first: string): boolean {
    return this.second.has(first);
  }

  /** The wanted key that stands between quotes; "": none that is wanted; null: it is written with escapes. */
  wordAt(bytes: Uint8Array, from: number, to: number): string | null {
    let hash = 0;
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === 0x5c) return null;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    const words = this.words.get(hash);
    if (words === undefined) return "";
    for (const word of words) if (isAt(word, bytes, from, to)) return word;
    return "";
  }

  /** The same of a key that is text already. */
  wordOf(key: string): string {
    return this.words.get(hashOf(key))?.includes(key) ? key : "";
  }

  private learn(word: string): void {
    const words = this.words.get(hashOf(word)) ?? [];
    if (!words.includes(word)) this.words.set(hashOf(word), [...words, word]);
  }
}

/** Of ASCII: the same as of its bytes. */
function hashOf(word: string): number {
  let hash = 0;
  for (let at = 0; at < word.length; at++) hash = (Math.imul(hash, 31) + word.charCodeAt(at)) | 0;
  return hash;
}

function isAt(word: string, bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== word.length) return false;
  for (let at = from; at < to; at++) if (bytes[at] !== word.charCodeAt(at - from)) return false;
  return true;
}
