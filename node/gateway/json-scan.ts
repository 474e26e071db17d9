// Reads JSON while it passes, in chunks of any size: a few values near the top are kept, a few texts counted, the rest forgotten.
import {
  BACKSLASH,
  CLOSE,
  CLOSE_LIST,
  COLON,
  COMMA,
  HEX_DIGITS,
  isBlank,
  isWordByte,
  LETTER_U,
  OPEN,
  OPEN_LIST,
  QUOTE,
} from "./json-bytes.js";
import { Captures } from "./json-capture.js";
import { Draft, type Found } from "./json-found.js";
import { PassingKey } from "./json-key.js";
import type { Wanted } from "./json-wanted.js";

const MOST_DEPTH = 512;

type State = "value" | "key" | "colon" | "next" | "text" | "escape" | "word" | "over" | "broken";

/** A document, or an array whose elements are documents. Structure is checked; of what is not kept the words are not. */
export class JsonScan {
  private state: State = "value";
  /** by depth, the document's own being 1: whether it is an object */
  private readonly objects: boolean[] = [];
  /** what was read is an array of documents */
  isList = false;
  /** the container at hand has just begun: it may end without a value */
  private isFresh = true;
  private isKey = false;
  /** of the text at hand, the characters */
  private isCounted = false;
  private readonly key: PassingKey;
  /** by depth, the last key; "" for one that nobody wants */
  private readonly keys: string[] = [];
  private chars = 0;
  private readonly captures = new Captures();
  private draft: Draft | null = null;
  /** bytes read before the chunk at hand */
  private before = 0;

  /** @param tell of each document, once it is whole */
  constructor(
    private readonly wanted: Wanted,
    private readonly tell: (found: Found) => void,
  ) {
    this.key = new PassingKey(wanted);
  }

  /** It is no JSON, or nested deeper than anybody needs. */
  get isBroken(): boolean {
    return this.state === "broken";
  }

  /** Something is within what a probed key of the document at hand holds. */
  get isFilled(): boolean {
    return this.draft?.isFilled ?? false;
  }

  push(bytes: Uint8Array, from = 0, to = bytes.length): void {
    const shift = this.before - from;
    this.key.beginChunk(from);
    this.captures.beginChunk(from);
    let at = from;
    while (at < to && this.state !== "broken") {
      const byte = bytes[at]!;
      switch (this.state) {
        case "text":
          at = this.readText(bytes, at, to, shift);
          continue;
        case "escape":
          if (byte === LETTER_U) this.chars -= HEX_DIGITS;
          this.chars += 1;
          this.state = "text";
          break;
        case "word":
          if (isWordByte(byte)) break;
          this.endValue(bytes, at, shift);
          continue;
        default:
          if (byte > 0x20 || !isBlank(byte)) this.readMark(byte, bytes, at, shift);
      }
      at += 1;
    }
    if (this.isKey && (this.state === "text" || this.state === "escape")) this.key.endChunk(bytes, to);
    else if (this.isCounted && (this.state === "text" || this.state === "escape")) this.countText();
    this.captures.endChunk(bytes, to);
    this.before += to - from;
  }

  /** What there is so far of a document that is not whole, and may never be; null: none has begun. */
  get begun(): Found | null {
    return this.draft;
  }

  /** There is no more. @returns whether it was whole */
  end(): boolean {
    if (this.state === "word" && this.objects.length === 0) this.endValue(new Uint8Array(0), 0, this.before);
    return this.state === "over";
  }

  /** Begins anew, with nothing read. */
  reset(): void {
    this.state = "value";
    this.objects.length = 0;
    this.isList = false;
    this.isFresh = true;
    this.captures.clear();
    this.draft = null;
    this.before = 0;
  }

  private readText(bytes: Uint8Array, from: number, to: number, shift: number): number {
    const at = this.isCounted ? this.countedText(bytes, from, to) : this.skippedText(bytes, from, to);
    if (at >= to) return to;
    if (this.isKey) {
      this.keys[this.objects.length] = this.key.end(bytes, at);
      this.state = "colon";
    } else {
      if (this.isCounted) this.countText();
      this.endValue(bytes, at + 1, shift);
    }
    return at + 1;
  }

  /** Where a text ends whose characters nobody counts; what is told of it is no more than that. */
  private skippedText(bytes: Uint8Array, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) return at;
      if (byte !== BACKSLASH) continue;
      at += 1;
      if (at === to) this.state = "escape";
    }
    return to;
  }

  private countedText(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    let chars = 0;
    for (; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) {
        at += 1;
        if (at === to) {
          this.state = "escape";
          break;
        }
        if (bytes[at] === LETTER_U) chars -= HEX_DIGITS;
        chars += 1;
      } else if (byte < 0x80 || byte >= 0xc0) chars += 1;
    }
    this.chars += chars;
    return at;
  }

  private readMark(byte: number, bytes: Uint8Array, at: number, shift: number): void {
    switch (this.state) {
      case "key":
        if (byte === QUOTE) {
          this.state = "text";
          this.isKey = true;
          this.isCounted = false;
          this.key.begin(at + 1);
        } else if (byte === CLOSE && this.isFresh) this.close(true, bytes, at, shift);
        else this.state = "broken";
        return;
      case "colon":
        this.state = byte === COLON ? "value" : "broken";
        this.isFresh = false;
        return;
      case "next":
        if (byte === CLOSE || byte === CLOSE_LIST) this.close(byte === CLOSE, bytes, at, shift);
        else if (byte !== COMMA) this.state = "broken";
        else {
          this.isFresh = false;
          this.state = this.objects.at(-1) === true ? "key" : "value";
        }
        return;
      case "value":
        if (byte === CLOSE_LIST && this.isFresh) this.close(false, bytes, at, shift);
        else this.beginValue(byte, at, shift);
        return;
      default:
        this.state = "broken";
    }
  }

  private beginValue(byte: number, at: number, shift: number): void {
    const depth = this.objects.length;
    if (depth === 0) {
      if (byte === OPEN_LIST && !this.isList) {
        this.isList = true;
        this.isFresh = true;
        return;
      }
      if (byte === OPEN) this.draft = new Draft(at + shift);
    } else if (depth <= 2) this.meet(depth, at, shift);
    if (byte === QUOTE) {
      this.state = "text";
      this.isKey = false;
      this.chars = 0;
      this.isCounted = this.isCountedKey;
    } else if (byte === OPEN || byte === OPEN_LIST) {
      this.objects.push(byte === OPEN);
      this.isFresh = true;
      this.state = depth >= MOST_DEPTH ? "broken" : byte === OPEN ? "key" : "value";
    } else this.state = isWordByte(byte) ? "word" : "broken";
  }

  /** A value near the top begins. */
  private meet(depth: number, at: number, shift: number): void {
    const { draft, wanted } = this;
    const first = this.keys[1]!;
    if (draft === null || first === "") return;
    if (wanted.probed.has(first)) {
      draft.filled.set(first, depth === 2);
      draft.isFilled ||= depth === 2;
    }
    if (!this.objects[depth - 1]) return;
    if (depth === 1 && wanted.holds(first)) draft.holdBy(first);
    const path = wanted.pathOf(first, depth === 1 ? null : this.keys[2]!);
    if (path === null) return;
    if (draft.kept.has(path) || this.captures.has(path)) draft.twice = path;
    this.captures.begin(path, depth, at + shift, at);
  }

  /** A value ends before `at`. */
  private endValue(bytes: Uint8Array, at: number, shift: number): void {
    const depth = this.objects.length;
    this.state = depth === 0 && !this.isList ? "over" : "next";
    const ended = this.captures.end(depth, bytes, at, at + shift);
    if (ended === "broken") this.state = "broken";
    else if (ended !== null) this.draft?.kept.set(ended.path, ended);
  }

  private close(isObject: boolean, bytes: Uint8Array, at: number, shift: number): void {
    if (this.objects.length === 0) {
      this.state = this.isList && !isObject ? "over" : "broken";
      return;
    }
    if (this.objects.pop() !== isObject) {
      this.state = "broken";
      return;
    }
    this.endValue(bytes, at + 1, shift);
    if (this.objects.length > 0 || this.draft === null || this.isBroken) return;
    const found = this.draft;
    this.draft = null;
    this.tell(found);
  }

  /** Whether the characters of a text below the last key are counted. */
  private get isCountedKey(): boolean {
    const depth = this.objects.length;
    if (this.draft === null || this.objects[depth - 1] !== true) return false;
    const key = this.keys[depth]!;
    return key !== "" && this.wanted.counted.has(key);
  }

  /** What was read since the last time of the text at hand. */
  private countText(): void {
    const { counts } = this.draft!;
    const key = this.keys[this.objects.length]!;
    counts.set(key, (counts.get(key) ?? 0) + this.chars);
    this.chars = 0;
  }
}
