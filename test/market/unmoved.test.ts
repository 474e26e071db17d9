// While walls are moved, behaviour is not: the roots and receipts of three hundred random stories are those recorded.
import fc from "fast-check";
import { expect, it } from "vitest";
import { toHex, utf8 } from "../../src/base/index.js";
import { taggedHash } from "../../src/crypto/index.js";
import { Story, stories } from "./story.js";

it("three hundred random stories end in the roots and receipts that were recorded", () => {
  const ends = fc.sample(stories, { seed: 8, numRuns: 300 }).map((entries) => {
    const story = new Story();
    const receipts = entries.flatMap((entry) =>
      story.world
        .entry(story.operationsOf(entry.wishes), story.optionsOf(entry))
        .receipts.map(({ operation, status, code }) => `${toHex(operation)} ${status} ${code}`),
    );
    const told = toHex(taggedHash("leaf", utf8(receipts.join("\n"))));
    return `${toHex(story.world.root).slice(0, 16)} ${receipts.length} ${told.slice(0, 16)}`;
  });
  expect(ends.join("\n")).toMatchSnapshot();
});
