// Congestion: how full the critical lane was, for the phases that would close (spec/money#congestion).
import { struct, type TypeOf, uint } from "../../base/index.js";
import { BASIS_POINTS, CRITICAL_OPS, LANE_FULL_BP, single } from "../../ledger/index.js";

/** How full the critical lane was: a full one keeps phases open (spec/money#congestion). */
const congestion = struct({
  /** entries in a row, up to the last, whose critical lane was full; at most 255 */
  fullRun: [0, uint(255)],
  /** height of the last entry whose critical lane was full of reveals; 0: none yet */
  revealsFullAt: [1, uint()],
});
export type Congestion = TypeOf<typeof congestion>;
export const CONGESTION = single("congestion", congestion, () => ({ fullRun: 0, revealsFullAt: 0 }));

const fillsLane = (count: number): boolean => count * BASIS_POINTS >= CRITICAL_OPS * LANE_FULL_BP;

/**
 * What is remembered after an entry.
 * @param critical operations of the critical lane in it
 * @param reveals applied reveals in it
 */
export const congestionAfter = (
  before: Congestion,
  height: number,
  critical: number,
  reveals: number,
): Congestion => ({
  fullRun: fillsLane(critical) ? Math.min(before.fullRun + 1, 255) : 0,
  revealsFullAt: fillsLane(reveals) ? height : before.revealsFullAt,
});
