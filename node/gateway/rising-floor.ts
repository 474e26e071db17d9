// What an answer has used for certain rises while it passes: told as its input is known, and each so many characters.
import type { AnswerReader } from "./dialect.js";

/** Of content: what an answer has written since, nobody has told the books. */
const STEP_CHARS = 4_096;

export class RisingFloor {
  private toldChars = 0;
  private isInputTold = false;

  /** Whether there is news since the last time. An answer that tells its whole usage has ended: that is told as its end. */
  hasRisen({ usage, isUsageFinal, contentChars }: AnswerReader): boolean {
    const isInputNew = !this.isInputTold && usage !== null && !isUsageFinal;
    if (!isInputNew && contentChars - this.toldChars < STEP_CHARS) return false;
    this.toldChars = contentChars;
    this.isInputTold ||= usage !== null;
    return true;
  }
}
