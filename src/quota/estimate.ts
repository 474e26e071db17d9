// What a request will use, before it is sent: by its size, and by what its agent's requests used before.
import type { Use } from "./amounts.js";

/** What is known of a request before it is sent. */
export interface Outline {
  /** of the body, ≥ 0 */
  readonly bytes: number;
  /** the most that it lets the model write; null: it says nothing */
  readonly maxOutput: number | null;
  /** the upstream counts that most, whatever is written */
  readonly isMostCounted: boolean;
}

const BYTES_A_TOKEN = 4;
const WHOLE_BP = 10_000;
/** The correction is between a tenth and ten times. */
const LEAST_RATIO_BP = 1_000;
const GREATEST_RATIO_BP = 100_000;
/** Outputs that are remembered, and which of them, in order, is taken: the 95th of a hundred. */
const REMEMBERED = 40;
const TAKEN_BP = 9_500;
/** Of an agent that has not received anything yet. */
const FIRST_OUTPUT = 1_024;

/** One agent's. */
export class Estimator {
  private ratioBp = WHOLE_BP;
  private readonly outputs: number[] = [];

  estimate({ bytes, maxOutput, isMostCounted }: Outline): Use {
    const learned = this.learnedOutput();
    return {
      inputTokens: Math.ceil((bareInput(bytes) * this.ratioBp) / WHOLE_BP),
      outputTokens: maxOutput === null ? learned : isMostCounted ? maxOutput : Math.min(maxOutput, learned),
    };
  }

  /** What a request has used in the end, by its upstream. */
  learn({ bytes }: Outline, used: Use): void {
    const ratio = Math.round((used.inputTokens * WHOLE_BP) / bareInput(bytes));
    this.ratioBp = Math.min(GREATEST_RATIO_BP, Math.max(LEAST_RATIO_BP, ratio));
    this.outputs.push(used.outputTokens);
    if (this.outputs.length > REMEMBERED) this.outputs.shift();
  }

  private learnedOutput(): number {
    if (this.outputs.length === 0) return FIRST_OUTPUT;
    const sorted = [...this.outputs].sort((a, b) => a - b);
    return sorted[Math.ceil((sorted.length * TAKEN_BP) / WHOLE_BP) - 1]!;
  }
}

const bareInput = (bytes: number): number => Math.max(1, Math.ceil(bytes / BYTES_A_TOKEN));
