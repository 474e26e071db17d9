// Where a passphrase comes from: the environment, a file, or an open file descriptor; never the command line.
import { messageOf } from "../accident.js";
import { EncodingError, readText } from "../text-file.js";
import { KeyError } from "./key-error.js";
import { readPrivateText } from "./private-files.js";

export interface PassphraseSources {
  /** its MABEAM_PASSPHRASE is taken out when it is used, so that no child process or dump shows it */
  readonly env: Record<string, string | undefined>;
  /** path of a file that only its owner may read, or of a pipe; null: none */
  readonly file: string | null;
  /** an open file descriptor, read to its end; null: none */
  readonly descriptor: number | null;
}

/**
 * The first of descriptor, file and MABEAM_PASSPHRASE that is given; null if none is.
 * It is one line, whose end is dropped; letters that look alike in two encodings become one (NFKC).
 * @throws KeyError TOO_OPEN if others may read the file, NO_PASSPHRASE if what was given cannot be read, is empty or
 * more than one line; EncodingError
 */
export function takePassphrase(sources: PassphraseSources): string | null {
  const { env, file, descriptor } = sources;
  if (descriptor !== null) {
    const name = `descriptor ${descriptor}`;
    return checked(
      read(name, () => readText(descriptor, name)),
      name,
    );
  }
  if (file !== null)
    return checked(
      read(file, () => readPrivateText(file)),
      file,
    );
  const given = env.MABEAM_PASSPHRASE;
  if (given === undefined) return null;
  delete env.MABEAM_PASSPHRASE;
  return checked(given, "MABEAM_PASSPHRASE");
}

function read(name: string, readIt: () => string): string {
  try {
    return readIt();
  } catch (accident) {
    if (accident instanceof KeyError || accident instanceof EncodingError) throw accident;
    throw new KeyError(
      "NO_PASSPHRASE",
      `the passphrase could not be read from ${name}`,
      messageOf(accident),
      "name a file that you may read, or set MABEAM_PASSPHRASE",
    );
  }
}

function checked(text: string, name: string): string {
  const line = text.replace(/(\r?\n)+$/, "");
  // Which of two lines is meant is not guessed: a passphrase that was cut would seal keys that nobody opens again.
  if (/[\r\n]/.test(line))
    throw useless(name, "has more than one line", "a passphrase is one", "leave one in it");
  const passphrase = line.normalize("NFKC");
  if (passphrase.length > 0) return passphrase;
  throw useless(name, "is empty", "an empty passphrase protects nothing", "put a passphrase into it");
}

const useless = (name: string, how: string, why: string, fix: string): KeyError =>
  new KeyError("NO_PASSPHRASE", `the passphrase in ${name} ${how}`, why, fix);
