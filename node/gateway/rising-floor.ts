// What an answer has used for certain rises while it passes: told as its input is known, and each so much of its output.
import type { AnswerReader } from "./dialect.js";

/** Of output: what an answer has written since, nobody has told the books. */
const STEP_CHARS = 4_096;
const STEP_TOKENS = 1_024;

/** What of an answer has passed. */
type SoFar = Pick<AnswerReader, "usage" | "isUsageFinal" | "contentChars">;

export class RisingFloor {
  private toldChars = 0;
  private toldTokens = 0;
  private isInputTold = false;

  /** Whether there is news since the last time. An answer that tells its whole usage is about to end, which is told anyway. */
  hasRisen({ usage, isUsageFinal, contentChars }: SoFar): boolean {
    const tokens = usage?.output ?? 0;
    const isInputNew = !this.isInputTold && usage !== null && !isUsageFinal;
    const isOutputNew =
      contentChars - this.toldChars >= STEP_CHARS || tokens - this.toldTokens >= STEP_TOKENS;
    if (!isInputNew && !isOutputNew) return false;
    this.toldChars = contentChars;
    this.toldTokens = tokens;
    this.isInputTold ||= usage !== null;
    return true;
  }
}
