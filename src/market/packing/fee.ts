// Fee estimate: what to pay now for a place in the next entry.
import {
  BASIS_POINTS,
  CRITICAL_OPS,
  CRITICAL_SHARE_BP,
  ENTRY_BYTES,
  ENTRY_OPS,
  type Lane,
  type Ledger,
} from "../../ledger/index.js";
import { CONGESTION } from "./congestion.js";
import { feeClass, feeUnit, leastOfClass } from "./fee-class.js";
import { Nonces, type Packable, signedOperations } from "./lanes.js";
import { Purses } from "./purse.js";

/** An estimate is at most so many times the least fee: who wants to pay more says so. */
const MAX_ESTIMATE = 64n;

/**
 * The fee with which an operation would be in the next entry, as far as this peer sees what waits and what recent
 * entries held: from the network's least fee to 64 times it.
 * @param waiting in the order of first sight
 */
export function estimateFee<C extends Packable>(
  waiting: readonly C[],
  ledger: Ledger,
  lane: Lane,
  timeMs: number,
): bigint {
  const { minFee } = ledger.params;
  const rank = lastThatFits(waiting, ledger, lane, timeMs);
  const isBusy = lane === "critical" && ledger.one(CONGESTION).fullRun > 0;
  if (rank === null && !isBusy) return minFee;
  const fee = leastOfClass((rank ?? 1) + 1, minFee);
  const most = feeUnit(minFee) * MAX_ESTIMATE;
  return fee < most ? fee : most;
}

/** The class of the last waiting operation that the lane's half of an entry has room for; null: there is room left. */
function lastThatFits<C extends Packable>(
  waiting: readonly C[],
  ledger: Ledger,
  lane: Lane,
  timeMs: number,
): number | null {
  const room = roomOf(lane);
  if (waiting.length < room.ops && sizeOf(waiting) < room.bytes) return null;
  const purses = new Purses(ledger, timeMs);
  const ordered = signedOperations(waiting, ledger, lane, timeMs, new Nonces(ledger), purses);
  let bytes = 0;
  for (const [i, { operation, size }] of ordered.entries()) {
    bytes += size;
    if (i + 1 >= room.ops || bytes >= room.bytes)
      return feeClass(operation.authority!.fee, ledger.params.minFee);
  }
  return null;
}

const sizeOf = (waiting: readonly Packable[]): number => waiting.reduce((sum, { size }) => sum + size, 0);

function roomOf(lane: Lane) {
  const critical = Math.ceil((ENTRY_BYTES * CRITICAL_SHARE_BP) / BASIS_POINTS);
  return lane === "critical"
    ? { ops: CRITICAL_OPS, bytes: critical }
    : { ops: ENTRY_OPS - CRITICAL_OPS, bytes: ENTRY_BYTES - critical };
}
