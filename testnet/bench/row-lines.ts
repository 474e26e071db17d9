// The benchmark's rows for people.
import pc from "picocolors";
import type { CommandIo } from "../../node/cli/commands.js";
import type { BenchRow, BenchTable, Machine } from "./report.js";

const NAME_WIDTH = 15;
const FIGURE_WIDTH = 8;

export const machineLine = ({ cpu, cores, node, platform, arch }: Machine): string =>
  `${cpu}, ${cores} cores, ${platform} ${arch}, Node ${node}`;

/** Two or three lines: the figure, its limit, and whether the target is met. */
export function rowLines(row: BenchRow, io: Pick<CommandIo, "colors">): readonly string[] {
  const paint = pc.createColors(io.colors);
  const mark = row.met ? paint.green("✓") : paint.red("✗");
  const figure = (value: number): string => String(value).padStart(FIGURE_WIDTH);
  const indent = " ".repeat(NAME_WIDTH + 2);
  return [
    `${mark} ${paint.bold(row.name.padEnd(NAME_WIDTH))}${figure(row.value)}  ${row.unit}`,
    `${indent}${figure(row.limit.value)}  ${paint.dim(row.limit.name)}`,
    `${indent}${figure(row.ratio)}  ratio; target: ${row.target}${row.met ? "" : paint.red("  missed")}`,
  ];
}

/** What was done, the columns, and a line for each way of doing it. */
export function tableLines(
  { what, columns, ways }: BenchTable,
  io: Pick<CommandIo, "colors">,
): readonly string[] {
  const paint = pc.createColors(io.colors);
  const cells = ways.map(({ figures }) => figures.map((figure) => (figure === null ? "-" : String(figure))));
  const widths = columns.map((name, at) => Math.max(name.length, ...cells.map((row) => row[at]!.length)));
  const first = Math.max(...ways.map(({ name }) => name.length));
  const line = (name: string, row: readonly string[]): string =>
    `  ${name.padEnd(first)}${row.map((cell, at) => `  ${cell.padStart(widths[at]!)}`).join("")}`;
  return [
    paint.bold(what),
    paint.dim(line("", columns)),
    ...ways.map(({ name }, at) => line(name, cells[at]!)),
    "",
  ];
}
