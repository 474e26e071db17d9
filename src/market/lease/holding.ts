// What an agent has to say of leases now: hold its own before their time runs out, take over what it is a deputy of, and say what was used.
import { compareBytes, equalBytes } from "../../base/index.js";
import { type AgentId, type Ledger, type Params, PRECISION_GROWTH } from "../../ledger/index.js";
import type { Hold } from "./hold.js";
import { holderOf, type Lease, type LeaseRow } from "./lease.js";
import { leasesOf } from "./leases.js";
import { isAgent } from "./rules.js";
import { type Shared, soldWindows, usableUntilMs } from "./using.js";

/** How an agent holds leases. */
export interface Holding {
  readonly agent: AgentId;
  /** who may take its own leases over, ascending; none: it holds them to their ends, and says nothing */
  readonly deputies: readonly AgentId[];
  /** for how long it says each time that it holds them, ms: at least `leastTermMs` */
  readonly termMs: number;
}

/** How long before its end a hold must not be used any more. */
const marginMs = ({ precisionMs }: Pick<Params, "precisionMs">): number =>
  (PRECISION_GROWTH + 1) * precisionMs;

/** The shortest term that leaves as much time to use a lease as it takes to know that one must not. */
export const leastTermMs = (params: Pick<Params, "precisionMs">): number => 2 * marginMs(params);

/**
 * The holds that an agent says at a time of its clock: of its own leases from when they are sold, of others' once these have let
 * their time pass.
 * @param isBack whether an owner serves again whose lease it has taken over, and is to have it back
 */
export function holdsDue(
  ledger: Ledger,
  shared: Shared,
  holding: Holding,
  clockMs: number,
  isBack: (owner: AgentId) => boolean,
): readonly Hold[] {
  const leases = soldWindows(ledger, shared, clockMs).flatMap(({ auction }) => leasesOf(ledger, auction));
  return leases.flatMap((lease): Hold[] => {
    const { auction, owner, lot, row } = lease;
    const isOwn = equalBytes(owner, holding.agent);
    const isDue = isOwn
      ? ownIsDue(ledger, lease, holding, clockMs)
      : row.deputies.some((one) => equalBytes(one, holding.agent)) &&
        lot.fromMs <= clockMs &&
        !isBack(owner) &&
        mayOrMustHold(ledger, lease, holding, clockMs);
    if (!isDue) return [];
    const hasDeputies = !isOwn || holding.deputies.length > 0;
    const untilMs = hasDeputies ? Math.max(lot.fromMs, clockMs) + holding.termMs : lot.toMs;
    const deputies = isOwn && !namesThem(row, holding) ? holding.deputies : null;
    return [{ auction, owner, untilMs: Math.min(untilMs, lot.toMs), deputies }];
  });
}

const namesThem = ({ deputies }: LeaseRow, holding: Holding): boolean =>
  deputies.length === holding.deputies.length &&
  deputies.every((one, i) => compareBytes(one, holding.deputies[i]!) === 0);

function ownIsDue(ledger: Ledger, lease: Lease, holding: Holding, clockMs: number): boolean {
  const { row, lot } = lease;
  if (!namesThem(row, holding))
    return equalBytes(holderOf(row).agent, holding.agent) || row.untilMs <= clockMs;
  return clockMs >= lot.fromMs - holding.termMs && mayOrMustHold(ledger, lease, holding, clockMs);
}

/** Whether less than half of the time is left in which it may use what it holds; of what another holds, whether that one's has passed. */
function mayOrMustHold(
  { params }: Ledger,
  lease: Lease,
  { agent, termMs }: Holding,
  clockMs: number,
): boolean {
  const { row, lot } = lease;
  if (!equalBytes(holderOf(row).agent, agent)) return row.untilMs <= clockMs;
  const leftMs = usableUntilMs(lease, params) - Math.max(clockMs, lot.fromMs);
  return row.untilMs < lot.toMs && leftMs < (termMs - marginMs(params)) / 2;
}

/** The leases of windows that are over of which the agent, who has held them, has not said what it used. */
export function usageDue(ledger: Ledger, shared: Shared, agent: AgentId, clockMs: number): readonly Lease[] {
  return soldWindows(ledger, shared, Number.NEGATIVE_INFINITY)
    .filter(({ toMs }) => toMs <= clockMs)
    .flatMap(({ auction }) => leasesOf(ledger, auction))
    .filter(({ row }) => row.holders.find(isAgent(agent))?.usage === null);
}
