// How amounts of a key's limits are written for people.
import type { Dimension } from "../../src/quota/index.js";

export const DIMENSION_WORDS: Readonly<Record<Dimension, string>> = {
  requests: "requests",
  tokens: "tokens",
  inputTokens: "input tokens",
  outputTokens: "output tokens",
};

/** 100000 → 100,000. */
export const grouped = (amount: number): string => amount.toLocaleString("en-US");
