// What one request may cost, and what it has cost so far: in micro-credits, by the model that is asked or that answers.
import type { Use } from "../../src/quota/index.js";
import type { Spent } from "./books/record.js";
import type { DialectName, Usage } from "./dialect.js";
import type { Course } from "./fallback/course.js";
import type { Prices } from "./prices/prices.js";
import { costOf, estimateCost, inputAlone, type Price } from "./prices/rates.js";

/** Before anything is known of its answer. */
export interface MayCost {
  /** by its estimate */
  readonly cost: number;
  /** with all of its input, whatever a cache may have, and all the output that it allows; where it does not say, by its estimate */
  readonly most: number;
}

export class RequestCost {
  /** of all attempts */
  spent = 0;

  /** @param maxOutput null: it does not say @param isKnown some dialect knows the call */
  constructor(
    private readonly prices: Prices,
    private readonly dialect: DialectName,
    private readonly course: Course,
    private readonly maxOutput: number | null,
    private readonly isKnown: boolean,
  ) {}

  /**
   * What a call costs that no dialect knows nobody can say, but something: who has nothing left has it for nothing no more than
   * any other.
   * @param whole with all of its input
   */
  mayBe(estimate: Use, whole: Use): MayCost {
    const least = this.isKnown ? 0 : 1;
    const price = this.priceOf(null);
    const outputTokens = Math.max(estimate.outputTokens, (this.isKnown ? this.maxOutput : null) ?? 0);
    return {
      cost: Math.max(least, estimateCost(estimate, price)),
      most: Math.max(least, estimateCost({ inputTokens: whole.inputTokens, outputTokens }, price)),
    };
  }

  /** What it uses and costs at least. */
  floorOf(estimate: Use): Spent {
    return inputAlone(estimate, this.priceOf(null));
  }

  /** @param answered the model that did, by its own word; null: it says none */
  of(usage: Usage, answered: string | null): number {
    return costOf(usage, this.priceOf(answered));
  }

  private priceOf(answered: string | null): Price {
    return this.prices.priceOf([answered, this.course.model], this.dialect);
  }
}
