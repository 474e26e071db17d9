// Limits in words, for all who are told of one: the key's owner, its clients, and whoever looks on.
import type { Dimension } from "../../src/quota/index.js";

/** What a dimension counts. */
export const UNITS: Readonly<Record<Dimension, string>> = {
  requests: "requests",
  tokens: "tokens",
  inputTokens: "input tokens",
  outputTokens: "output tokens",
};

const WINDOWS: ReadonlyMap<number, string> = new Map([
  [1_000, "a second"],
  [60_000, "a minute"],
  [3_600_000, "an hour"],
  [86_400_000, "a day"],
]);

/** 100000 → 100,000. */
export const grouped = (amount: number): string => amount.toLocaleString("en-US");

/** `a minute`, or `in 90 s`. */
export const windowWords = (windowMs: number): string =>
  WINDOWS.get(windowMs) ?? `in ${Math.ceil(windowMs / 1_000)} s`;
