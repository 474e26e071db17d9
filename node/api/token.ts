// The API's bearer token: 32 random bytes in a file that only its owner may read, compared in constant time.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { Accident, codeOf, messageOf } from "../accident.js";

/** base64url of 32 bytes */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Why a token file is of no use. */
export class TokenFileError extends Accident<
  "TOKEN_FILE_MISSING" | "TOKEN_FILE_OPEN" | "TOKEN_FILE_INVALID"
> {
  override readonly name = "TokenFileError";
}

/** The token of `file`; a fresh one is written (0600) where there is no file yet. @throws TokenFileError */
export function loadOrCreateToken(file: string): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  let descriptor: number;
  try {
    descriptor = openSync(file, "wx", 0o600);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return readToken(file);
    throw error;
  }
  const token = randomBytes(32).toString("base64url");
  try {
    writeSync(descriptor, `${token}\n`);
  } finally {
    closeSync(descriptor);
  }
  return token;
}

/** The token of an existing file. @throws TokenFileError if it is missing, readable by others, or no token */
export function readToken(file: string): string {
  const what = "could not take the API's token";
  let text: string;
  let mode: number;
  try {
    mode = statSync(file).mode & 0o777;
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    const fix = "name the right file with --token-file";
    throw new TokenFileError("TOKEN_FILE_MISSING", what, messageOf(error), fix, error);
  }
  // Windows has no such bits.
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    const why = `${file} may be read by others (mode ${mode.toString(8)})`;
    throw new TokenFileError("TOKEN_FILE_OPEN", what, why, `run \`chmod 600 ${file}\``);
  }
  if (TOKEN.test(text)) return text;
  const fix = `remove ${file}; the daemon makes a new one when it starts`;
  throw new TokenFileError("TOKEN_FILE_INVALID", what, `${file} does not hold a token`, fix);
}

/** Whether two secrets are equal, in a time that tells neither length nor common beginning. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
