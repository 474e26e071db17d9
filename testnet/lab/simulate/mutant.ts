// What a mutant is: one rule broken on purpose, to show that its checker sees it (spec/scenarios).
import type { Ledger } from "../../../src/ledger/index.js";
import {
  type BodyOf,
  OPERATION_RULES,
  type OperationKind,
  type RejectionCode,
} from "../../../src/market/index.js";
import { type Conduct, HONEST_CONDUCT } from "../../../src/peer/conduct.js";
import { HONEST_RULES, type VotingRules } from "../../../src/quorum/index.js";
import type { Invariant } from "./checkers/checker.js";

export interface Mutant {
  readonly says: string;
  /** what its checker reports */
  readonly breaks: Invariant;
  readonly rules: VotingRules;
  readonly conduct: Conduct;
  /** rows that a restarted member finds missing */
  losesRow(key: string): boolean;
  /** operations are acknowledged and remembered before they are kept */
  readonly acknowledgesFirst: boolean;
  /** a group of the driver's ends by number alone, however long its steps take */
  readonly stepsAllThatWaits: boolean;
}

const losesNothing = (): boolean => false;

export const votes = (says: string, breaks: Invariant, broken: Partial<VotingRules>): Mutant => ({
  says,
  breaks,
  rules: { ...HONEST_RULES, ...broken },
  conduct: HONEST_CONDUCT,
  losesRow: losesNothing,
  acknowledgesFirst: false,
  stepsAllThatWaits: false,
});

export const acts = (says: string, breaks: Invariant, broken: Partial<Conduct>): Mutant => ({
  says,
  breaks,
  rules: HONEST_RULES,
  conduct: { ...HONEST_CONDUCT, ...broken },
  losesRow: losesNothing,
  acknowledgesFirst: false,
  stepsAllThatWaits: false,
});

/** One refusal less. */
export const forgives = (code: RejectionCode): Partial<Conduct> => ({
  operations: {
    ...OPERATION_RULES,
    articleFault(ledger, op, at) {
      const fault = OPERATION_RULES.articleFault(ledger, op, at);
      return fault?.code === code ? null : fault;
    },
  },
});

/** Something happens besides where an operation of a kind is applied. @param happens applies it itself */
export const around = <K extends OperationKind>(
  kind: K,
  happens: (ledger: Ledger, body: BodyOf<K>, apply: () => void) => void,
): Partial<Conduct> => ({
  operations: {
    ...OPERATION_RULES,
    apply(ledger, op, at) {
      const apply = () => OPERATION_RULES.apply(ledger, op, at);
      if (op.body.kind !== kind) return apply();
      let outcome: ReturnType<typeof apply> = [];
      happens(ledger, op.body as BodyOf<K>, () => {
        outcome = apply();
      });
      return outcome;
    },
  },
});
