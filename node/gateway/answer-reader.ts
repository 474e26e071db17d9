// Reads an answer's body for a dialect, whatever it is: one document, an array of them, or events.
import type { AnswerReader, Failure, Usage } from "./dialect.js";
import { type EventEar, EventScan, MARK } from "./event-scan.js";
import type { Few } from "./few.js";
import { OPEN, OPEN_LIST } from "./json-bytes.js";
import type { Found } from "./json-found.js";
import { JsonScan } from "./json-scan.js";
import type { Wanted } from "./json-wanted.js";

/** What a dialect hears of an answer. */
export interface Listener {
  readonly wanted: Wanted;
  /** a document, and the name of the event that it came in. @returns whether it tells usage and nothing else */
  hear(found: Found, event: string): boolean;
  /** of content that a document has, or has so far */
  charsIn(found: Found): number;
  readonly usage: Usage | null;
  readonly isUsageFinal: boolean;
  readonly failure: Failure | null;
  readonly hasContent: boolean;
  readonly contentChars: number;
  readonly model: string | null;
}

/** Characters of a model's name that are kept. */
const MOST_MODEL = 256;

/** The model that a document names at one of some paths; null: none. */
export function modelIn({ kept }: Found, paths: readonly string[]): string | null {
  for (const path of paths) {
    const name = kept.get(path)?.value;
    if (typeof name === "string" && name !== "") return name.slice(0, MOST_MODEL);
  }
  return null;
}

/** Characters of texts by their keys, in all. */
export const sumOf = (counts: Few<number>, keys: readonly string[]): number =>
  keys.reduce((sum, key) => sum + (counts.get(key) ?? 0), 0);

/** @param isUsageOurs an event that tells usage and nothing else is left out */
export function answerReader(listener: Listener, isUsageOurs: boolean): AnswerReader {
  const documents = new JsonScan(listener.wanted, (found) => listener.hear(found, ""));
  const inEvents = new EventDocuments(listener);
  const events = new EventScan(inEvents, isUsageOurs);
  let kind: "json" | "events" | null = null;
  return {
    push(chunk) {
      const begin = kind === null ? chunk.findIndex(isOfContent) : 0;
      if (begin >= 0) kind ??= kindOf(chunk[begin]!);
      if (kind === "events") return events.push(chunk);
      if (kind === "json") documents.push(chunk, begin);
      return chunk.length === 0 ? [] : [chunk];
    },
    end: () => events.end(),
    get usage() {
      return listener.usage;
    },
    get isUsageFinal() {
      return listener.isUsageFinal;
    },
    get failure() {
      return listener.failure;
    },
    get hasContent() {
      return listener.hasContent || documents.isFilled || inEvents.isFilled;
    },
    get contentChars() {
      return listener.contentChars + begunChars(listener, documents) + inEvents.unheardChars;
    },
    get model() {
      return listener.model;
    },
  };
}

/** Who takes what there is of a document, and goes before its end, has had that. */
const begunChars = (listener: Listener, { begun }: JsonScan): number =>
  begun === null ? 0 : listener.charsIn(begun);

const isOfContent = (byte: number): boolean => byte > 0x20 && !MARK.has(byte);

/** By the first byte that is neither blank nor a mark: no event begins like JSON. */
const kindOf = (first: number): "json" | "events" =>
  first === OPEN || first === OPEN_LIST ? "json" : "events";

/** What the data of events says, event by event: an event's name may come after its data. */
class EventDocuments implements EventEar {
  /** of the event at hand, the last: those before it are heard already */
  private last: Found | null = null;
  private count = 0;
  private wasFilled = false;
  /** of events that never became whole */
  private lostChars = 0;
  private readonly scan: JsonScan;

  constructor(private readonly listener: Listener) {
    this.scan = new JsonScan(listener.wanted, (found) => {
      if (this.last !== null) listener.hear(this.last, "");
      this.last = found;
      this.count += 1;
    });
  }

  get isFilled(): boolean {
    return this.wasFilled || this.scan.isFilled;
  }

  /** Characters of content that passed, and that the listener has not heard of. */
  get unheardChars(): number {
    const last = this.last === null ? 0 : this.listener.charsIn(this.last);
    return this.lostChars + last + begunChars(this.listener, this.scan);
  }

  get mayBeLeftOut(): boolean {
    return !this.scan.isFilled && !this.scan.isBroken;
  }

  data(bytes: Uint8Array, from: number, to: number): void {
    this.scan.push(bytes, from, to);
  }

  over(name: string): boolean {
    const isAlone = this.scan.end() && this.count === 1;
    const isUsage = this.last !== null && this.listener.hear(this.last, name);
    this.last = null;
    this.count = 0;
    this.wasFilled ||= this.scan.isFilled;
    this.lostChars += begunChars(this.listener, this.scan);
    this.scan.reset();
    return isAlone && isUsage;
  }
}
