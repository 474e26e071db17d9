// What an answer has used for certain rises while it passes: told as its input is known, and of its output each so much, and each second.
import type { AnswerReader } from "./dialect.js";

/** Of output: what an answer has written since, nobody has told the books. */
const STEP_CHARS = 4_096;
const STEP_TOKENS = 1_024;
/** However little it writes: so much time of it an end of the process makes free, at most. */
const STEP_MS = 1_000;

/** What of an answer has passed. */
type SoFar = Pick<AnswerReader, "usage" | "isUsageFinal" | "contentChars">;

export class RisingFloor {
  private toldChars = 0;
  private toldTokens = 0;
  private isInputTold = false;

  /** @param toldMs when its answer began */
  constructor(private toldMs: number) {}

  /** Whether there is news since the last time. An answer that tells its whole usage is about to end, which is told anyway. */
  hasRisen({ usage, isUsageFinal, contentChars }: SoFar, nowMs: number): boolean {
    const tokens = usage?.output ?? 0;
    const isInputNew = !this.isInputTold && usage !== null && !isUsageFinal;
    const [chars, more] = [contentChars - this.toldChars, tokens - this.toldTokens];
    const isLate = nowMs - this.toldMs >= STEP_MS && (chars > 0 || more > 0) && !isUsageFinal;
    if (!isInputNew && !isLate && chars < STEP_CHARS && more < STEP_TOKENS) return false;
    this.toldMs = nowMs;
    this.toldChars = contentChars;
    this.toldTokens = tokens;
    this.isInputTold ||= usage !== null;
    return true;
  }
}
