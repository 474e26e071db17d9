// Limits as a person names them, in the terms of each dialect.
import { DAY_MS, type Dimension, type Limit, MINUTE_MS } from "./amounts.js";
import type { DialectName } from "./dialects/dialects.js";

/** Figures of a key; what is absent is not limited. Integers > 0. */
export interface Figures {
  readonly rpm?: number | undefined;
  readonly rpd?: number | undefined;
  /** of OpenAI's family input and output together, of the others input */
  readonly tpm?: number | undefined;
  readonly itpm?: number | undefined;
  readonly otpm?: number | undefined;
}

export function limitsOf(dialect: DialectName, { rpm, rpd, tpm, itpm, otpm }: Figures): readonly Limit[] {
  const areTogether = dialect === "openai" || dialect === "azure";
  const rows: readonly (readonly [Dimension, number | undefined, number])[] = [
    ["requests", rpm, MINUTE_MS],
    ["requests", rpd, DAY_MS],
    [areTogether ? "tokens" : "inputTokens", tpm, MINUTE_MS],
    ["inputTokens", itpm, MINUTE_MS],
    ["outputTokens", otpm, MINUTE_MS],
  ];
  return rows.flatMap(([dimension, limit, windowMs]) => {
    if (limit === undefined) return [];
    const ends = windowMs === DAY_MS && dialect === "google" ? "midnight" : "refill";
    return [{ dimension, limit, windowMs, ends }];
  });
}
