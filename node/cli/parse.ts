// What people type, as values: credits, durations, ids, numbers. What cannot be meant is a usage error.
import { InvalidArgumentError } from "commander";

const MAX_MICRO = 2n ** 53n - 1n;

/** How amounts are written, for `--help`. */
export const AMOUNT_RULE =
  "Amounts are credits with up to six decimals: 2.5 means 2,500,000 micro-credits, which is how --json shows it.";

/** Credits as a person writes them, in micro-credits as text. @throws InvalidArgumentError */
export function credits(text: string): string {
  const match = /^([0-9]{1,10})(?:\.([0-9]{1,6}))?$/.exec(text);
  if (match === null)
    throw new InvalidArgumentError(
      text.startsWith("-")
        ? "An amount is not negative."
        : "An amount is a number of credits, such as 2.5, with at most six decimals.",
    );
  const micro = BigInt(match[1]!) * 1_000_000n + BigInt((match[2] ?? "").padEnd(6, "0"));
  if (micro > MAX_MICRO) throw new InvalidArgumentError("An amount is at most 2^53 - 1 micro-credits.");
  return String(micro);
}

/** Credits separated by commas or given by repeating the option, ascending and without doubles. */
export function creditList(text: string, before: readonly string[] = []): readonly string[] {
  const all = [...before, ...text.split(",").map((part) => credits(part.trim()))];
  return [...new Set(all)].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration with its unit, in ms: `800ms`, `30s`, `5m`, `2h`, `7d`. @throws InvalidArgumentError */
export function duration(text: string): number {
  const match = /^([0-9]{1,9})(ms|s|m|h|d)$/.exec(text);
  if (match === null) throw new InvalidArgumentError("A duration has a unit: 800ms, 30s, 5m, 2h or 7d.");
  return Number(match[1]) * UNIT_MS[match[2]!]!;
}

/** A whole number of a range. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`A whole number from ${least} to ${most}.`);
  };

/** An id or its beginning, in lower case. */
export function idPrefix(text: string): string {
  if (/^[0-9a-fA-F]{6,64}$/.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("An id is 64 hexadecimal digits, or a unique beginning of at least 6.");
}

/** A whole id: money is not sent by a beginning that two may share. */
export function wholeId(text: string): string {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("A whole id is 64 hexadecimal digits.");
}

/** A moment as RFC 3339, in UTC. */
export function moment(text: string): string {
  const ms = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError("A time is written 2026-05-01T12:00:00Z.");
  return new Date(ms).toISOString();
}

/** Words separated by commas. */
export const words = (text: string): readonly string[] =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
