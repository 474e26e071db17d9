// The corpus, replayed: whatever once reached something new is tried again with every change, and keeps within its size.
import { readdirSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { corpusOf } from "./corpus.js";
import { install } from "./meter.js";
import { DECODERS } from "./targets/decoders.js";
import { TARGETS } from "./targets/index.js";

const FOLDER = new URL("./corpus/", import.meta.url);
const MAX_CORPUS_BYTES = 400 * 1024;

beforeAll(install);

it.each(TARGETS.map((target) => [target.name, target] as const))(
  "the corpus of %s breaks no law",
  async (name, target) => {
    const kept = corpusOf(name);
    expect(kept.length).toBeGreaterThan(0);
    // What a decoder says of bytes hangs on these alone; others must first know keys and members.
    if (!DECODERS.includes(target)) target.seeds();
    for (const input of kept) await target.take(input);
  },
);

it("every file of the corpus belongs to a target, and all together are small", () => {
  const files = readdirSync(FOLDER);
  expect(files.sort()).toEqual(TARGETS.map(({ name }) => `${name}.hex`).sort());
  const bytes = TARGETS.flatMap(({ name }) => corpusOf(name)).reduce(
    (sum, one) => sum + 2 * one.length + 1,
    0,
  );
  expect(bytes).toBeLessThan(MAX_CORPUS_BYTES);
});
