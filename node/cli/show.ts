// How things look to people: short ids, credits, labelled lines, tables. `--json` shows none of it.
import Table from "cli-table3";
import pc from "picocolors";
import type { CommandIo } from "./commands.js";

export { creditsOf } from "../contract/scalar.js";

/** The document as one line of JSON, or what `forPeople` prints of it. */
export function print(io: CommandIo, json: boolean, document: object, forPeople: () => void): void {
  if (json) io.out(JSON.stringify(document));
  else forPeople();
}

/** The first ten digits: enough to name a thing again. */
export const short = (id: string | null): string => (id === null ? "–" : id.slice(0, 10));

const HALF_A_DAY_MS = 12 * 3_600_000;

/** Near now a time of day with its thousandths, in UTC; further off the day as well, and the zone. */
export function clock(time: string | null, nowMs = Date.now()): string {
  if (time === null) return "–";
  if (Math.abs(Date.parse(time) - nowMs) < HALF_A_DAY_MS) return time.slice(11, 23);
  return `${time.slice(0, 10)} ${time.slice(11, 19)}Z`;
}

const SPANS: readonly (readonly [ms: number, one: string, many: string])[] = [
  [86_400_000, "day", "days"],
  [3_600_000, "hour", "hours"],
  [60_000, "minute", "minutes"],
  [1_000, "second", "seconds"],
];

/** When a time comes, in words: `in 14 minutes`, rounded up; what has come waits for an entry of the log. */
export function fromNow(time: string, nowMs = Date.now()): string {
  const leftMs = Date.parse(time) - nowMs;
  if (leftMs <= 0) return "with the next entry";
  const [ms, one, many] = SPANS.find(([span]) => leftMs >= span) ?? SPANS.at(-1)!;
  const count = Math.ceil(leftMs / ms);
  return `in ${count} ${count === 1 ? one : many}`;
}

/** How long something takes, in the largest unit that says it exactly: `90 seconds`. */
export function spanOf(ms: number): string {
  const unit = SPANS.find(([span]) => ms >= span && ms % span === 0);
  if (unit === undefined) return `${ms / 1000} seconds`;
  const [span, one, many] = unit;
  return `${ms / span} ${ms === span ? one : many}`;
}

export const painter = (io: CommandIo) => pc.createColors(io.colors);

/** `Peer      12D3…`, one line each; null values are left out. */
export function labelled(io: CommandIo, rows: readonly (readonly [string, string | null])[]): void {
  const shown = rows.filter((row): row is readonly [string, string] => row[1] !== null);
  const width = Math.max(...shown.map(([label]) => label.length)) + 2;
  const paint = painter(io);
  for (const [label, value] of shown) io.out(`${paint.dim(label.padEnd(width))}${value}`);
}

const BARE = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/** A table without lines. With nothing to show it says `empty` on stderr: an empty list is no data. */
export function table(
  io: CommandIo,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  empty: string,
): void {
  if (rows.length === 0) {
    io.err(empty);
    return;
  }
  const paint = painter(io);
  const drawn = new Table({
    head: head.map((title) => paint.bold(title)),
    chars: BARE,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  drawn.push(...rows.map((row) => [...row]));
  for (const line of drawn.toString().split("\n")) io.out(line.trimEnd());
}
