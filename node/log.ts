// The log: one JSON object a line, readable lines on a terminal, secrets never.
import { type DestinationStream, destination, type Logger, pino } from "pino";
import type { LogLevel } from "./log-level.js";
import { prettyLines } from "./log-lines.js";

export type Log = Logger;

/** Log files of this process that are open. */
const files = new Set<ReturnType<typeof destination>>();

/** Opens every log file of this process anew, under its name: whoever rotates logs has moved the old one away. */
export function reopenLogs(): void {
  for (const file of files) file.reopen();
}

/** Fields that are never written, whoever logs them, down to the third level of an object. */
const SECRETS = ["token", "passphrase", "seed", "salt", "plainSeed", "authorization", "cookie"];
const SECRET_PATHS = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

export interface LogOptions {
  readonly level: LogLevel;
  /** a file to append to, made with mode 0600; null: stderr, since stdout carries data (spec/api#E1) */
  readonly file: string | null;
}

/**
 * The log of a process. Lines are written before the call returns, so that the last one tells of the crash.
 * @param stderr where lines go without a file; tests give their own
 */
export function openLog(
  options: LogOptions,
  stderr: DestinationStream & { isTTY?: boolean } = process.stderr,
): Log {
  return pino(
    { level: options.level, base: null, redact: { paths: SECRET_PATHS, censor: "[secret]" } },
    sinkOf(),
  );

  function sinkOf(): DestinationStream {
    if (options.file !== null) {
      const file = destination({ dest: options.file, sync: true, mkdir: true, mode: 0o600 });
      // A full disk stops the peer by its store, with a reason; a log that cannot be written must not get there first.
      file.on("error", () => undefined);
      files.add(file);
      file.once("close", () => files.delete(file));
      return file;
    }
    return stderr.isTTY && process.env.TERM !== "dumb" ? prettyLines(stderr) : stderr;
  }
}

/** The log of one part of a peer: `quorum`, `gossip`, `api`. */
export const logOf = (log: Log, part: string): Log => log.child({ part });
