// What can go wrong with a store, told in words that a person can act on.
import { Accident, codeOf, messageOf } from "../accident.js";

export type StoreErrorCode = "STORE_LOCKED" | "STORE_CORRUPT" | "STORE_FULL" | "STORE_DENIED" | "STORE_IO";

export class StoreError extends Accident<StoreErrorCode> {
  override readonly name = "StoreError";
}

/** LevelDB passes on the system's words and not its number, so both are looked for. */
const FULL = /ENOSPC|EDQUOT|EFBIG|No space left on device|Disk quota exceeded|File too large/;
const DENIED = /EACCES|EPERM|EROFS|Permission denied|Operation not permitted|Read-only file system/;
/** A file that the manifest names and the folder lacks is damage, whatever LevelDB calls it. */
const DAMAGED = /Corruption|(MANIFEST-|\.ldb|\.sst)[^:]*: No such file|does not exist \(create_if_missing/;

export const corruptStoreFix = (path: string): string =>
  `move ${path} aside and start again: the peer catches up from the network, and a seat signs nothing until released`;

/** In the place of a row that cannot be read. */
export const BROKEN = "broken";

/** For readers that go on behind a row with a broken seal. @throws every other error */
export function unlessBroken(error: unknown): typeof BROKEN {
  if (error instanceof StoreError && error.code === "STORE_CORRUPT") return BROKEN;
  throw error;
}

/** What is wrong with a folder of LevelDB's, by what it or the file system throws. */
export function troubleOf(error: unknown): "locked" | "corrupt" | "full" | "denied" | "other" {
  const chain = chainOf(error);
  const codes = chain.map(codeOf);
  const text = `${codes.join(" ")} ${messageOf(chain[1] ?? error)}`;
  if (codes.includes("LEVEL_LOCKED")) return "locked";
  if (codes.includes("LEVEL_CORRUPTION") || DAMAGED.test(text)) return "corrupt";
  if (FULL.test(text)) return "full";
  return DENIED.test(text) ? "denied" : "other";
}

const chainOf = (error: unknown): readonly unknown[] => [error, (error as { cause?: unknown } | null)?.cause];

/** The typed form of an error of LevelDB or of the file system, at `path`, while trying to do `what`. */
export function storeErrorOf(what: string, path: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const why = messageOf(chainOf(error)[1] ?? error);
  const told = (code: StoreErrorCode, fix: string) => new StoreError(code, what, why, fix, error);
  switch (troubleOf(error)) {
    case "locked":
      return told(
        "STORE_LOCKED",
        "stop the other daemon that uses this folder, or give this one another --home",
      );
    case "corrupt":
      return told("STORE_CORRUPT", corruptStoreFix(path));
    case "full":
      return told("STORE_FULL", `free some space on the disk of ${path} and start again`);
    case "denied":
      return told("STORE_DENIED", `make ${path} readable and writable for this user`);
    case "other":
      return told("STORE_IO", `check the disk and the folder ${path}, then start again`);
  }
}
