// For which model a request is sent, and how often it still may be: one budget for repetitions and for other models (spec/gateway#G41, spec/gateway#G42).
import type { Fallbacks, Trouble } from "./chains.js";

/** Another model than the one that was asked for, and why. */
export interface Instead {
  readonly model: string;
  readonly on: Trouble;
}

/** What follows on an attempt that failed, with nothing sent to the client: the same again, another model, nothing. */
export type Next = "again" | "instead" | "over";

export class Course {
  /** null: it is for the model that was asked for */
  instead: Instead | null = null;
  private readonly rest: string[];
  private sent = 0;

  /** @param asked for; null: the request names none. @param most that it may be sent, ≥ 1 */
  constructor(
    private readonly asked: string | null,
    private readonly fallbacks: Fallbacks,
    private readonly most: number,
  ) {
    this.rest = [...fallbacks.insteadOf(asked)];
  }

  get model(): string | null {
    return this.instead?.model ?? this.asked;
  }

  /** It is sent once more. */
  begin(): void {
    this.sent += 1;
  }

  /** Whether another model is left for such a trouble. */
  hasInstead(trouble: Trouble): boolean {
    return this.rest.length > 0 && this.fallbacks.isFor(trouble);
  }

  /**
   * What follows on a failure, if it is not passed on.
   * @param isPassing waiting may mend it: then the same model is asked again as long as each other still gets its turn
   */
  after(trouble: Trouble | null, isPassing: boolean): Next {
    const left = this.most - this.sent;
    if (left <= 0) return "over";
    const isLast = !isPassing || left <= this.rest.length;
    if (trouble !== null && isLast && this.hasInstead(trouble)) return "instead";
    return isPassing ? "again" : "over";
  }

  /** From here on it is for the next model. */
  turnTo(trouble: Trouble): void {
    const model = this.rest.shift();
    if (model !== undefined) this.instead = { model, on: trouble };
  }
}
