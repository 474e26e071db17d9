// Every order of events within a bound, over the product's own voter: no law is broken by the rules, and by each mutant one is.
import { describe, expect, it } from "vitest";
import { explore } from "./explore/explore.js";

describe("two terms, one liar, every order", () => {
  it.each([1, 2, 3, 4])(
    "the true rules admit no fork and convict nobody honest when the liar leads term %i",
    (term) => {
      const { complete, broken, states } = explore({ terms: 2, byzantine: [term], crashes: 0 });
      expect([...broken]).toEqual([]);
      expect(complete).toBe(true);
      expect(states).toBeGreaterThan(60_000);
    },
  );
});
