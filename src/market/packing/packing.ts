// Packing: which waiting operations a leader puts into its entry, and in which order (spec/money#lanes-and-packing).
import {
  ACCOUNT_LANE_DIVISOR,
  BASIS_POINTS,
  CRITICAL_SHARE_BP,
  type Ledger,
  MAX_ENTRY_EVIDENCE,
} from "../../ledger/index.js";
import type { EvidenceJudge } from "../justice/fault.js";
import { MAX_OPERATION_BYTES, type Operation } from "../operation.js";
import { fullAt } from "./congestion.js";
import { Doubts } from "./doubt.js";
import {
  countInFlight,
  Nonces,
  type Packable,
  provenOperations,
  senderOf,
  signedOperations,
} from "./lanes.js";
import { Purses } from "./purse.js";

export interface PackingLimits {
  /** ledger time of the entry */
  readonly timeMs: number;
  /** ledger time of the last entry that is executed */
  readonly executedMs: number;
  readonly maxOps: number;
  readonly maxBytes: number;
  /** of the bulk lane's signed operations: so many at most, whatever room there is; absent: no limit of their own */
  readonly maxBulk?: number;
  /** operations of entries below that are not executed, in the order of the log: their nonces are as good as used */
  readonly inFlight: readonly Operation[];
  readonly judgeEvidence: EvidenceJudge;
}

/** Operations and bytes, as a limit and as a count. */
interface Room {
  ops: number;
  bytes: number;
}

/**
 * The operations of an entry, in their order. At least half of the entry is the critical lane's: it fills its half
 * first, then a little evidence and the bulk lane the other, then either what the other leaves. Openings that are due
 * come first of all, as many as make an entry full of them; then signed operations, of which an account has at most a
 * 16th of its lane, and no more than its funds cover (ADR 0030); then openings that are left (ADR 0047).
 * @param candidates in the order of first sight
 */
export function packEntry<C extends Packable>(
  candidates: readonly C[],
  ledger: Ledger,
  limits: PackingLimits,
): readonly C[] {
  const { timeMs, executedMs, inFlight } = limits;
  const { due, patient, evidence } = provenOperations(candidates, ledger, limits);
  const nonces = new Nonces(ledger);
  const purses = new Purses(ledger, timeMs, () => false, executedMs);
  countInFlight(inFlight, executedMs, nonces, purses, new Doubts(ledger, executedMs, timeMs));
  const inLane = (lane: "critical" | "bulk") =>
    signedOperations(candidates, ledger, lane, timeMs, nonces, purses);
  const half = laneOf(limits);
  const other = { ops: limits.maxOps - half.ops, bytes: limits.maxBytes - half.bytes };
  const first = fullAt(half.ops);
  const signed = withinShares(inLane("critical"), half);
  const critical = [...due.slice(0, first), ...signed, ...due.slice(first), ...patient];
  const bulk = [...aLittle(evidence, other), ...withinShares(inLane("bulk"), other).slice(0, limits.maxBulk)];
  return filled(critical, bulk, half, { ops: limits.maxOps, bytes: limits.maxBytes });
}

/** The critical lane's reserved share. */
const laneOf = ({ maxOps, maxBytes }: PackingLimits): Room => ({
  ops: Math.ceil((maxOps * CRITICAL_SHARE_BP) / BASIS_POINTS),
  bytes: Math.ceil((maxBytes * CRITICAL_SHARE_BP) / BASIS_POINTS),
});

/**
 * Evidence is as large as whoever breaks the rules makes it, and costs nothing. It stands in the bulk lane's half, so
 * that it takes no place of a commit or reveal there, and no flood of commits holds up a conviction.
 */
function aLittle<C extends Packable>(evidence: readonly C[], room: Room): readonly C[] {
  const most = Math.min(MAX_OPERATION_BYTES, room.bytes);
  let bytes = 0;
  return evidence.slice(0, MAX_ENTRY_EVIDENCE).filter(({ size }) => {
    bytes += size;
    return bytes <= most;
  });
}

/** Leaves out what goes beyond an account's share of the lane; one operation always fits. */
function withinShares<C extends Packable>(lane: readonly C[], room: Room): readonly C[] {
  const used = new Map<string, Room>();
  const over = new Set<string>();
  return lane.filter(({ operation, size }) => {
    const { account } = senderOf(operation);
    const share = used.get(account) ?? { ops: 0, bytes: 0 };
    used.set(account, share);
    const fits =
      share.ops === 0 ||
      ((share.ops + 1) * ACCOUNT_LANE_DIVISOR <= room.ops &&
        (share.bytes + size) * ACCOUNT_LANE_DIVISOR <= room.bytes);
    // A later operation must not take the place of one that was left out: its nonce would not be next.
    if (!fits || over.has(account)) {
      over.add(account);
      return false;
    }
    share.ops++;
    share.bytes += size;
    return true;
  });
}

function filled<C extends Packable>(
  critical: readonly C[],
  bulk: readonly C[],
  half: Room,
  whole: Room,
): readonly C[] {
  const entry: C[] = [];
  const used: Room = { ops: 0, bytes: 0 };
  /** Takes from the front until something does not fit; returns what is left. */
  const fill = (queue: readonly C[], limit: Room): readonly C[] => {
    let taken = 0;
    for (const one of queue) {
      if (used.ops + 1 > limit.ops || used.bytes + one.size > limit.bytes) break;
      used.ops++;
      used.bytes += one.size;
      entry.push(one);
      taken++;
    }
    return queue.slice(taken);
  };
  const bulkLimit = { ops: whole.ops - half.ops, bytes: whole.bytes - half.bytes };
  const criticalLeft = fill(critical, half);
  const bulkLeft = fill(bulk, { ops: used.ops + bulkLimit.ops, bytes: used.bytes + bulkLimit.bytes });
  if (fill(criticalLeft, whole).length === 0) fill(bulkLeft, whole);
  return entry;
}
