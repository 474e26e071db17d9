// One round of asking for loans: who is asked for how much, and what came of it by when.
import { BILLIONTHS_A_PART, type Borrowed, type Loan } from "./parts.js";

export interface Lender {
  readonly gateway: string;
  /** of 1,000 */
  readonly parts: number;
  /** billionths that it may lend, > 0 */
  readonly lendable: number;
}

/** Answers are waited for so long. What comes later is lost. */
const PATIENCE_MS = 200;
/** So much more is asked for as flows off of a lender's part of a minute in a loan's usual way. */
const WAY_MS = 20;
const MINUTE_MS = 60_000;

export class LoanRound {
  private readonly loans: Loan[] = [];
  private readonly open: Set<string>;

  private constructor(
    readonly id: number,
    /** billionths, by gateway */
    readonly asked: ReadonlyMap<string, number>,
    private readonly askedMs: number,
  ) {
    this.open = new Set(asked.keys());
  }

  /**
   * Those who can lend most are asked first, and no more of them than are needed.
   * @param lack billionths, > 0
   * @returns null: together they have less
   */
  static of(id: number, lack: number, lenders: readonly Lender[], nowMs: number): LoanRound | null {
    const asked = new Map<string, number>();
    let rest = lack;
    for (const { gateway, parts, lendable } of lenders) {
      if (rest <= 0) break;
      const onItsWay = Math.ceil((parts * BILLIONTHS_A_PART * WAY_MS) / MINUTE_MS);
      const share = Math.min(lendable, rest + onItsWay);
      asked.set(gateway, share);
      rest -= share - onItsWay;
    }
    return rest > 0 ? null : new LoanRound(id, asked, nowMs);
  }

  get untilMs(): number {
    return this.askedMs + PATIENCE_MS;
  }

  /** One has answered, and lends so much; null: nothing. Only the first answer of one that was asked counts. */
  answered(gateway: string, loan: Loan | null): void {
    if (!this.open.delete(gateway) || loan === null) return;
    if (loan.share <= this.asked.get(gateway)!) this.loans.push(loan);
  }

  isOver(nowMs: number): boolean {
    return this.open.size === 0 || nowMs >= this.untilMs;
  }

  loansAt(nowMs: number): readonly Borrowed[] {
    return this.loans.map((loan) => ({ ...loan, elapsedMs: nowMs - this.askedMs }));
  }
}
