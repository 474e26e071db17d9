// How often a member is answered: questions are small, answers may be a mebibyte, and a liar can ask for ever.
import { MAX_ANSWERS_PER_DELTA } from "./limits.js";
import type { Turn } from "./turn.js";

/**
 * Whether a question is answered now. Only members ask the log's questions; an honest one asks each thing once per
 * 2Δ, and asks another member when it gets no answer.
 */
export function mayAnswer(turn: Turn, from: number | null): boolean {
  const { voter, nowMs } = turn;
  const answered = from === null ? undefined : voter.answered[from];
  if (answered === undefined) return false;
  if (nowMs - answered.sinceMs >= voter.config.timing.deltaMs) {
    answered.sinceMs = nowMs;
    answered.count = 0;
  }
  answered.count += 1;
  return answered.count <= MAX_ANSWERS_PER_DELTA;
}
