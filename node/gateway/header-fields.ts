// What upstreams and clients say in header fields: numbers, durations, moments, how long to wait.
import type { Fields } from "./dialect.js";

/** The field's value, the first if it is there more than once; null: it is not there, or empty. */
export function fieldOf(fields: Fields, name: string): string | null {
  const value = fields[name];
  const first = typeof value === "string" ? value : value?.[0];
  return first === undefined || first.trim() === "" ? null : first.trim();
}

/** A whole number, perhaps below 0; null: it is none. */
export function wholeOf(text: string | null): number | null {
  if (text === null || !/^-?\d{1,15}(\.0+)?$/.test(text)) return null;
  return Math.trunc(Number(text));
}

const UNITS_MS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};
const DURATION = /^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/;
const DURATION_PART = /(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g;

/** Milliseconds, rounded up, of a duration as Go writes it: `2m52.8s`, `547ms`, `0s`; null: it is none. */
export function durationMs(text: string | null): number | null {
  if (text === null || text.length > 40 || !DURATION.test(text)) return null;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(DURATION_PART)) ms += Number(amount) * UNITS_MS[unit!]!;
  return boundedMs(ms);
}

/** A duration as Go writes it, of whole milliseconds. */
export function goDuration(ms: number): string {
  if (ms < 1_000) return `${ms}ms`.replace(/^0ms$/, "0s");
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = `${(ms % 60_000) / 1_000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

/** As RFC 3339 writes a date, and as HTTP does: the engine alone takes "-5" for a day in May. */
const DATE =
  /^(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT)$/;

/** A moment since 1970 of unix seconds, or of a date; null: it is none. */
export function momentMs(text: string | null): number | null {
  if (text === null) return null;
  const ms = isDecimal(text) ? Number(text) * 1_000 : DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(ms) && ms >= 0 ? Math.ceil(ms) : null;
}

/** How long an answer asks to wait, by `retry-after-ms`, else `retry-after` in seconds or as a date; null: it does not. */
export function retryMsOf(fields: Fields, nowMs: number): number | null {
  const exact = fieldOf(fields, "retry-after-ms");
  if (exact !== null && isDecimal(exact)) return boundedMs(Number(exact));
  const field = fieldOf(fields, "retry-after");
  if (field === null) return null;
  if (isDecimal(field)) return boundedMs(Number(field) * 1_000);
  const moment = momentMs(field);
  return moment === null ? null : boundedMs(Math.max(0, moment - nowMs));
}

const isDecimal = (text: string): boolean => /^\d{1,12}(\.\d+)?$/.test(text);

/** Nobody is asked to wait for longer than a month. */
const MOST_MS = 2_678_400_000;
/** Rounded up, but for what is lost in the arithmetic of fractions. */
const boundedMs = (ms: number): number => Math.min(MOST_MS, Math.max(0, Math.ceil(ms - 1e-6)));
