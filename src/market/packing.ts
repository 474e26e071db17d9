// Packing: which waiting operations a leader puts into its entry, and in which order (PROTOCOL §2.3, layer 2).
import {
  ACCOUNT_LANE_DIVISOR,
  BASIS_POINTS,
  CRITICAL_SHARE_BP,
  type EvidenceJudge,
  type Ledger,
  type Operation,
} from "../ledger/index.js";
import { type Packable, provenOperations, senderOf, signedOperations } from "./lanes.js";

export interface PackingLimits {
  /** ledger time of the entry */
  readonly timeMs: number;
  readonly maxOps: number;
  readonly maxBytes: number;
  /** operations of unfinalised ancestors: their nonces are as good as used */
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
 * first, then the bulk lane its own, then either what the other leaves. Reveals of live commits come first of all and
 * outside the caps; of the rest an account has at most a 16th of its lane.
 * @param candidates in the order of first sight
 */
export function packEntry<C extends Packable>(
  candidates: readonly C[],
  ledger: Ledger,
  limits: PackingLimits,
): readonly C[] {
  const { timeMs, inFlight, judgeEvidence } = limits;
  const proven = provenOperations(candidates, ledger, timeMs, judgeEvidence);
  const inLane = (lane: "critical" | "bulk") => signedOperations(candidates, ledger, lane, timeMs, inFlight);
  const half = laneOf(limits);
  const critical = [...proven, ...withinShares(inLane("critical"), half)];
  const bulk = withinShares(inLane("bulk"), {
    ops: limits.maxOps - half.ops,
    bytes: limits.maxBytes - half.bytes,
  });
  return filled(critical, bulk, half, { ops: limits.maxOps, bytes: limits.maxBytes });
}

/** The critical lane's reserved share. */
const laneOf = ({ maxOps, maxBytes }: PackingLimits): Room => ({
  ops: Math.ceil((maxOps * CRITICAL_SHARE_BP) / BASIS_POINTS),
  bytes: Math.ceil((maxBytes * CRITICAL_SHARE_BP) / BASIS_POINTS),
});

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
