// Text files as editors and orchestrators write them: UTF-8, with or without a mark; any other encoding is named.
import { readFileSync } from "node:fs";
import { Accident } from "./accident.js";

export class EncodingError extends Accident<"ENCODING"> {
  override readonly name = "EncodingError";
}

/** Bytes at the beginning in which a text has no zero, and UTF-16 of Latin letters has many. */
const LOOKED_AT = 64;

/** The text of a file or of an open descriptor. @throws EncodingError; and as `readFileSync` does */
export const readText = (source: string | number, name = String(source)): string =>
  textOf(readFileSync(source), name);

/** UTF-8 as text, a byte order mark dropped. @param name of the file, for the message @throws EncodingError */
export function textOf(bytes: Uint8Array, name: string): string {
  const mark = bytes.length < 2 ? 0 : bytes[0]! * 256 + bytes[1]!;
  if (mark === 0xfffe || mark === 0xfeff) throw strange(name, "it is UTF-16");
  if (bytes.subarray(0, LOOKED_AT).includes(0))
    throw strange(name, "it holds zero bytes: UTF-16, or no text");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw strange(name, "it is not UTF-8");
  }
}

const strange = (name: string, why: string): EncodingError =>
  new EncodingError("ENCODING", `could not read ${name}`, why, "save it as UTF-8, and try again");
