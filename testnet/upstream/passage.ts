// Text of a known length: words of three letters, each a token with the blank after it.
import type { Random } from "../lab/simulate/world/random.js";

export const CHARS_PER_TOKEN = 4;

const CONSONANTS = "bdfgklmnprstvz";
const VOWELS = "aeiou";
const WORDS = [...CONSONANTS].flatMap((first) =>
  [...VOWELS].flatMap((vowel) => [...CONSONANTS].map((last) => `${first}${vowel}${last} `)),
);

/** So many tokens of text; the same by the same draws. */
export function passage(random: Random, tokens: number): string {
  let text = "";
  for (let i = 0; i < tokens; i++) text += random.pick(WORDS);
  return text;
}

/** What a tokeniser of this world counts in so many characters. */
export const tokensIn = (chars: number): number => Math.ceil(chars / CHARS_PER_TOKEN);
