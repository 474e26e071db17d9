// The model: how much it writes and what, by the seed and the prompt.
import { Random } from "../lab/simulate/world/random.js";
import type { Answer, Piece, Wish } from "./exchange.js";
import { passage } from "./passage.js";
import { wishedIn } from "./prompt.js";

/** Tokens that are written where nobody says how many: both included. */
const UNWISHED = [20, 400] as const;
/** Tokens of one piece of a stream. */
const PIECE = [1, 12] as const;
/** Of all that is written, what is thoughts. */
const THOUGHTS = 0.25;

/**
 * @param name what the draws are by: the same prompt under the same name is answered alike
 * @param counted tokens of the prompt, found in the cache and put into it
 */
export function write(
  wish: Wish,
  counted: { readonly prompt: number; readonly cached: number; readonly kept: number },
  seed: number,
  name: string,
  createdMs: number,
): Answer {
  const random = new Random(seed, `answer/${name}`);
  const id = Buffer.from(random.bytes(12)).toString("hex");
  const wished = wishedIn(wish.prompt.text) ?? random.between(...UNWISHED);
  const output = Math.max(1, Math.min(wished, wish.maxTokens ?? wished));
  const thoughts = wish.thinks ? Math.floor(output * THOUGHTS) : 0;
  const pieces = piecesOf(random, output - thoughts);
  const isCut = output < wished;
  return {
    id,
    createdMs,
    model: wish.model,
    pieces: wish.tool === null ? pieces : argumentsOf(pieces, isCut),
    tool: wish.tool,
    usage: { ...counted, output, thoughts },
    stop: isCut ? "length" : wish.tool === null ? "end" : "tool",
  };
}

function piecesOf(random: Random, tokens: number): Piece[] {
  const pieces: Piece[] = [];
  for (let left = tokens; left > 0; ) {
    const size = Math.min(left, random.between(...PIECE));
    pieces.push({ text: passage(random, size), tokens: size });
    left -= size;
  }
  return pieces;
}

/** The same words as the one argument of a call: JSON in pieces, without its end where the writing was cut. */
const argumentsOf = (pieces: readonly Piece[], isCut: boolean): Piece[] =>
  pieces.map(({ text, tokens }, at) => ({
    text: `${at === 0 ? '{"input":"' : ""}${text}${at === pieces.length - 1 && !isCut ? '"}' : ""}`,
    tokens,
  }));
