// Congestion: how full the critical lane was, for the phases that would close (spec/money#congestion).
import {
  BASIS_POINTS,
  type Congestion,
  CRITICAL_OPS,
  LANE,
  LANE_FULL_BP,
  type Operation,
} from "../ledger/index.js";

/** From so many operations on a critical lane of `ops` counts as full. */
export const fullAt = (ops: number): number => Math.ceil((ops * LANE_FULL_BP) / BASIS_POINTS);

const fillsLane = (count: number): boolean => count >= fullAt(CRITICAL_OPS);

export const criticalAmong = (ops: readonly Operation[]): number =>
  ops.filter((one) => LANE[one.body.kind] === "critical").length;

/** Reveals and opened reserves: packing sets them before all others while they are due, and so REVEAL waits for both. */
export const openingsAmong = (ops: readonly Operation[]): number =>
  ops.filter(({ body }) => body.kind === "reveal" || body.kind === "openReserve").length;

/**
 * What is remembered after an entry.
 * @param critical operations of the critical lane in it
 * @param openings applied openings in it
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
