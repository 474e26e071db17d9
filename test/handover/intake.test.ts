// Laws of what is taken in: any order, any repetition, any death in between, and only the right bytes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHUNK_BYTES, chunkBytes, chunksOf, Intake, MAX_GOODS_BYTES } from "../../src/handover/index.js";
import { chunkOf, manifestOf, someBytes } from "./goods.js";

const BYTES = someBytes(6 * CHUNK_BYTES + 77);
const MANIFEST = manifestOf(BYTES);
const COUNT = MANIFEST.chunks.length;
const anyIndex = fc.nat(COUNT - 1);

describe("chunks", () => {
  it("sum to the goods, at each boundary of a chunk and of the whole", () => {
    for (const size of [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, MAX_GOODS_BYTES]) {
      const count = chunksOf(size);
      let sum = 0;
      for (let i = 0; i < count; i++) {
        expect(chunkBytes(size, i)).toBeGreaterThan(0);
        sum += chunkBytes(size, i);
      }
      expect(sum).toBe(size);
    }
  });
});

describe("an intake", () => {
  it("is complete once each chunk came, in any order and however often, and counts each once", () => {
    fc.assert(
      fc.property(fc.array(anyIndex, { maxLength: 40 }), (order) => {
        const intake = new Intake(MANIFEST);
        const came = new Set<number>();
        for (const index of order) {
          expect(intake.judge(index, chunkOf(BYTES, index))).toBe(came.has(index) ? "duplicate" : "kept");
          intake.keep(index);
          came.add(index);
          const bytes = [...came].reduce((sum, one) => sum + chunkBytes(BYTES.length, one), 0);
          expect(intake.received).toBe(bytes);
          expect(intake.isComplete).toBe(came.size === COUNT);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("asks for each missing chunk once, again after a stream has gone, and never for what is here", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyIndex), fc.nat(COUNT), (kept, askedBefore) => {
        const intake = new Intake(MANIFEST);
        for (const index of kept) intake.keep(index);
        for (let i = 0; i < askedBefore; i++) intake.next();
        intake.forgetAsked();
        const asked = [];
        for (let next = intake.next(); next !== null; next = intake.next()) asked.push(next);
        const missing = Array.from({ length: COUNT }, (_, i) => i).filter((i) => !kept.includes(i));
        expect(asked).toEqual(missing);
      }),
    );
  });

  it("takes nothing for a chunk that is not that chunk: another's bytes, one bit, a byte more or less", () => {
    const intake = new Intake(MANIFEST);
    const flipped = Uint8Array.from(chunkOf(BYTES, 2));
    flipped[100]! ^= 1;
    expect(intake.judge(2, flipped)).toBe("WRONG_HASH");
    expect(intake.judge(2, chunkOf(BYTES, 3))).toBe("WRONG_HASH");
    expect(intake.judge(2, chunkOf(BYTES, 2).subarray(1))).toBe("WRONG_LENGTH");
    expect(intake.judge(COUNT - 1, someBytes(CHUNK_BYTES))).toBe("WRONG_LENGTH");
    expect(intake.received).toBe(0);
  });

  it("of nothing is complete at once", () => {
    const intake = new Intake(manifestOf(someBytes(0)));
    expect([intake.isComplete, intake.next()]).toEqual([true, null]);
  });
});
