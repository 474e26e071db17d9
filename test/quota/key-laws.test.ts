// Several gateways on one key: whatever happens to loans, parts and gateways, the upstream refuses nothing, and what is idle is used.
import { afterEach, describe, expect, it } from "vitest";
import { Exchange } from "../../src/quota/index.js";
import { Limits } from "../../src/quota/limits.js";
import { LoanRound } from "../../src/quota/loan-round.js";
import { PartLevel } from "../../src/quota/part-level.js";
import { Wants } from "../../src/quota/wants.js";
import { MINUTE } from "./asking.js";
import { type KeyTraits, keyOutcome } from "./key-story.js";

const STORIES = 200;
/** Loans are long on their way, and who lent them wants what is left at once. */
const SLOW = {
  limit: { dimension: "tokens", limit: 99_991, windowMs: 1_000 },
  delayMs: [80, 99],
  lost: 0,
} as const;
const BURSTS = { ...SLOW, gateways: 2, busy: 2, isMoving: false, burst: 20, pause: 2 } as const;

/** Three, of which so many always have somebody waiting. */
const flooded = (busy: number, most: KeyTraits["most"]): Partial<KeyTraits> => ({
  ...{ gateways: 3, busy, most, delayMs: [1, 5], lost: 0, isMoving: false, guessed: 0 },
  ...{ windows: 30, burst: 20, pause: 0.01 },
  limit: { dimension: "tokens", limit: 100_000, windowMs: MINUTE },
});

describe("gateways of one key", () => {
  it("are never refused together, whatever is late, lost, moved or dead", () => {
    let loans = 0;
    for (let seed = 1; seed <= STORIES; seed++) {
      const outcome = keyOutcome(seed);
      expect({ seed, refused: outcome.refused }).toEqual({ seed, refused: 0 });
      loans += outcome.loans;
    }
    expect(loans).toBeGreaterThan(STORIES);
  });

  it("use 95 % of the limit and more where all but one of them are idle", () => {
    for (const most of [0.02, 0.3])
      for (let seed = 1; seed <= 5; seed++) {
        const { used, refused } = keyOutcome(seed, flooded(1, most));
        expect(refused).toBe(0);
        expect(used).toBeGreaterThanOrEqual(0.95);
        expect(used).toBeLessThanOrEqual(1.05);
      }
  });

  it("let go requests that are greater than any part, whoever else waits, and hardly lose anything by it", () => {
    for (const busy of [1, 2, 3])
      for (let seed = 1; seed <= 5; seed++) {
        expect(keyOutcome(seed, flooded(busy, 0.6)).used).toBeGreaterThanOrEqual(0.95);
        expect(keyOutcome(seed, flooded(busy, 0.98)).used).toBeGreaterThanOrEqual(0.85);
      }
  });

  it("have what they leave to a request of another's back: nobody has less than its part who always wants it", () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { usedBy } = keyOutcome(seed, flooded(3, [0.6, 0.02, 0.02]));
      for (const used of usedBy) expect(used).toBeGreaterThanOrEqual(0.3);
    }
  });
});

// biome-ignore lint/suspicious/noExplicitAny: a bug does not respect who may name what
type Any = any;
type Honest = (...given: Any[]) => Any;

interface Mutant {
  readonly says: string;
  readonly of: { readonly prototype: object };
  readonly member: string;
  readonly does: (self: Any, honest: Honest, ...given: Any[]) => Any;
  readonly traits?: Partial<KeyTraits>;
}

const MUTANTS: readonly Mutant[] = [
  {
    says: "parts that are gained begin empty",
    ...{ of: PartLevel, member: "setParts" },
    does(self, honest, parts, nowMs) {
      if (parts < self.parts) return honest(parts, nowMs);
      self.flow(nowMs);
      self.parts = parts;
    },
  },
  {
    says: "of parts that are lost all that was used is forgotten",
    ...{ of: PartLevel, member: "setParts" },
    does(self, honest, parts, nowMs) {
      const isLost = parts < self.parts;
      honest(parts, nowMs);
      if (isLost) self.drop(self.used);
    },
  },
  {
    says: "a loan is as much as it was, however long it came",
    ...{ of: PartLevel, member: "borrow" },
    does: (_, honest, loan, nowMs) => honest({ ...loan, elapsedMs: 0 }, nowMs),
    traits: BURSTS,
  },
  {
    says: "what was borrowed and not used is there for the next turn",
    ...{ of: Limits, member: "endTurn" },
    does: () => false,
  },
  {
    says: "a loan costs its lender nothing",
    ...{ of: PartLevel, member: "lend" },
    does: () => undefined,
  },
  {
    says: "a loan that comes twice counts twice",
    ...{ of: LoanRound, member: "answered" },
    does: (self, _, gateway, loan) => {
      if (loan !== null) self.loans.push(loan);
      if (self.loans.length > 1) self.open.delete(gateway);
    },
    traits: { lost: 0.3 },
  },
];

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

function plant({ of: { prototype }, member, does }: Mutant): void {
  const honest = Object.getOwnPropertyDescriptor(prototype, member)!;
  undo.push(() => Object.defineProperty(prototype, member, honest));
  Object.defineProperty(prototype, member, {
    ...honest,
    value(this: Any, ...given: Any[]) {
      return does(this, honest.value.bind(this), ...given);
    },
  });
}

describe("a planted bug is refused by the upstream", () => {
  it.each(MUTANTS)("$says", (mutant) => {
    plant(mutant);
    let refused = 0;
    for (let seed = 1; seed <= STORIES && refused === 0; seed++)
      refused = keyOutcome(seed, mutant.traits).refused;
    expect(refused).toBeGreaterThan(0);
  });
});

describe("a planted bug takes of another's part, or of all", () => {
  it("what others who waited left is not owed", () => {
    plant({ says: "", of: Exchange, member: "owe", does: () => undefined });
    const { usedBy } = keyOutcome(1, flooded(3, [0.6, 0.02, 0.02]));
    expect(Math.min(...usedBy)).toBeLessThan(0.3);
  });

  it("nobody holds anything for a request that is greater than a part", () => {
    plant({ says: "", of: Wants, member: "first", does: () => null });
    expect(keyOutcome(1, flooded(3, 0.6)).used).toBeLessThan(0.5);
  });
});
