// Deliberately broken rules: a simulator that does not catch each of them is broken itself (PROTOCOL §5.1).
import { equalBytes } from "../../src/base/index.js";
import { PREFIX } from "../../src/quorum/rows.js";
import { HONEST_RULES, type VotingRules } from "../../src/quorum/rules.js";

export const MUTANTS = ["no-gap-check", "skip-after-commit", "forget-votes", "prune-without-floor"] as const;
export type MutantName = (typeof MUTANTS)[number];

export interface Mutant {
  readonly says: string;
  readonly rules: VotingRules;
  /** rows that a restarted member finds missing */
  losesRow(key: string): boolean;
}

const losesNothing = (): boolean => false;

export const MUTANT: Readonly<Record<MutantName, Mutant>> = {
  "no-gap-check": {
    says: "an entry is acknowledged whatever became of the terms between its parent's and its own (R3)",
    rules: { ...HONEST_RULES, gapIsJustified: () => true },
    losesRow: losesNothing,
  },
  "skip-after-commit": {
    // Both halves of I3: a voter leaves a term with the certificate that makes it COMMIT, so that `maySkip` alone,
    // asked in the current term only, never decides; `mayCommit` does, when the certificate comes after the SKIP.
    says: "SKIP and COMMIT may both be signed in one term (I3)",
    rules: {
      ...HONEST_RULES,
      maySkip: (own) => !own.skipped,
      mayCommit: (own, id) => own.committed === null && (own.acked === null || equalBytes(own.acked, id)),
    },
    losesRow: losesNothing,
  },
  "forget-votes": {
    says: "a restarted member finds none of its own votes (P2–P5)",
    rules: HONEST_RULES,
    losesRow: (key) => key.startsWith(PREFIX.own),
  },
  "prune-without-floor": {
    says: "own votes of old terms are forgotten, and nothing forbids to sign in those terms again (I7)",
    rules: { ...HONEST_RULES, floorOf: (_lastFinalTerm, barrierTerm) => barrierTerm },
    losesRow: losesNothing,
  },
};

export const isMutantName = (name: string): name is MutantName =>
  (MUTANTS as readonly string[]).includes(name);
