// A transcript is streamed: a piece at a time, to a few readers at once, whole or visibly not, and none that is too long.
import { get, type IncomingMessage } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { type ApiOptions, type RunningApi, startApi, transcriptToView } from "../../../node/api/index.js";
import { documentPieces, documentSize, type TranscriptParts } from "../../../node/api/transcript-json.js";
import { asDocument } from "../../../node/contract/index.js";
import type { TranscriptEntry } from "../../../src/peer/index.js";
import { LonePeer, LoneProcess } from "../../worlds/lone-peer.js";
import { optionsFor, TOKEN } from "./api-fixture.js";

const ID = "9c".repeat(32);
const PATH = `/v1/auctions/${ID}/transcript`;
const OP_BYTES = 3000;

/** A log of so many entries, each of one operation; `breaksAt` of its second reading a row is damaged. */
class Log implements TranscriptParts {
  readonly auction = ID;
  readonly genesis = new Uint8Array([1, 2, 3]);
  readonly certificate = new Uint8Array(100).fill(7);
  readonly proofs = [new Uint8Array([4]), new Uint8Array([5, 6])];
  /** how far each reading has come */
  readonly read: number[] = [];
  closed = 0;

  constructor(
    readonly entryCount: number,
    readonly breaksAt = Number.POSITIVE_INFINITY,
  ) {}

  entry(i: number): TranscriptEntry {
    return { header: new Uint8Array(250).fill(i), ops: [new Uint8Array(OP_BYTES).fill(i + 1)] };
  }

  async *entries() {
    const reading = this.read.push(0) - 1;
    try {
      for (let i = 0; i < this.entryCount; i++) {
        if (reading > 0 && i === this.breaksAt) throw new Error("a row is damaged");
        this.read[reading]!++;
        yield this.entry(i);
      }
    } finally {
      this.closed++;
    }
  }

  document(): string {
    const entries = Array.from({ length: this.entryCount }, (_, i) => this.entry(i));
    return JSON.stringify(asDocument("Transcript", transcriptToView({ ...this, entries })));
  }
}

let running: RunningApi | null = null;
const answers: IncomingMessage[] = [];
afterEach(async () => {
  for (const one of answers.splice(0)) one.destroy();
  await running?.close();
});

async function serving(log: Log, more: Partial<ApiOptions> = {}) {
  const lone = new LonePeer();
  lone.openTranscript = async () => log;
  const host = new LoneProcess(lone);
  running = await startApi({ ...optionsFor(host), listen: { host: "127.0.0.1", port: 0 }, ...more });
  const { url } = running;
  const ask = (method = "GET") =>
    fetch(url + PATH, { method, headers: { authorization: `Bearer ${TOKEN}` } });
  return { url, ask };
}

/** An answer whose body nobody reads. */
async function unread(url: string): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url + PATH, { headers: { authorization: `Bearer ${TOKEN}` }, agent: false }, resolve).on(
      "error",
      reject,
    );
  });
  answer.on("error", () => undefined);
  answers.push(answer);
  return answer;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe("a transcript", () => {
  test.each([0, 1, 500])(
    "of %i entries is the document that its view is, in its announced length",
    async (count) => {
      const log = new Log(count);
      const { ask } = await serving(log);
      const answer = await ask();
      const text = await answer.text();
      expect(text).toBe(log.document());
      expect(answer.headers.get("content-length")).toBe(String(text.length));
      expect((await ask("HEAD")).headers.get("content-length")).toBe(String(text.length));
    },
  );

  test("is made in pieces of 64 KiB and an entry, and others have their turn between them", async () => {
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns++;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const log = new Log(2000);
    let pieces = 0;
    for await (const piece of documentPieces(log)) {
      pieces++;
      expect(piece.length).toBeLessThan(64 * 1024 + 2 * OP_BYTES);
    }
    isOver = true;
    expect(pieces).toBeGreaterThan(100);
    expect(turns).toBeGreaterThanOrEqual(pieces - 1);
  });

  test("is not read further than its reader has taken it; who takes nothing is cut off, and its place is free", async () => {
    const log = new Log(20_000);
    const accidents: unknown[] = [];
    const { url, ask } = await serving(log, {
      transcripts: { maxReaders: 1, stallMs: 300 },
      onAccident: (error) => accidents.push(error),
    });
    await unread(url);
    expect((await ask()).status).toBe(503);
    await until(() => log.closed === 2);
    // What sockets of this machine hold, and no more: a quarter of the log at the very most.
    expect(log.read[1]).toBeLessThan(log.entryCount / 4);
    expect((await ask("HEAD")).status).toBe(200);
    expect(accidents).toEqual([]);
  });

  test("that is left by its reader is read no further", async () => {
    const log = new Log(20_000);
    const { url, ask } = await serving(log, { transcripts: { maxReaders: 1 } });
    (await unread(url)).destroy();
    await until(() => log.closed === 2);
    expect(log.read[1]).toBeLessThan(log.entryCount);
    expect((await ask("HEAD")).status).toBe(200);
  });

  test("is served to so many at once, and the next are told when to come again", async () => {
    const log = new Log(20_000);
    const { url, ask } = await serving(log, { transcripts: { maxReaders: 2 } });
    await Promise.all([unread(url), unread(url)]);
    const refused = await ask();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await refused.json()).toMatchObject({ code: "TRANSCRIPTS_EXHAUSTED", retryable: true });
  });

  test("that cannot be read to its end is visibly cut", async () => {
    const accidents: unknown[] = [];
    const { ask } = await serving(new Log(500, 400), { onAccident: (error) => accidents.push(error) });
    const answer = await ask();
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
    expect(accidents).toMatchObject([{ message: "a row is damaged" }]);
  });
});

describe("a transcript that is too long", () => {
  test("is refused before its first byte, unread if its number of entries alone says so", async () => {
    const log = new Log(1_000_000);
    const { ask } = await serving(log);
    const answer = await ask();
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ code: "TRANSCRIPT_TOO_LARGE", retryable: false });
    expect(log.read).toEqual([]);
  });

  test("by one byte is refused, and the longest is not", async () => {
    const log = new Log(50);
    const { length } = log.document();
    expect(await documentSize(log, length, () => true)).toBe(length);
    expect(await documentSize(log, length - 1, () => true)).toBeNull();
    const { ask } = await serving(log, { transcripts: { maxBytes: length - 1 } });
    expect((await ask()).status).toBe(409);
  });

  test("is not measured further when nobody waits for it", async () => {
    const log = new Log(2000);
    expect(await documentSize(log, Number.MAX_SAFE_INTEGER, () => false)).toBeNull();
    expect(log.read[0]).toBeLessThan(100);
  });
});
