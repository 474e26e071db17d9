// One exchange, whatever its dialect: what is asked for, and what a model wrote.
import type { Prompt } from "./prompt.js";

/** What a request asks a model for. */
export interface Wish {
  readonly model: string;
  readonly prompt: Prompt;
  /** what the prompt's words are cached by: what is marked, or all of it */
  readonly caching: "marked" | "all";
  /** integer > 0; null: the request does not say */
  readonly maxTokens: number | null;
  readonly isStreamed: boolean;
  /** a stream ends with its usage */
  readonly wantsUsage: boolean;
  /** the model thinks before it writes */
  readonly thinks: boolean;
  /** the tool that the model is to call; null: none */
  readonly tool: string | null;
  /** parts of the body that an answer repeats */
  readonly echo: Readonly<Record<string, unknown>>;
}

/** Tokens: integers ≥ 0. */
export interface Usage {
  /** the whole prompt, found in the cache or not */
  readonly prompt: number;
  /** of the prompt: found in the cache */
  readonly cached: number;
  /** of the prompt: put into the cache */
  readonly kept: number;
  /** all that was written, thoughts included */
  readonly output: number;
  /** of the output: thoughts, which are not shown */
  readonly thoughts: number;
}

export interface Answer {
  /** letters and digits, unlike those of any other answer */
  readonly id: string;
  readonly createdMs: number;
  readonly model: string;
  /** what is shown, as it is streamed */
  readonly pieces: readonly Piece[];
  /** the pieces are the arguments of this tool's call; null: they are text */
  readonly tool: string | null;
  readonly usage: Usage;
  readonly stop: "end" | "length" | "tool";
}

export interface Piece {
  readonly text: string;
  readonly tokens: number;
}

/** What one write of a stream carries. */
export interface Frame {
  readonly bytes: string;
  /** tokens written so far with it */
  readonly written: number;
}

/** An answer that is sent at once. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const shown = (answer: Answer): string => answer.pieces.map(({ text }) => text).join("");
