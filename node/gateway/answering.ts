// An answer on its way back: passed on as it arrives, read while it passes, and never further ahead than its reader takes it.
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { AnswerReader, Dialect, Failure } from "./dialect.js";
import { fieldsDown } from "./fields.js";
import type { Incoming } from "./upstream.js";

/** So long an answer without content may be held back: a refusal inside a success comes at once. */
const PREAMBLE_MS = 250;
const PREAMBLE_BYTES = 64 * 1024;
/** Of a failure's body, read to know what it is. */
const FAILURE_BYTES = 64 * 1024;

/** How an answer ended. */
export interface Answered {
  /** why it is none; null: it is one */
  readonly failure: Failure | null;
  /** the client has received some of it: nothing may be tried again */
  readonly isBegun: boolean;
}

export interface Answering {
  readonly dialect: Dialect;
  readonly incoming: Incoming;
  readonly reader: AnswerReader;
  readonly response: ServerResponse;
  /** what we asked for is left out of it: its length is not the upstream's */
  readonly isShortened: boolean;
  /** ours, added to the upstream's */
  readonly fields: Readonly<Record<string, string>>;
  /** a failure that waiting mends is not passed on, if nothing else was */
  readonly mayRepeat: (failure: Failure) => boolean;
  readonly nowMs: () => number;
}

/** Passes an answer back. @throws where the upstream or the client breaks off */
export async function passBack(answering: Answering): Promise<Answered> {
  const { dialect, incoming } = answering;
  if (incoming.status >= 200 && incoming.status < 300) return passSuccess(answering);
  const { begun, rest } = await beginning(incoming.body);
  const failure = dialect.failureOf(
    incoming.status,
    incoming.fields,
    begun.toString("utf8"),
    answering.nowMs(),
  );
  if (answering.mayRepeat(failure)) return { failure, isBegun: false };
  writeHead(answering);
  await write(answering.response, begun);
  for await (const chunk of rest) await write(answering.response, chunk);
  answering.response.end();
  return { failure, isBegun: true };
}

/** Holds back what precedes the first content, for a moment: what was not passed on can still be tried again. */
async function passSuccess(answering: Answering): Promise<Answered> {
  const { incoming, reader, response } = answering;
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  let isBegun = false;
  const untilMs = answering.nowMs() + PREAMBLE_MS;
  const begin = async () => {
    if (isBegun) return;
    isBegun = true;
    writeHead(answering);
    for (const chunk of held) await write(response, chunk);
  };
  const isFutile = () => reader.failure !== null && !isBegun && answering.mayRepeat(reader.failure);
  for await (const chunk of incoming.body) {
    for (const part of reader.push(chunk)) {
      if (isBegun) await write(response, part);
      else held.push(part);
      heldBytes += part.length;
    }
    if (isFutile()) return { failure: reader.failure, isBegun };
    const isLate = answering.nowMs() >= untilMs || heldBytes > PREAMBLE_BYTES;
    if (reader.hasContent || isLate) await begin();
  }
  const last = reader.end();
  if (isFutile()) return { failure: reader.failure, isBegun };
  await begin();
  for (const part of last) await write(response, part);
  response.end();
  return { failure: reader.failure, isBegun };
}

function writeHead({ dialect, incoming, response, fields, isShortened }: Answering): void {
  const down = fieldsDown(incoming.fields, (name) => dialect.isLimitField(name));
  if (isShortened) delete down["content-length"];
  response.writeHead(incoming.status, { ...down, ...fields });
}

/** Waits until the client has taken what was written. @throws where it goes away */
async function write(response: ServerResponse, chunk: Uint8Array): Promise<void> {
  if (chunk.length === 0 || response.write(chunk)) return;
  await once(response, "drain", { signal: closing(response) });
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

/** The first bytes of a body, and what follows them. */
async function beginning(
  body: AsyncIterable<Uint8Array>,
): Promise<{ begun: Buffer; rest: AsyncIterable<Uint8Array> }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const iterator = body[Symbol.asyncIterator]();
  while (size < FAILURE_BYTES) {
    const next = await iterator.next();
    if (next.done === true) break;
    chunks.push(next.value);
    size += next.value.length;
  }
  return { begun: Buffer.concat(chunks), rest: { [Symbol.asyncIterator]: () => iterator } };
}
