// How a command fails: what happened, why, what mends it, and the exit code that tells a script.
import { Accident } from "../accident.js";
import { escaped } from "../printable.js";
import { ApiFailure } from "../sdk/failure.js";
import { EXIT, type ExitCode } from "./commands.js";

/** A failure that knows its exit code. */
export class CliFailure extends Accident {
  override readonly name = "CliFailure";
  constructor(
    readonly exit: ExitCode,
    code: string,
    what: string,
    why: string,
    fix: string,
  ) {
    super(code, what, why, fix);
  }
}

export const usageFailure = (what: string, why: string, fix: string): CliFailure =>
  new CliFailure(EXIT.usage, "USAGE", what, why, fix);

/** Exit codes of accidents by their code; those of a problem follow from its status unless they stand here. */
const EXIT_OF_CODE: Readonly<Record<string, ExitCode>> = {
  WRONG_CHAIN: EXIT.verification,
  CHAIN_MISMATCH: EXIT.verification,
  GENESIS_MISMATCH: EXIT.verification,
  TRANSCRIPT_TOO_LARGE: EXIT.verification,
  BACKUP_DAMAGED: EXIT.verification,
  MEMBER_UNREADABLE: EXIT.usage,
  MEMBER_KEY_UNSOUND: EXIT.usage,
  MEMBER_FORGED: EXIT.verification,
  MEMBER_REPEATED: EXIT.usage,
  MEMBER_OF_OTHER_NETWORK: EXIT.usage,
  FOUNDING_REFUSED: EXIT.usage,
  FOUNDING_UNREADABLE: EXIT.usage,
  GENESIS_UNREADABLE: EXIT.verification,
  SEATS_DIFFER: EXIT.verification,
  NOT_SEATED: EXIT.notFound,
  OTHER_NETWORK: EXIT.conflict,
  SEAT_RUNS_ELSEWHERE: EXIT.busy,
  PORT_TAKEN: EXIT.busy,
  LOCK_HELD: EXIT.busy,
  BUSY: EXIT.busy,
  NOT_LOOPBACK: EXIT.usage,
  CONFIG_INVALID: EXIT.usage,
  CONFIG_UNREADABLE: EXIT.usage,
  NO_USER_FOLDER: EXIT.usage,
  ENCODING: EXIT.usage,
  API_FILE_UNREADABLE: EXIT.unreachable,
  TOKEN_FILE_MISSING: EXIT.auth,
  TOKEN_FILE_OPEN: EXIT.auth,
  TOKEN_FILE_INVALID: EXIT.auth,
  NO_PASSPHRASE: EXIT.auth,
  WRONG_PASSPHRASE: EXIT.auth,
  TOO_OPEN: EXIT.auth,
  KEY_NOT_FOUND: EXIT.notFound,
  BACKUP_UNREADABLE: EXIT.notFound,
  KEY_EXISTS: EXIT.conflict,
  BACKUP_EXISTS: EXIT.conflict,
  KEY_KIND: EXIT.conflict,
  BAD_NAME: EXIT.usage,
  ID_AMBIGUOUS: EXIT.usage,
};

/** Exit codes of an API's failure: by the HTTP status of a problem, or by why there is none. */
const EXIT_OF_REASON: Readonly<Record<ApiFailure["reason"], ExitCode>> = {
  unreachable: EXIT.unreachable,
  timeout: EXIT.timeout,
  busy: EXIT.busy,
  strange: EXIT.failed,
  400: EXIT.usage,
  401: EXIT.auth,
  402: EXIT.funds,
  403: EXIT.auth,
  404: EXIT.notFound,
  409: EXIT.conflict,
  413: EXIT.usage,
  415: EXIT.usage,
  422: EXIT.usage,
  504: EXIT.timeout,
};

/** The exit code of anything that was thrown. */
export function exitOf(error: unknown): ExitCode {
  if (error instanceof CliFailure) return error.exit;
  if (!(error instanceof Accident)) return EXIT.failed;
  const byReason = error instanceof ApiFailure ? EXIT_OF_REASON[error.reason] : undefined;
  return EXIT_OF_CODE[error.code] ?? byReason ?? EXIT.failed;
}

/** The three lines of a failure. `mabeam` in backticks becomes what a person types here. */
export function failureLines(error: unknown, self: string): string[] {
  const typed = (text: string) =>
    escaped(
      text
        .trim()
        .replace(/\s*\n\s*/g, " ")
        .replaceAll("`mabeam ", `\`${self} `),
    );
  if (!(error instanceof Accident)) {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return [
      "mabeam: the program failed.",
      `Cause: ${why}`,
      "Fix: this is a fault of mabeam; please report it.",
    ];
  }
  return [`mabeam: ${typed(error.what)}.`, `Cause: ${typed(error.why)}`, `Fix: ${typed(error.fix)}`];
}
