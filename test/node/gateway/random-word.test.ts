// The words of requests' ids: each given once, over the draws of bytes that they are made of.
import { expect, test } from "vitest";
import { randomWord } from "../../../node/gateway/random-word.js";

test("no word comes twice, and each is as long as the others", () => {
  const words = Array.from({ length: 1_000 }, randomWord);
  expect(new Set(words).size).toBe(words.length);
  for (const word of words) expect(word).toMatch(/^[\w-]{16}$/);
});
