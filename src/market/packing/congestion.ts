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

/** From so many operations on a critical lane of `ops` counts as full. */
export const fullAt = (ops: number): number => Math.ceil((ops * LANE_FULL_BP) / BASIS_POINTS);

const fillsLane = (count: number): boolean => count >= fullAt(CRITICAL_OPS);

/**
 * What is remembered after an entry.
 * @param critical operations of the critical lane in it
 * @param openings in it, of which some may come too late: packing sets them before all others while they are due, so REVEAL
 *   waits for what they kept out
 */
export const congestionAfter = (
  before: Congestion,
  height: number,
  critical: number,
  openings: number,
): Congestion => ({
  fullRun: fillsLane(critical) ? Math.min(before.fullRun + 1, 255) : 0,
  revealsFullAt: fillsLane(openings) ? height : before.revealsFullAt,
});
