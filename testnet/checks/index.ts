// The checks of a finite run, in the order of the report.
import { checkConservation } from "./conservation.js";
import { checkFunds } from "./funds.js";
import { checkLive } from "./live.js";
import { checkOutcome } from "./outcome.js";
import { checkSecrecy } from "./secrecy.js";
import { checkSlashing } from "./slashing.js";
import { checkStateRoot } from "./state-root.js";
import type { Checker } from "./testimony.js";
import { checkTranscript } from "./transcript.js";

export const CHECKERS: readonly Checker[] = [
  checkStateRoot,
  checkConservation,
  checkOutcome,
  checkSecrecy,
  checkSlashing,
  checkFunds,
  checkTranscript,
  checkLive,
];
