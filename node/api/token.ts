// The API's bearer token: 32 random bytes in a file that only its owner may read, compared in constant time.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Accident, messageOf } from "../accident.js";
import { isMountedSecret, openToOthers } from "../own-file.js";
import { shellWord } from "../shell-word.js";
import { readText } from "../text-file.js";
import { writeWhole } from "../whole-file.js";

/** base64url of 32 bytes */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Why a token file is of no use. */
export class TokenFileError extends Accident<
  "TOKEN_FILE_MISSING" | "TOKEN_FILE_OPEN" | "TOKEN_FILE_INVALID"
> {
  override readonly name = "TokenFileError";
}

/** A new token, in place of whatever `file` held: what an earlier daemon's was, or whoever saw it, opens nothing. */
export async function freshToken(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const token = randomBytes(32).toString("base64url");
  await writeWhole(file, `${token}\n`);
  return token;
}

/**
 * The token of an existing file.
 * @throws TokenFileError if it is missing, another user's, readable by others, or no token; EncodingError
 */
export function readToken(file: string): string {
  const what = "could not take the API's token";
  const text = textOfToken(file, what).trim();
  if (TOKEN.test(text)) return text;
  const fix = `remove ${shellWord(file)}; the daemon makes a new one when it starts`;
  throw new TokenFileError("TOKEN_FILE_INVALID", what, `${file} does not hold a token`, fix);
}

function textOfToken(file: string, what: string): string {
  let why: string | null;
  try {
    const found = statSync(file);
    why = found.isFile() && !isMountedSecret(found) ? openToOthers(found) : null;
    if (why === null) return readText(file);
  } catch (error) {
    if (error instanceof Accident) throw error;
    const fix = "name the right file with --token-file";
    throw new TokenFileError("TOKEN_FILE_MISSING", what, messageOf(error), fix, error);
  }
  const fix = `run \`chmod 600 ${shellWord(file)}\` as its owner, or name a file of your own with --token-file`;
  throw new TokenFileError("TOKEN_FILE_OPEN", what, `others may get at ${file}: ${why}`, fix);
}

/** Whether two secrets are equal, in a time that tells neither length nor common beginning. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
