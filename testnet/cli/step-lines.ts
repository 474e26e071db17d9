// Steps on the terminal: a tick, what was done, and how long it took; on stderr, for people who watch.
import pc from "picocolors";
import type { CommandIo } from "../../node/cli/commands.js";
import type { OnStep } from "../steps.js";

export function stepLines(io: CommandIo): OnStep {
  if (!io.progress) return () => undefined;
  const paint = pc.createColors(io.colors);
  return ({ text, ms }) => io.err(`${paint.green("✓")} ${text} ${paint.dim(durationOf(ms))}`);
}

/** `840 ms`, `1.9 s` */
export const durationOf = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
