// Every way to misbehave that a run may choose from, by name.
import { silence, stall } from "./delay.js";
import { doubleVote } from "./double-vote.js";
import { equivocate } from "./equivocate.js";
import { hoard } from "./hoard.js";
import { invalidBody } from "./invalid-body.js";
import { staleParent } from "./stale-parent.js";
import type { Strategy, StrategyName } from "./strategy.js";

export const STRATEGY: Readonly<Record<StrategyName, Strategy>> = {
  equivocate,
  "double-vote": doubleVote,
  hoard,
  "stale-parent": staleParent,
  silence,
  stall,
  "invalid-body": invalidBody,
};
