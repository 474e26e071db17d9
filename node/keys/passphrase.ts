// Where a passphrase comes from: the environment, a file, or an open file descriptor; never the command line.
import { readFileSync } from "node:fs";
import { messageOf } from "../accident.js";
import { KeyError } from "./key-error.js";
import { refuseOpenFile } from "./private-files.js";

export interface PassphraseSources {
  /** its MABEAM_PASSPHRASE is taken out when it is used, so that no child process or dump shows it */
  readonly env: Record<string, string | undefined>;
  /** path of a file that only its owner may read; null: none */
  readonly file: string | null;
  /** an open file descriptor, read to its end; null: none */
  readonly descriptor: number | null;
}

/**
 * The first of descriptor, file and MABEAM_PASSPHRASE that is given; null if none is.
 * One line end after it is dropped; letters that look alike in two encodings become one (NFKC).
 * @throws KeyError TOO_OPEN if others may read the file, NO_PASSPHRASE if what was given cannot be read or is empty
 */
export function takePassphrase(sources: PassphraseSources): string | null {
  const { env, file, descriptor } = sources;
  if (descriptor !== null)
    return checked(read(descriptor, `descriptor ${descriptor}`), `descriptor ${descriptor}`);
  if (file !== null) {
    const text = read(file, file);
    refuseOpenFile(file);
    return checked(text, file);
  }
  const given = env.MABEAM_PASSPHRASE;
  if (given === undefined) return null;
  delete env.MABEAM_PASSPHRASE;
  return checked(given, "MABEAM_PASSPHRASE");
}

function read(source: string | number, name: string): string {
  try {
    return readFileSync(source, "utf8");
  } catch (accident) {
    throw new KeyError(
      "NO_PASSPHRASE",
      `the passphrase could not be read from ${name}`,
      messageOf(accident),
      "name a file that you may read, or set MABEAM_PASSPHRASE",
    );
  }
}

function checked(text: string, name: string): string {
  const passphrase = text.replace(/\r?\n$/, "").normalize("NFKC");
  if (passphrase.length > 0) return passphrase;
  throw new KeyError(
    "NO_PASSPHRASE",
    `the passphrase in ${name} is empty`,
    "an empty passphrase protects nothing",
    "put a passphrase into it",
  );
}
