// What a start brings back: the guard's marks (PROTOCOL §1.10), and own words that are said again (R13).
import type { MarkKind } from "./message.js";

/** The decisions on which a restarted member's honesty and usefulness rest. */
export interface StartRules {
  /** §1.10: whether a message that only the guard record knows counts as sent; proposals do as votes do. */
  guardRestores(kind: MarkKind): boolean;
  /** R13: whether own messages of a term are said again, to oneself too: of every term above the floor. */
  saysAgain(term: number, floorTerm: number): boolean;
}

export const START_RULES: StartRules = {
  guardRestores: () => true,
  saysAgain: (term, floorTerm) => term > floorTerm,
};
