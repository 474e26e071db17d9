// Every way to misbehave that a run may choose from, by name.
import { accuse } from "./accuse.js";
import { censor } from "./censor.js";
import { lastMoment, silence, stall } from "./delay.js";
import { doubleVote } from "./double-vote.js";
import { equivocate } from "./equivocate.js";
import { falseCertificates } from "./false-certificates.js";
import { falseHeights } from "./false-heights.js";
import { falseLog } from "./false-log.js";
import { falseTime } from "./false-time.js";
import { hoard } from "./hoard.js";
import { inflate } from "./inflate.js";
import { invalidBody } from "./invalid-body.js";
import { junkEntries } from "./junk-entries.js";
import { lateVotes, narrow, noCommit } from "./omit.js";
import { overdraw } from "./overdraw.js";
import { replay } from "./replay.js";
import { staleParent } from "./stale-parent.js";
import { asItIs, nothing, type Strategy, type StrategyName } from "./strategy.js";

/** Honest to the letter, in two places at once: the second machine of the seat is the network's to add. */
const twins: Strategy = () => ({ speak: asItIs, hear: nothing });

export const STRATEGY: Readonly<Record<StrategyName, Strategy>> = {
  equivocate,
  "double-vote": doubleVote,
  hoard,
  "late-votes": lateVotes,
  "stale-parent": staleParent,
  silence,
  stall,
  "last-moment": lastMoment,
  narrow,
  "no-commit": noCommit,
  censor,
  "false-time": falseTime,
  "false-log": falseLog,
  "false-certificates": falseCertificates,
  replay,
  inflate,
  accuse,
  twins,
  "invalid-body": invalidBody,
  overdraw,
  "false-heights": falseHeights,
  "junk-entries": junkEntries,
};
