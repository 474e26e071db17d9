// `trade input`, `trade fetch`, and the file of `trade deliver`: goods from a file to the daemon, and from it to a file.
import { createReadStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../../accident.js";
import type { GoodsPart } from "../../contract/index.js";
import { ApiFailure } from "../../sdk/failure.js";
import { EXIT } from "../commands.js";
import { CliFailure, usageFailure } from "../failure.js";
import type { Session } from "../session.js";
import { short } from "../show.js";
import { getTrade } from "./trade-named.js";

/** @throws CliFailure USAGE for what cannot be read, or is no file */
export async function mustBeFile(file: string, what: string): Promise<void> {
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    (error: unknown) => {
      throw usageFailure(what, `${file}: ${messageOf(error)}`, "name a file that can be read");
    },
  );
  if (!isFile) throw usageFailure(what, `${file} is no file`, "name a file that can be read");
}

/** Gives the daemon a file. @throws ApiFailure */
export function giveFile(session: Session, id: string, part: GoodsPart, file: string, what: string) {
  const route = part === "input" ? "giveInput" : "giveOutput";
  return session.client.give(route, { params: { id } }, createReadStream(file), what);
}

export async function input(
  session: Session,
  { file }: { readonly file: string },
  id: string,
): Promise<void> {
  const what = `could not give the input of ${short(id)}`;
  await mustBeFile(file, what);
  const trade = await getTrade(session, id);
  const goods = await giveFile(session, trade.id, "input", file, what);
  session.show(goods, () =>
    session.terminal.out(
      `${sizeOf(goods.size)} for ${short(trade.id)} are here, and go to ${short(trade.performer)}`,
    ),
  );
}

interface FetchOptions {
  readonly out: string;
  readonly input?: true;
}

/**
 * Waits until the goods are at the daemon, which goes on fetching them whether anybody waits or not, and writes them to a file
 * that is there whole or not at all. @throws CliFailure FILE_EXISTS, TIMED_OUT, ApiFailure
 */
export async function fetchGoods(session: Session, options: FetchOptions, id: string): Promise<void> {
  const part: GoodsPart = options.input === true ? "input" : "output";
  const what = `could not fetch the ${part} of ${short(id)}`;
  const trade = await getTrade(session, id);
  await mustBeNew(options.out, what);
  await arrival(session, trade.id, part, what);
  const { size, bytes } = await session.client.take(
    part === "input" ? "takeInput" : "takeOutput",
    trade.id,
    what,
  );
  await writeOut(options.out, bytes, what);
  session.show({ trade: trade.id, part, size, file: options.out }, () =>
    session.terminal.out(`${options.out}: ${sizeOf(size)} of ${short(trade.id)}`),
  );
}

const LOOK_MS = 500;

/** Waits for the goods, and says how far they are. @throws CliFailure TIMED_OUT, NOT_A_PARTY */
async function arrival(session: Session, id: string, part: GoodsPart, what: string): Promise<void> {
  const { patienceMs } = session;
  const endMs = Date.now() + (patienceMs ?? Number.POSITIVE_INFINITY);
  for (let said = ""; ; await pause(LOOK_MS)) {
    const { parts } = await session.client.ask("handover", { params: { id } }, what);
    const now = parts.find((one) => one.part === part);
    if (now === undefined) {
      const why = "no agent of this daemon is a party of the trade";
      throw new CliFailure(
        EXIT.conflict,
        "NOT_A_PARTY",
        what,
        why,
        "ask the daemon of the party, with --peer or --home",
      );
    }
    if (now.state === "here") return;
    const line = `${howFar(now)}${now.trouble === null ? "" : ` (${now.trouble}, tried again)`}`;
    if (line !== said) session.progress(line);
    said = line;
    if (Date.now() < endMs) continue;
    const why = `it was not here within ${(patienceMs ?? 0) / 1000} s: ${line}`;
    throw new CliFailure(
      EXIT.timeout,
      "TIMED_OUT",
      what,
      why,
      "fetch it again: the daemon goes on meanwhile",
    );
  }
}

function howFar({ received, total }: { readonly received: number; readonly total: number | null }): string {
  if (total === null) return "Waiting for the other party's daemon";
  return `${sizeOf(received)} of ${sizeOf(total)}, ${Math.floor((100 * received) / Math.max(1, total))} %`;
}

async function mustBeNew(path: string, what: string): Promise<void> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  const fix = "name a new file with --out, or take that one away first";
  throw new CliFailure(EXIT.conflict, "FILE_EXISTS", what, `${path} is there already`, fix);
}

async function writeOut(path: string, bytes: AsyncIterable<Uint8Array>, what: string): Promise<void> {
  const draft = `${path}.part`;
  try {
    const file = await open(draft, "w", 0o600).catch((error: unknown) => {
      throw usageFailure(what, messageOf(error), "name a new file in a folder that you may write");
    });
    try {
      for await (const piece of bytes) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    if (error instanceof ApiFailure || error instanceof CliFailure) throw error;
    throw new CliFailure(
      EXIT.failed,
      "FILE_UNWRITTEN",
      what,
      messageOf(error),
      "make room for it, then fetch it again",
    );
  }
}

/** Bytes for people. */
function sizeOf(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const [amount, unit] = bytes < 1024 * 1024 ? [bytes / 1024, "KiB"] : [bytes / (1024 * 1024), "MiB"];
  return `${amount.toFixed(1)} ${unit}`;
}
