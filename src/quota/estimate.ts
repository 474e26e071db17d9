// What a request will use, before it is sent: by its size, by its conversation, and by what its agent's requests used before.
import type { Use } from "./amounts.js";
import { Conversations, type Trail } from "./conversations.js";

/** What is known of a request before it is sent. */
export interface Outline {
  /** of the body, ≥ 0 */
  readonly bytes: number;
  /** the most that it lets the model write; null: it says nothing */
  readonly maxOutput: number | null;
  /** the upstream counts that most, whatever is written */
  readonly isMostCounted: boolean;
  /** null: the upstream counts what it reads from its cache like the rest, or nothing of it is known */
  readonly trail: Trail | null;
}

/** What a request has used in the end, by its upstream. */
export interface Told {
  readonly used: Use;
  /** tokens of the whole prompt, what was read from a cache among them */
  readonly prompt: number;
  /** of them those that the cache has from now on, and that do not count when they are read: 0 where reads count */
  readonly kept: number;
  /** when it was sent */
  readonly sentMs: number;
}

const BYTES_A_TOKEN = 4;
/** Tokens for each that `BYTES_A_TOKEN` makes, in 64ths and rounded up: prompts grow, and what stands around them does not. */
const WHOLE = 64;
/** Between a tenth, rounded up, and ten times. */
const LEAST_DENSITY = 7;
const GREATEST_DENSITY = 640;
/** A cache keeps whole blocks: what is behind the last of them is not in it. */
const CACHE_BLOCK = 128;
/** Outputs that are remembered, and which of them, in order, is taken: the 95th of a hundred. */
const REMEMBERED = 40;
const TAKEN_BP = 9_500;
const WHOLE_BP = 10_000;
/** Of an agent that has not received anything yet. */
const FIRST_OUTPUT = 1_024;

/** One agent's. */
export class Estimator {
  private density = WHOLE;
  private readonly outputs: number[] = [];

  /** @param conversations of all agents of a key: their cache is one */
  constructor(private readonly conversations = new Conversations()) {}

  estimate(outline: Outline, nowMs: number): Use {
    const { maxOutput, isMostCounted } = outline;
    const learned = this.learnedOutput();
    return {
      inputTokens: this.input(outline, nowMs),
      outputTokens: maxOutput === null ? learned : isMostCounted ? maxOutput : Math.min(maxOutput, learned),
    };
  }

  learn({ bytes, trail }: Outline, { used, prompt, kept, sentMs }: Told): void {
    const density = Math.ceil((prompt * WHOLE) / bareInput(bytes));
    this.density = Math.min(GREATEST_DENSITY, Math.max(LEAST_DENSITY, density));
    this.outputs.push(used.outputTokens);
    if (this.outputs.length > REMEMBERED) this.outputs.shift();
    if (trail !== null) this.conversations.remember(trail, { bytes, prompt, kept, atMs: sentMs });
  }

  /** The upstream had no room for a request as it was estimated: its cache is not relied on when it comes again. */
  refused({ trail }: Outline): void {
    if (trail !== null) this.conversations.forget(trail);
  }

  /** The whole prompt, or what of it the cache does not have. */
  private input({ bytes, trail }: Outline, nowMs: number): number {
    const whole = this.tokensIn(bytes);
    const before = trail === null ? null : this.conversations.before(trail, bytes, nowMs);
    if (before === null || before.kept === 0) return whole;
    const behind = Math.max(0, before.prompt - before.kept);
    return Math.min(whole, this.tokensIn(bytes - before.bytes) + behind + CACHE_BLOCK);
  }

  private tokensIn(bytes: number): number {
    return Math.ceil((bareInput(bytes) * this.density) / WHOLE);
  }

  private learnedOutput(): number {
    if (this.outputs.length === 0) return FIRST_OUTPUT;
    const sorted = [...this.outputs].sort((a, b) => a - b);
    return sorted[Math.ceil((sorted.length * TAKEN_BP) / WHOLE_BP) - 1]!;
  }
}

const bareInput = (bytes: number): number => Math.max(1, Math.ceil(bytes / BYTES_A_TOKEN));
