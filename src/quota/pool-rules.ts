// What a pool is made by.
import type { Limit, OutputCount } from "./amounts.js";
import type { CongestionRules } from "./congestion.js";
import type { Memory } from "./fair-queue.js";

export interface PoolRules {
  readonly limits: readonly Limit[];
  /** of 1,000 of each limit, to begin with, where several gateways share a key; none: all of it */
  readonly parts?: number;
  readonly output: OutputCount;
  /** of each limit, left alone: 0 to 9,999 bp */
  readonly headroomBp: number;
  /** of what is served above it, a band that waits gets at least this part, bp */
  readonly floorBp: number;
  /** of each limit, left to the interactive band by those below it while it is one that asks: 0 to 9,999 bp */
  readonly interactiveBp: number;
  readonly memory: Memory;
  readonly congestion: CongestionRules;
  /** requests that wait, in all and of one flow */
  readonly maxWaiting: number;
  readonly maxWaitingPerFlow: number;
}
