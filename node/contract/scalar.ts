// The small values of the API's JSON: amounts, ids, times, numbers in a query.
import { Buffer } from "node:buffer";
import { z } from "zod";
import { fits, MAX_AMOUNT, MAX_INSTANT_MS, word } from "../../src/base/index.js";

/** Micro-credits as a string of decimal digits: no sign, no leading zero, at most 2^53 − 1. */
export const amount = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,15})$/, {
    message: "an amount is a string of decimal digits, in micro-credits",
    abort: true,
  })
  .refine((text) => BigInt(text) <= MAX_AMOUNT, "an amount is at most 2^53 - 1 micro-credits")
  .describe("micro-credits (1 credit = 1,000,000), an integer as a string");

/** A sum of amounts, or a difference that people read: may pass the limit of one account. */
export const total = z
  .string()
  .regex(/^(0|[1-9][0-9]*)$/)
  .describe("micro-credits (1 credit = 1,000,000), an integer as a string");

/** Micro-credits as credits: `2500000` → `2.5`. */
export function creditsOf(micro: string | bigint): string {
  const value = BigInt(micro);
  const fraction = String(value % 1_000_000n)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return fraction === "" ? String(value / 1_000_000n) : `${value / 1_000_000n}.${fraction}`;
}

export const hex32 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "an id is 64 lower-case hexadecimal digits")
  .describe("32 bytes in lower-case hexadecimal");

/** A whole id or the beginning of one, where a question may be asked by prefix. */
export const hexPrefix = z
  .string()
  .regex(/^[0-9a-f]{6,64}$/, "an id, or a prefix of one, is 6 to 64 lower-case hexadecimal digits")
  .describe("an id in lower-case hexadecimal, or a unique prefix of at least 6 digits");

export const time = z.iso.datetime().describe("RFC 3339, UTC, of the years 0000 to 9999");

/** RFC 3339 text of milliseconds since 1970; what lies before that or beyond the year 9999 is shown as the nearest moment. */
export const timeOf = (ms: number): string =>
  new Date(Math.max(0, Math.min(ms, MAX_INSTANT_MS))).toISOString();

/** One text for the same bytes: stray bits after the last byte would be a second. */
export const base64 = z
  .base64()
  .refine((text) => Buffer.from(text, "base64").toString("base64") === text, "is not canonical base64");

export const count = z.int().min(0);

/** What can be sold: the codec of the ledger's `capability`, as a test holds the two together. */
const isCapability = (text: string): boolean => fits(word(64), text);
const CAPABILITY_RULE = "1 to 64 printable ASCII characters, without blanks";
export const capabilityText = z
  .string()
  .refine(isCapability, CAPABILITY_RULE)
  .describe(`${CAPABILITY_RULE} or capital letters`);

/** The same as a caller may write it: capitals are folded. */
export const capabilityGiven = z
  .string()
  .toLowerCase()
  .refine(isCapability, CAPABILITY_RULE)
  .describe(`${CAPABILITY_RULE}; capital letters become small ones`);

/** A natural number in a query string. */
export const queryCount = (max: number) =>
  z
    .string()
    .regex(/^[0-9]{1,16}$/, "a whole number")
    .transform(Number)
    .refine((value) => value <= max, `at most ${max}`);
