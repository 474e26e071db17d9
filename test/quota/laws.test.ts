// The laws of the scheduler in random stories (the bound, and nothing is spent twice or lost).
import { describe, expect, it } from "vitest";
import { brokenLaw } from "./story.js";

const STORIES = 250;

describe("a pool", () => {
  it("keeps its laws whatever happens: arrivals, corrections, refusals, other limits, restarts", () => {
    for (let seed = 1; seed <= STORIES; seed++) expect(brokenLaw(seed)).toBeNull();
  });
});
