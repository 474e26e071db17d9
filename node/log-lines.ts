// Log lines for people: time, level, part, message, then what else was said.
import picocolors from "picocolors";
import type { DestinationStream } from "pino";
import { escaped, printable } from "./printable.js";

const LEVELS: Readonly<Record<number, string>> = {
  10: picocolors.dim("trace"),
  20: picocolors.dim("debug"),
  30: picocolors.green("info "),
  40: picocolors.yellow("warn "),
  50: picocolors.red("error"),
  60: picocolors.bgRed("fatal"),
};

/** Turns the JSON lines of a log into lines for people. */
export const prettyLines = (out: DestinationStream): DestinationStream => ({
  write: (line) => out.write(prettyLine(line)),
});

/** One line of JSON as lines for people; what is no JSON passes as it is. */
export function prettyLine(line: string): string {
  let record: Record<string, unknown>;
  try {
    record = JSON.parse(line);
  } catch {
    return line;
  }
  const { time, level, part, msg, err, ...rest } = record;
  const clock = new Date(Number(time)).toISOString().slice(11, 23);
  const words = [picocolors.dim(clock), LEVELS[Number(level)] ?? String(level)];
  if (part !== undefined) words.push(picocolors.cyan(escaped(String(part))));
  words.push(escaped(String(msg ?? "")));
  for (const [key, value] of Object.entries(rest)) {
    words.push(
      picocolors.dim(`${escaped(key)}=`) + escaped(typeof value === "string" ? value : JSON.stringify(value)),
    );
  }
  const trace = (err as { stack?: string } | undefined)?.stack;
  return `${words.join(" ")}\n${trace === undefined ? "" : `${picocolors.dim(printable(trace, false))}\n`}`;
}
