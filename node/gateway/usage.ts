// What an answer used, by its own word, or by what of it has come.
import type { Use } from "../../src/quota/index.js";
import type { AnswerReader, Usage } from "./dialect.js";

/** Of output whose amount the upstream does not tell. */
const CHARS_A_TOKEN = 4;

/**
 * An answer tells what it used. Where it broke off before it did, it is charged what it was sent, and what had come of it:
 * an upstream tells of an abort nothing (spec/gateway#G36).
 * @param estimate of what it was sent @returns null: it is no answer, and used nothing
 */
export function usageBy(estimate: Use, status: number, reader: AnswerReader | null): Usage | null {
  const told = reader?.usage == null ? null : bounded(reader.usage);
  if (told !== null && reader!.isUsageFinal) return told;
  if (status < 200 || status >= 300 || reader === null || reader.failure !== null) return told;
  const soFar = told ?? { ...NOTHING, freshInput: estimate.inputTokens };
  return { ...soFar, output: Math.max(soFar.output, Math.ceil(reader.contentChars / CHARS_A_TOKEN)) };
}

const NOTHING: Usage = { freshInput: 0, cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0, output: 0 };

/** Tokens of one kind, whatever an upstream claims: sums of them are still exact. */
const MOST_TOKENS = 1_000_000_000_000;

function bounded({ freshInput, cacheRead, cacheWrite, cacheWriteHour, output }: Usage): Usage {
  return {
    freshInput: Math.min(MOST_TOKENS, freshInput),
    cacheRead: Math.min(MOST_TOKENS, cacheRead),
    cacheWrite: Math.min(MOST_TOKENS, cacheWrite),
    cacheWriteHour: Math.min(MOST_TOKENS, cacheWriteHour),
    output: Math.min(MOST_TOKENS, output),
  };
}
