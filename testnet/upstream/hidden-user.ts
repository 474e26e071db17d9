// Another program on the same key: its requests arrive at a rate, by the seed, and nobody is told of them.
import { Random } from "../lab/simulate/world/random.js";
import { type Amounts, MINUTE_MS } from "./amounts.js";

export interface HiddenRule {
  /** on average: > 0 */
  readonly requestsPerMinute: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export class HiddenUser {
  private readonly random: Random;
  private nextMs: number;

  constructor(
    private readonly rule: HiddenRule,
    seed: number,
    nowMs: number,
  ) {
    this.random = new Random(seed, "hidden user");
    this.nextMs = nowMs + this.pause();
  }

  /** The moments, oldest first, at which it has asked for something since it was last looked at. */
  *arrivalsUntil(nowMs: number): Generator<number> {
    while (this.nextMs <= nowMs) {
      yield Math.floor(this.nextMs);
      this.nextMs += this.pause();
    }
  }

  get asked(): Amounts {
    const { inputTokens, outputTokens } = this.rule;
    return { requests: 1, tokens: inputTokens + outputTokens, inputTokens, outputTokens };
  }

  /** Until the next one: nobody's requests wait for one another. */
  private pause(): number {
    return (-Math.log(1 - this.random.unit()) * MINUTE_MS) / this.rule.requestsPerMinute;
  }
}
