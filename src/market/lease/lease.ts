// A lease: what an award of a window is worth while the window lasts, who holds it, and what its holders say they used (spec/leases).
import {
  type Bytes,
  compareBytes,
  lawful,
  list,
  optional,
  struct,
  type TypeOf,
  uint,
} from "../../base/index.js";
import { type AgentId, agentId, MAX_DEPUTIES, MAX_LEASE_HOLDERS, WINDOW_PARTS } from "../../ledger/index.js";
import type { AuctionId } from "../auction/id.js";
import type { LeasedLot } from "../auction/terms.js";

/** Who may take a lease over whose holder has let its time pass: each once, ascending. */
export const deputies = lawful(
  list(agentId, MAX_DEPUTIES),
  (agents: readonly Bytes[]) => agents.every((one, i) => i === 0 || compareBytes(agents[i - 1]!, one) < 0),
  "deputies ascend",
);

export const leaseUsage = struct({
  /** for its own, in parts of the whole times ms */
  used: [0, uint()],
  /** to others */
  lent: [1, uint()],
});

export const leaseHolder = struct({
  agent: [0, agentId],
  /** the height of the entry with which it held last what another held before: of two holders the greater is the later */
  fence: [1, uint()],
  usage: [2, optional(leaseUsage)],
});

/** What is kept of a lease once somebody holds it for a time, or says what was used of it. */
export const leaseRow = lawful(
  struct({
    /** who has held it: never none, in the order in which they held it first */
    holders: [0, list(leaseHolder, MAX_LEASE_HOLDERS, 1)],
    /** which of them held it last */
    now: [1, uint(MAX_LEASE_HOLDERS - 1)],
    /** ledger time until which that one does */
    untilMs: [2, uint()],
    deputies: [3, deputies],
  }),
  ({ holders, now }) => now < holders.length,
  "one of its holders held a lease last",
);
export type LeaseRow = TypeOf<typeof leaseRow>;
export type LeaseHolder = LeaseRow["holders"][number];

/** Parts of a window, from its begin to its end. */
export interface Lease {
  readonly auction: AuctionId;
  /** who won it, or who sold the window and has what nobody won */
  readonly owner: AgentId;
  readonly lot: LeasedLot;
  /** > 0 */
  readonly units: number;
  readonly row: LeaseRow;
}

/** The row of a lease that nobody has held for a time. */
export const heldByOwner = (owner: AgentId, fence: number, untilMs: number): LeaseRow => ({
  holders: [{ agent: owner, fence, usage: null }],
  now: 0,
  untilMs,
  deputies: [],
});

/** Of the whole of a window what was not sold is its seller's. */
export const unsoldOf = (sold: number): number => Math.max(0, WINDOW_PARTS - sold);

/** Who holds a lease. */
export const holderOf = ({ holders, now }: LeaseRow): LeaseHolder => holders[now]!;
