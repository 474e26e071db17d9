// What people type, as values: credits, durations, ids, numbers. What cannot be meant is a usage error.
import { InvalidArgumentError } from "commander";
import { expandedPath } from "../config/paths.js";

const MAX_MICRO = 2n ** 53n - 1n;

/** How amounts are written, for `--help`. */
export const AMOUNT_RULE =
  "Amounts are credits with up to six decimals: 2.5 means 2,500,000 micro-credits, which is how --json shows it.";

/** Credits as a person writes them, in micro-credits as text. @throws InvalidArgumentError */
export function credits(text: string): string {
  const match = /^([0-9]{1,10})(?:\.([0-9]{1,6}))?$/.exec(text);
  if (match === null) throw new InvalidArgumentError(amountFault(text));
  const micro = BigInt(match[1]!) * 1_000_000n + BigInt((match[2] ?? "").padEnd(6, "0"));
  if (micro > MAX_MICRO) throw new InvalidArgumentError("An amount is at most 2^53 - 1 micro-credits.");
  return String(micro);
}

/** Credits, or `none`. @throws InvalidArgumentError */
export const creditsOrNone = (text: string): string => (text === "none" ? text : credits(text));

/** A moment, or `none`. @throws InvalidArgumentError */
export const momentOrNone = (text: string): string => (text === "none" ? text : moment(text));

/** The name of an agent, of a daemon or of its gateway. @throws InvalidArgumentError */
export function agentName(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,55}$/.test(text)) return text;
  throw new InvalidArgumentError(
    "A name is 1 to 56 of a–z, 0–9 and hyphens, and begins with a letter or digit.",
  );
}

/** The name of a network that is to be founded. @throws InvalidArgumentError */
export function networkName(text: string): string {
  if (/^[\x21-\x7e]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError(
    "A network's name is 1 to 64 letters, digits and marks of ASCII, without blanks.",
  );
}

/** A capability as a program may write it down: without quotes and the like. @throws InvalidArgumentError */
export function capabilityWord(text: string): string {
  const word = text.toLowerCase();
  if (/^[a-z0-9._:/-]{1,64}$/.test(word)) return word;
  throw new InvalidArgumentError("A capability is 1 to 64 of a–z, 0–9 and . _ : / - here.");
}

/** Credits given by repeating the option, ascending and without doubles. */
export function creditList(text: string, before: readonly string[] = []): readonly string[] {
  return [...new Set([...before, credits(text)])].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
}

/** Whether `2,5` is two and a half, `1,500` a thousand and a half, or either of them two amounts, is not guessed. */
function amountFault(text: string): string {
  if (text.startsWith("-")) return "An amount is not negative.";
  if (text.includes(","))
    return "An amount has no comma: write 2.5 or 1500, and give the option again for another amount.";
  return "An amount is a number of credits, such as 2.5, with at most six decimals.";
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const MOST_DAYS = 3650;

/** What a timer of Node can wait for: beyond it, it would not wait at all. */
const MOST_PATIENCE_DAYS = 24;

/** A duration with its unit, in ms: `800ms`, `30s`, `5m`, `2h`, `7d`; at most ten years. @throws InvalidArgumentError */
export const duration = (text: string): number => durationWithin(text, MOST_DAYS);

/** How long this program is to wait, in ms: a duration of at most 24 days. @throws InvalidArgumentError */
export const patience = (text: string): number => durationWithin(text, MOST_PATIENCE_DAYS);

function durationWithin(text: string, mostDays: number): number {
  const match = /^([0-9]{1,15})(ms|s|m|h|d)$/.exec(text);
  if (match === null) throw new InvalidArgumentError("A duration has a unit: 800ms, 30s, 5m, 2h or 7d.");
  const ms = Number(match[1]) * UNIT_MS[match[2]!]!;
  if (ms > mostDays * UNIT_MS.d!) throw new InvalidArgumentError(`At most ${mostDays}d can be waited for.`);
  return ms;
}

/** A path, in which `~` means the home folder even where no shell has seen it. @throws InvalidArgumentError */
export function path(text: string): string {
  const whole = text === "" ? null : expandedPath(text);
  if (whole !== null) return whole;
  throw new InvalidArgumentError(
    "A path is not empty, and ~ is expanded only where it is this user's own home folder.",
  );
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

const MOMENT = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2})?)(?:\.\d{1,3})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

/** A moment as RFC 3339 with its zone, in UTC. What no calendar or clock shows, such as 30 February, is refused. */
export function moment(text: string): string {
  const match = MOMENT.exec(text);
  const ms = match === null ? Number.NaN : Date.parse(text);
  // A parser rolls 30 February over into March: what was written must come out again.
  const written = match === null ? "" : `${match[1]}T${match[2]}`;
  const read = Date.parse(`${written}Z`);
  if (Number.isNaN(ms) || Number.isNaN(read) || !new Date(read).toISOString().startsWith(written))
    throw new InvalidArgumentError("A time is written 2026-05-01T12:00:00Z, or with its zone, as in +02:00.");
  return new Date(ms).toISOString();
}

/** Words separated by commas. */
export const words = (text: string): readonly string[] =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");

/** Whole ids, given by repeating the option. @throws InvalidArgumentError */
export const repeatedId = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  wholeId(text),
];

/** What is given by repeating the option, in its order. */
export const repeated = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  text,
];
