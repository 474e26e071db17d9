// What an answer says of its prompt: how long it was, and what of it the next call of the conversation need not pay for.
import type { Told } from "../../src/quota/index.js";
import type { Dialect, Usage } from "./dialect.js";

export type Prompt = Pick<Told, "prompt" | "kept">;

const READ: Usage = { freshInput: 0, cacheRead: 1, cacheWrite: 0, cacheWriteHour: 0, output: 0 };

/** Whether what is read from a cache does not count for its limits. */
export const leavesCacheOut = (dialect: Dialect): boolean => dialect.countedOf(READ).inputTokens === 0;

export function promptOf(dialect: Dialect, { freshInput, cacheRead, cacheWrite }: Usage): Prompt {
  const inCache = cacheRead + cacheWrite;
  return { prompt: freshInput + inCache, kept: leavesCacheOut(dialect) ? inCache : 0 };
}
