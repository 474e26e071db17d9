// Durations as Go writes them, which is how rate headers tell them: `2m52.8s`, `547ms`, `0s`.

/** @param ms an integer ≥ 0 */
export function goDuration(ms: number): string {
  if (ms === 0) return "0s";
  if (ms < 1_000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = (ms % 60_000) / 1_000;
  return `${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${seconds}s`;
}

/** Whole seconds, rounded up: what `retry-after` takes. */
export const secondsUp = (ms: number): number => Math.ceil(ms / 1_000);
