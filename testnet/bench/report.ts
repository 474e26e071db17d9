// The report of a benchmark: each figure beside its limit, measured in the same run (spec/api#R3).
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";

/** What a row is called, and what it must keep. */
export interface RowPlan {
  readonly name: string;
  readonly unit: string;
  /** what the figure is measured against */
  readonly limit: string;
  readonly target: Target;
}

/** Bounds on the figure itself, or on its ratio to the limit. */
export interface Target {
  readonly of: "value" | "ratio";
  readonly bound: "at least" | "at most";
  readonly amount: number;
}

export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** the same work, or the same machine, without what this project adds; in the same unit */
  readonly limit: { readonly name: string; readonly value: number };
  /** value over limit */
  readonly ratio: number;
  /** `ratio <= 2`, `value <= 150` */
  readonly target: string;
  readonly met: boolean;
}

export interface BenchReport {
  readonly kind: "BenchReport";
  readonly machine: Machine;
  readonly rows: readonly BenchRow[];
  /** what rows are taken from, where that is several ways of doing the same */
  readonly tables: readonly BenchTable[];
}

/** Ways of doing the same, each with its figures. */
export interface BenchTable {
  readonly name: string;
  /** what was done */
  readonly what: string;
  /** of the figures, with their units */
  readonly columns: readonly string[];
  readonly ways: readonly {
    readonly name: string;
    /** in the order of columns; null: there is none */
    readonly figures: readonly (number | null)[];
  }[];
}

/** Told of what is measured as it is measured. */
export interface Audience {
  row(row: BenchRow): void;
  table(table: BenchTable): void;
}

/** Where the figures were taken: without it they say little. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly arch: string;
  readonly node: string;
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: platform(),
    arch: arch(),
    node: process.version,
  };
}

const DIGITS = 4;
export const rounded = (value: number): number => Number(value.toPrecision(DIGITS));

const SIGNS = { "at least": ">=", "at most": "<=" } as const;

/** A measured row: `value` and `limit` in the plan's unit. Judged before rounding. */
export function rowOf(
  { name, unit, limit: limitName, target }: RowPlan,
  value: number,
  limit: number,
): BenchRow {
  const ratio = value / limit;
  const figure = target.of === "value" ? value : ratio;
  const met = target.bound === "at least" ? figure >= target.amount : figure <= target.amount;
  return {
    name,
    value: rounded(value),
    unit,
    limit: { name: limitName, value: rounded(limit) },
    ratio: rounded(ratio),
    target: `${target.of} ${SIGNS[target.bound]} ${target.amount}`,
    met,
  };
}
