// Reads server-sent events while they pass, and can leave out one that its reader has added by asking for it (spec/gateway#streams).

/** Who reads the events. */
export interface EventEar {
  /** a piece of the event's data; of several `data` lines a line end is between */
  data(bytes: Uint8Array, from: number, to: number): void;
  /** an event is over. @param name as its `event` line says, "" without one. @returns whether it is left out */
  over(name: string): boolean;
  /** whether the event at hand may turn out to be one that is left out */
  readonly mayBeLeftOut: boolean;
}

/** Bytes of an event that is held back until it is known whether it is left out: a longer one never is. */
export const MOST_HELD = 16_384;
/** Of a field's name, and of an event's. */
const MOST_NAME = 64;

const [LF, CR, COLON, SPACE] = [0x0a, 0x0d, 0x3a, 0x20];
const LINE_END = Uint8Array.of(LF);
/** Of a byte order mark: it may stand before whatever is read. */
export const MARK: ReadonlySet<number> = new Set([0xef, 0xbb, 0xbf]);

/** `field`: its name; `lead`: the blank after the colon; `value`: of a field that matters; `skip`: of one that does not. */
type Part = "field" | "lead" | "value" | "skip";

/** Lines end with LF, CRLF or CR. What is not left out goes on as it came, at once but for what may be left out. */
export class EventScan {
  private part: Part = "field";
  private field = "";
  private name = "";
  private isComment = false;
  private hasData = false;
  /** lines of the event at hand that are no comments */
  private lines = 0;
  /** bytes of the event at hand in earlier chunks */
  private earlier = 0;
  private readonly held: Uint8Array[] = [];
  /** of the chunk at hand: where a CR is, no earlier than what is read; its end: there is none */
  private nextCr = 0;
  private wasCr = false;
  private wasLeftOut = false;
  /** nothing but a byte order mark has been read */
  private isAtMark = true;

  /** @param leavesOut whether an event may be left out at all: nothing is held back otherwise */
  constructor(
    private readonly ear: EventEar,
    private readonly leavesOut: boolean,
  ) {}

  /** @returns what goes on, in order */
  push(chunk: Uint8Array): Uint8Array[] {
    const out: Uint8Array[] = [];
    this.nextCr = orEnd(chunk.indexOf(CR), chunk);
    /** of the chunk, where what has not gone on begins, and where the event at hand does */
    let unsent = 0;
    let begin = 0;
    let at = 0;
    while (at < chunk.length) {
      const byte = chunk[at]!;
      if (this.wasCr) {
        this.wasCr = false;
        if (byte === LF) {
          at += 1;
          if (this.isBetween) {
            if (this.wasLeftOut) unsent = at;
            begin = at;
          }
          continue;
        }
      }
      this.wasLeftOut = false;
      if (byte !== LF && byte !== CR) {
        at = this.readPart(chunk, at);
        continue;
      }
      at += 1;
      this.wasCr = byte === CR;
      if (!this.endLine()) {
        if (this.isBetween) begin = this.passOn(out, at);
        continue;
      }
      const size = this.earlier + at - begin;
      this.wasLeftOut = this.endEvent() && this.leavesOut && size <= MOST_HELD;
      if (this.wasLeftOut) {
        if (begin > unsent) out.push(chunk.subarray(unsent, begin));
        this.held.length = 0;
        this.earlier = 0;
        unsent = at;
        begin = at;
      } else begin = this.passOn(out, at);
    }
    const size = this.earlier + chunk.length - begin;
    const isHeld = this.leavesOut && size > 0 && size <= MOST_HELD && this.ear.mayBeLeftOut;
    if (!isHeld) this.release(out);
    const end = isHeld ? begin : chunk.length;
    if (end > unsent) out.push(chunk.subarray(unsent, end));
    if (isHeld && begin < chunk.length) this.held.push(chunk.subarray(begin));
    this.earlier = size;
    return out;
  }

  /** The body is over: so is an event that no blank line has ended. @returns what was held back and goes on */
  end(): Uint8Array[] {
    const out: Uint8Array[] = [];
    if (this.part !== "field" || this.field !== "") this.endLine();
    if (this.endEvent() && this.leavesOut && this.earlier <= MOST_HELD) this.held.length = 0;
    this.release(out);
    return out;
  }

  /** Nothing but comments of the event at hand has been read. */
  private get isBetween(): boolean {
    return this.lines === 0 && this.part === "field" && this.field === "";
  }

  /** What is held back goes on. @returns where the next event begins */
  private passOn(out: Uint8Array[], at: number): number {
    this.release(out);
    this.earlier = 0;
    return at;
  }

  private release(out: Uint8Array[]): void {
    out.push(...this.held);
    this.held.length = 0;
  }

  /** Reads on within a line. @returns where */
  private readPart(chunk: Uint8Array, from: number): number {
    const byte = chunk[from]!;
    if (this.part === "field") {
      if (this.isAtMark && this.readMark(byte)) return from + 1;
      if (this.field === "" && isDataAt(chunk, from)) {
        this.field = "data";
        this.endField();
        return from + 5;
      }
      if (byte === COLON) this.endField();
      else if (this.field.length < MOST_NAME) this.field += String.fromCharCode(byte);
      return from + 1;
    }
    if (this.part === "lead") {
      this.part = "value";
      if (byte === SPACE) return from + 1;
    }
    const to = this.lineEnd(chunk, from);
    if (this.part === "value") this.readValue(chunk, from, to);
    return to;
  }

  /** Where a line ends, or the chunk does. Hardly anybody writes CR: where the next one is, is asked but once. */
  private lineEnd(chunk: Uint8Array, from: number): number {
    const to = orEnd(chunk.indexOf(LF, from), chunk);
    if (this.nextCr < from) this.nextCr = orEnd(chunk.indexOf(CR, from), chunk);
    return Math.min(to, this.nextCr);
  }

  private readMark(byte: number): boolean {
    this.isAtMark = MARK.has(byte);
    return this.isAtMark;
  }

  private endField(): void {
    this.isComment = this.field === "";
    const matters = this.field === "data" || this.field === "event";
    this.part = matters ? "lead" : "skip";
    if (this.field === "data" && this.hasData) this.ear.data(LINE_END, 0, 1);
    if (this.field === "data") this.hasData = true;
    if (this.field === "event") this.name = "";
  }

  private readValue(chunk: Uint8Array, from: number, to: number): void {
    if (this.field === "data") this.ear.data(chunk, from, to);
    else
      for (let at = from; at < to && this.name.length < MOST_NAME; at++)
        this.name += String.fromCharCode(chunk[at]!);
  }

  /** @returns whether the line was blank */
  private endLine(): boolean {
    const isBlank = this.part === "field" && this.field === "";
    if (!isBlank && !this.isComment) this.lines += 1;
    this.part = "field";
    this.field = "";
    this.isComment = false;
    return isBlank;
  }

  private endEvent(): boolean {
    const isLeftOut = this.hasData && this.ear.over(this.name);
    this.name = "";
    this.hasData = false;
    this.lines = 0;
    return isLeftOut;
  }
}

const orEnd = (found: number, { length }: Uint8Array): number => (found < 0 ? length : found);

/** `data:`, the most frequent beginning by far. */
const isDataAt = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0x64 &&
  bytes[at + 1] === 0x61 &&
  bytes[at + 2] === 0x74 &&
  bytes[at + 3] === 0x61 &&
  bytes[at + 4] === COLON;
