// How `mabeam gateway` shares out where nobody says otherwise.
import type { PoolRules } from "../../../src/quota/index.js";

const MINUTE_MS = 60_000;

export const USUAL: Omit<PoolRules, "limits" | "output"> = {
  headroomBp: 200,
  floorBp: 500,
  memory: { halfLifeMs: MINUTE_MS, credit: 0 },
  congestion: { first: 8, most: 256, pauseMs: 5_000 },
  maxWaiting: 10_000,
  maxWaitingPerFlow: 1_000,
};
