// An answer on its way back: passed on as it arrives, read while it passes, and never further ahead than its reader takes it.
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Incoming } from "./arrival.js";
import type { GatewayClock } from "./clock.js";
import type { AnswerReader, Dialect, Failure } from "./dialect.js";
import { fieldsDown } from "./fields.js";

/** So long an answer without content may be held back: a refusal inside a success comes at once. */
const PREAMBLE_MS = 250;
const PREAMBLE_BYTES = 64 * 1024;
/** A client that takes nothing for so long keeps a place from others. */
const STALLED_MS = 120_000;
/** Of a failure's body, read to know what it is. */
const FAILURE_BYTES = 64 * 1024;

/**
 * Failures of which clients are told not to try again: what is used up no repetition mends, and what waiting mends was
 * repeated here, as often as it may be, before it is passed on. Two who repeat multiply (spec/gateway#G41).
 */
const NOT_AGAIN: ReadonlySet<Failure["kind"]> = new Set(["exhausted", "limit", "overloaded"]);
/** Statuses behind which nothing follows, no field either. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** How an answer ended. */
export interface Answered {
  /** why it is none; null: it is one */
  readonly failure: Failure | null;
  /** the client has received some of it: nothing may be tried again */
  readonly isBegun: boolean;
}

export interface Trailer {
  readonly name: string;
  value(): string;
}

export interface Answering {
  readonly dialect: Dialect;
  readonly incoming: Incoming;
  readonly reader: AnswerReader;
  readonly response: ServerResponse;
  /** what we asked for is left out of it: its length is not the upstream's */
  readonly isShortened: boolean;
  /** ours, added to the upstream's */
  readonly fields: () => Readonly<Record<string, string>>;
  /** a failure that another attempt mends is not passed on, if nothing else was. @param text its beginning */
  readonly mayRepeat: (failure: Failure, text: string) => boolean;
  readonly clock: GatewayClock;
  /** a field behind the answer's body, known once it has passed; null: none */
  readonly trailer: Trailer | null;
  /** told once it is sure that the upstream does what it was asked */
  begun(): void;
  /** told of each part of an answer, once the reader has read it and before the client has it */
  heard(): void;
}

/** Passes an answer back. @throws where the upstream or the client breaks off */
export function passBack(given: Answering): Promise<Answered> {
  const { status } = given.incoming;
  const answering = BODILESS.has(status)
    ? { ...given, incoming: headOf(given.incoming), trailer: null }
    : given;
  return status >= 200 && status < 300 ? passSuccess(answering) : passFailure(answering);
}

/** An answer that is whole with its head: what an upstream sends behind it all the same breaks nothing off. */
function headOf(incoming: Incoming): Incoming {
  const { body } = incoming;
  const each: Incoming["body"]["each"] = () => body.each(() => undefined).catch(() => undefined);
  return { ...incoming, body: { each, stop: () => body.stop() } };
}

/** Holds back what it takes to know the failure. */
async function passFailure(answering: Answering): Promise<Answered> {
  const { dialect, incoming, response, clock } = answering;
  const { status, fields, body } = incoming;
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  let known: Answered | null = null;
  const judge = (): Answered => {
    const text = Buffer.concat(held).toString("utf8");
    const failure = dialect.failureOf(status, fields, text, clock.wallMs());
    if (answering.mayRepeat(failure, text)) return { failure, isBegun: false };
    writeHead(answering, NOT_AGAIN.has(failure.kind) ? { "x-should-retry": "false" } : {});
    for (const chunk of held) response.write(chunk);
    return { failure, isBegun: true };
  };
  await body.each((chunk) => {
    if (known !== null) return write(response, chunk, clock);
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes < FAILURE_BYTES) return undefined;
    known = judge();
    if (known.isBegun) return taken(response, clock);
    body.stop();
    return undefined;
  });
  const answered = known ?? judge();
  if (answered.isBegun) end(answering);
  return answered;
}

/** Holds back what precedes the first content, for a moment: what was not passed on can still be tried again. */
async function passSuccess(answering: Answering): Promise<Answered> {
  const { incoming, reader, response, clock } = answering;
  const { body } = incoming;
  let held: Uint8Array[] | null = [];
  let heldBytes = 0;
  const begin = () => {
    if (held === null) return;
    writeHead(answering);
    for (const chunk of held) response.write(chunk);
    held = null;
  };
  const callOff = clock.later(PREAMBLE_MS, begin);
  let isSure = false;
  const hear = (hasEnded: boolean) => {
    if (isSure || reader.failure !== null || !(hasEnded || reader.hasContent)) return;
    isSure = true;
    answering.begun();
  };
  // After the first content nothing is tried again, whether the client has received it or not (spec/gateway#G33).
  const isFutile = () =>
    held !== null && !reader.hasContent && reader.failure !== null && answering.mayRepeat(reader.failure, "");
  let isGivenUp = false;
  try {
    await body.each((chunk) => {
      const parts = reader.push(chunk);
      answering.heard();
      hear(false);
      if (held === null) return writeAll(response, parts, clock);
      held.push(...parts);
      heldBytes += chunk.length;
      isGivenUp = isFutile();
      if (isGivenUp) body.stop();
      else if (reader.hasContent || heldBytes > PREAMBLE_BYTES) begin();
      return taken(response, clock);
    });
    if (isGivenUp) return { failure: reader.failure, isBegun: false };
    const last = reader.end();
    hear(true);
    if (isFutile()) return { failure: reader.failure, isBegun: false };
    begin();
    await writeAll(response, last, clock);
    end(answering);
    return { failure: reader.failure, isBegun: true };
  } finally {
    callOff();
  }
}

function writeHead(
  { dialect, incoming, response, fields, isShortened, trailer }: Answering,
  more: Readonly<Record<string, string>> = {},
): void {
  const down = fieldsDown(incoming.fields, (name) => dialect.isLimitField(name));
  // Nothing follows a body of a known length.
  if (isShortened || trailer !== null) delete down["content-length"];
  const announced = trailer === null ? {} : { trailer: trailer.name };
  response.writeHead(incoming.status, { ...down, ...fields(), ...announced, ...more });
}

function end({ response, trailer }: Answering): void {
  if (trailer !== null) response.addTrailers({ [trailer.name]: trailer.value() });
  response.end();
}

/** @returns waits until the client has taken what was written; nothing: there is no need to */
export function write(
  response: ServerResponse,
  chunk: Uint8Array,
  clock: GatewayClock,
): Promise<void> | undefined {
  if (chunk.length > 0) response.write(chunk);
  return taken(response, clock);
}

function writeAll(
  response: ServerResponse,
  parts: readonly Uint8Array[],
  clock: GatewayClock,
): Promise<void> | undefined {
  for (const part of parts) if (part.length > 0) response.write(part);
  return taken(response, clock);
}

/** @returns waits until the client has taken what was written so far, and throws where it goes away, or takes nothing for too long */
function taken(response: ServerResponse, clock: GatewayClock): Promise<void> | undefined {
  return response.writableNeedDrain ? drained(response, clock) : undefined;
}

async function drained(response: ServerResponse, clock: GatewayClock): Promise<void> {
  const callOff = clock.later(STALLED_MS, () => response.destroy());
  try {
    await once(response, "drain", { signal: closing(response) });
  } finally {
    callOff();
  }
}

const closings = new WeakMap<ServerResponse, AbortSignal>();

function closing(response: ServerResponse): AbortSignal {
  const known = closings.get(response);
  if (known !== undefined) return known;
  const closed = new AbortController();
  response.once("close", () => closed.abort());
  if (response.destroyed) closed.abort();
  closings.set(response, closed.signal);
  return closed.signal;
}
