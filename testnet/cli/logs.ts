// `mabeam testnet logs`: the last lines of a testnet's log, and those that follow.
import { open, stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { codeOf } from "../../node/accident.js";
import { type CommandIo, EXIT } from "../../node/cli/commands.js";
import { CliFailure } from "../../node/cli/failure.js";
import { pathsOf } from "../../node/config/paths.js";
import { untilSignal } from "../../node/signals.js";
import { testnetHome, testnetPaths } from "../home.js";

const LOOK_EVERY_MS = 200;
/** Read from the end at first, for each line that is wanted. */
const BYTES_PER_LINE = 256;

interface LogsFlags {
  readonly home?: string;
  /** the place of a peer that has a process, and so a log, of its own; absent: the testnet's */
  readonly peer?: number;
  readonly follow?: true;
  /** how many of the last lines */
  readonly lines: number;
}

export async function run(io: CommandIo, flags: LogsFlags): Promise<number> {
  const { home, ...paths } = testnetPaths(testnetHome(flags.home));
  const logFile =
    flags.peer === undefined ? paths.logFile : pathsOf(paths.peer(`peer-${flags.peer}`)).logFile;
  const size = await sizeOf(logFile);
  if (size === null) {
    const why = flags.peer === undefined ? `no testnet was started in ${home}` : `${logFile} does not exist`;
    const fix =
      flags.peer === undefined
        ? "start one with `mabeam testnet up`, or name its folder with --home"
        : "peers have logs of their own under `mabeam testnet up --isolate process`; leave out --peer";
    throw new CliFailure(EXIT.notFound, "NO_LOG", "found no log", why, fix);
  }
  const { lines, rest } = await tail(logFile, size, flags.lines);
  for (const line of lines) io.out(line);
  if (size === 0) io.err(`${logFile} is empty so far`);
  if (flags.follow) await follow(logFile, size - Buffer.byteLength(rest), io);
  return EXIT.ok;
}

/** The last whole lines, and what follows them without an end: a line that is still being written. */
async function tail(
  path: string,
  size: number,
  count: number,
): Promise<{ lines: readonly string[]; rest: string }> {
  for (let length = count * BYTES_PER_LINE; ; length *= 2) {
    const start = Math.max(0, size - length);
    const parts = (await read(path, start, size)).split("\n");
    const rest = parts.pop() ?? "";
    // Unless it is the file's first, the first line read may lack its beginning.
    const whole = parts.slice(start === 0 ? 0 : 1);
    if (whole.length >= count || start === 0) return { lines: whole.slice(-count), rest };
  }
}

/** Prints whole lines as they come, until a signal. A log that shrinks was begun anew. */
async function follow(path: string, from: number, io: CommandIo): Promise<void> {
  let position = from;
  let stopped = false;
  void untilSignal(null).then(() => {
    stopped = true;
  });
  while (!stopped) {
    const size = (await sizeOf(path)) ?? 0;
    if (size < position) position = 0;
    if (size > position) {
      const text = await read(path, position, size);
      const whole = text.slice(0, text.lastIndexOf("\n") + 1);
      position += Buffer.byteLength(whole);
      for (const line of whole.split("\n").slice(0, -1)) io.out(line);
    }
    await pause(LOOK_EVERY_MS);
  }
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

async function read(path: string, start: number, end: number): Promise<string> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(end - start);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    return buffer.subarray(0, bytesRead).toString("utf8");
  } finally {
    await file.close();
  }
}
