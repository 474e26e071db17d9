// The few fields of a request's body that matter, found by their places, so that all other bytes stay as they came.
import { Buffer } from "node:buffer";
import type { Few } from "./few.js";
import type { Kept } from "./json-capture.js";
import type { Found } from "./json-found.js";
import { JsonScan } from "./json-scan.js";
import type { Wanted } from "./json-wanted.js";

/** An object's fields by path, and where it begins. */
export interface Fields {
  readonly start: number;
  readonly at: Few<Kept>;
}

/**
 * Looks for fields of a JSON object, at its top or one object below.
 * @returns a string: why the body is no such object, or says a field twice, which would let others read another than we
 */
export function fieldsOf(body: Uint8Array, wanted: Wanted): Fields | string {
  const documents: Found[] = [];
  const scan = new JsonScan(wanted, (found) => documents.push(found));
  scan.push(body);
  const isWhole = scan.end();
  const [found] = documents;
  if (!isWhole || found === undefined || scan.isList) return "the body is no JSON object";
  if (found.twice !== null) return `the body says \`${found.twice}\` more than once`;
  return { start: found.start, at: found.kept };
}

/** The bytes with those from `start` to `end` replaced. */
export const spliced = (body: Uint8Array, start: number, end: number, text: string): Uint8Array =>
  Buffer.concat([body.subarray(0, start), Buffer.from(text, "utf8"), body.subarray(end)]);

/** The bytes with a field put first into the object that begins at `start`. */
export function withField(body: Uint8Array, start: number, field: string): Uint8Array {
  let next = start + 1;
  while (body[next]! <= 0x20) next += 1;
  const isEmpty = body[next] === 0x7d;
  return spliced(body, start + 1, start + 1, isEmpty ? field : `${field},`);
}
