// What can go wrong with the books, told in words that a person can act on.
import { Accident, messageOf } from "../../accident.js";
import { troubleOf } from "../../store/error.js";

export type BooksErrorCode =
  | "BOOKS_LOCKED"
  | "BOOKS_DAMAGED"
  | "BOOKS_NEWER"
  | "BOOKS_UNREADABLE"
  | "BOOKS_UNWRITABLE";

export class BooksError extends Accident<BooksErrorCode> {
  override readonly name = "BooksError";
}

/** Nothing is guessed where money is counted: a row that cannot be read stops the gateway before it serves anybody. */
export const damaged = (folder: string, why: string, cause?: unknown): BooksError =>
  new BooksError(
    "BOOKS_DAMAGED",
    "could not read the gateway's books",
    why,
    `move ${folder} aside and start again: what was spent before is forgotten, and every window of spending begins anew`,
    cause,
  );

export const newer = (folder: string, version: number): BooksError =>
  new BooksError(
    "BOOKS_NEWER",
    "could not read the gateway's books",
    `${folder} was written by a newer mabeam (version ${version} of a row)`,
    "use that mabeam, or another --home",
  );

/** The typed form of what LevelDB or the file system throws. */
export function booksErrorOf(how: "read" | "write", folder: string, error: unknown): BooksError {
  if (error instanceof BooksError) return error;
  const why = messageOf((error as { cause?: unknown } | null)?.cause ?? error);
  const what = `could not ${how} the gateway's books`;
  const code = how === "read" ? "BOOKS_UNREADABLE" : "BOOKS_UNWRITABLE";
  switch (troubleOf(error)) {
    case "locked":
      return new BooksError(
        "BOOKS_LOCKED",
        what,
        `another process has ${folder}`,
        "stop the other gateway of this folder, or give this one another --home",
        error,
      );
    case "corrupt":
      return damaged(folder, why, error);
    case "full":
      return new BooksError(code, what, why, `free some space on the disk of ${folder}`, error);
    case "denied":
      return new BooksError(code, what, why, `make ${folder} readable and writable for this user`, error);
    case "other":
      return new BooksError(code, what, why, `check the disk and the folder ${folder}`, error);
  }
}
