// An accident: the world failed the program (a disk, a folder, a file). It says what happened, why, and what mends it.

/** Never thrown in `src/`; the command line prints `what`, `why` and `fix`, programs look at `code`. */
export class Accident<Code extends string = string> extends Error {
  override readonly name: string = "Accident";

  constructor(
    readonly code: Code,
    /** what could not be done */
    readonly what: string,
    /** the cause, as far as it is known */
    readonly why: string,
    /** the command or step that mends it */
    readonly fix: string,
    cause?: unknown,
  ) {
    super(`${what}: ${why}`, cause === undefined ? undefined : { cause });
  }
}

/** The code of a Node or LevelDB error, or null. */
export function codeOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : null;
}

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
