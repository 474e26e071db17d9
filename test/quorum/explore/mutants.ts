// Broken rules within the explorer's reach: each is one changed line of the rulebook.
import { equalBytes } from "../../../src/base/index.js";
import { HONEST_RULES, type VotingRules } from "../../../src/quorum/index.js";
import { PREFIX } from "../../../src/quorum/log/rows.js";
import { type Rulebook, TRUE_RULES } from "./world.js";

const withRules = (changed: Partial<VotingRules>): Rulebook => ({
  ...TRUE_RULES,
  rules: { ...HONEST_RULES, ...changed },
});

export const BROKEN_RULEBOOKS = {
  "no-gap-check": withRules({ gapIsJustified: () => true }),
  "skip-after-commit": withRules({
    maySkip: (own) => !own.skipped,
    mayCommit: (own, id) => own.committed === null && (own.acked === null || equalBytes(own.acked, id)),
  }),
  "forget-votes": { ...TRUE_RULES, losesRow: (key) => key.startsWith(PREFIX.own) },
  "prune-without-floor": withRules({ floorOf: (_lastFinalTerm, barrierTerm) => barrierTerm }),
  "quorum-off-by-one": { ...TRUE_RULES, quorum: TRUE_RULES.quorum - 1 },
  "commit-against-ack": withRules({ mayCommit: (own) => own.committed === null && !own.skipped }),
  "ack-after-ack": withRules({ mayAck: (own) => !own.skipped && own.committed === null }),
  "propose-again": withRules({ mayPropose: (own) => !own.skipped }),
} as const satisfies Record<string, Rulebook>;

export type BrokenName = keyof typeof BROKEN_RULEBOOKS;
