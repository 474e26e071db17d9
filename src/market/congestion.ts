// Congestion: how full the critical lane was, for the phases that would close (spec/money#congestion).
import {
  BASIS_POINTS,
  type Congestion,
  CRITICAL_OPS,
  LANE,
  LANE_FULL_BP,
  type Operation,
} from "../ledger/index.js";

const fillsLane = (count: number): boolean => count * BASIS_POINTS >= CRITICAL_OPS * LANE_FULL_BP;

export const criticalAmong = (ops: readonly Operation[]): number =>
  ops.filter((one) => LANE[one.body.kind] === "critical").length;

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
