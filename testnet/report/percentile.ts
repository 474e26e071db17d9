// Percentiles of measurements, by the nearest rank: always a value that was measured.

export interface Spread {
  readonly p50: number;
  readonly p99: number;
}

/** The least measurement that at least `percent` (1..100) of them do not exceed; null if there are none. */
export function percentile(measurements: readonly number[], percent: number): number | null {
  const ascending = [...measurements].sort((a, b) => a - b);
  return ascending[Math.max(0, Math.ceil((percent / 100) * ascending.length) - 1)] ?? null;
}

/** Median and 99th percentile to a tenth; null if nothing was measured. */
export function spreadOf(measurements: readonly number[]): Spread | null {
  const p50 = percentile(measurements, 50);
  const p99 = percentile(measurements, 99);
  return p50 === null || p99 === null ? null : { p50: tenths(p50), p99: tenths(p99) };
}

export const tenths = (value: number): number => Math.round(value * 10) / 10;
