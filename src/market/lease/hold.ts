// Holding a lease for a time: whoever lets that time pass may be replaced by a deputy (spec/leases#hold).
import { equalBytes, hash, instant, optional, struct, type TypeOf } from "../../base/index.js";
import { type AgentId, agentId, MAX_LEASE_HOLDERS, reject } from "../../ledger/index.js";
import type { Signed } from "../subject.js";
import { deputies, holderOf, type Lease, type LeaseRow } from "./lease.js";
import { LEASES } from "./leases.js";
import {
  isAgent,
  type LeaseFact,
  type LeaseRefusal,
  type LeaseRule,
  leaseExists,
  named,
  OF_LEASES,
} from "./rules.js";

/** The sender holds the lease of `owner` until then, which is also how it takes it over, and gives it up sooner. */
export const hold = struct({
  auction: [0, hash],
  owner: [1, agentId],
  /** ledger time */
  untilMs: [2, instant],
  /** who may hold it after that, from now on; absent: who could before */
  deputies: [3, optional(deputies)],
});
export type Hold = TypeOf<typeof hold>;

type HoldRule = LeaseRule<Hold>;

const windowLasts: HoldRule = (ledger, body, _, { timeMs }) => {
  const { toMs } = named(ledger, body).lot;
  return timeMs < toMs ? null : reject("LEASE_OVER", { toMs, includedMs: timeMs });
};

const endsInTime: HoldRule = (ledger, body, _, { timeMs }) => {
  const { untilMs } = body;
  const { toMs } = named(ledger, body).lot;
  return timeMs < untilMs && untilMs <= toMs
    ? null
    : reject("HOLD_OUT_OF_RANGE", { untilMs, includedMs: timeMs, toMs });
};

const isDeputy = ({ row }: Lease, agent: AgentId): boolean =>
  row.deputies.some((one) => equalBytes(one, agent));

const senderMayEver: HoldRule = (ledger, body, by) => {
  const lease = named(ledger, body);
  return equalBytes(lease.owner, by.from) || isDeputy(lease, by.from) ? null : reject("NOT_A_DEPUTY");
};

const onlyOwnerNamesDeputies: HoldRule = (_, { owner, deputies: given }, by) =>
  given === null || equalBytes(owner, by.from) ? null : reject("NOT_THE_LEASES_OWNER");

/** What makes a lease one holder's at each ledger time: before its end nobody else begins. */
const nobodyElseHolds: HoldRule = (ledger, body, by, { timeMs }) => {
  const { row } = named(ledger, body);
  const { agent } = holderOf(row);
  if (equalBytes(agent, by.from) || row.untilMs <= timeMs) return null;
  return reject("LEASE_HELD", { untilMs: row.untilMs, includedMs: timeMs });
};

const isRemembered: HoldRule = (ledger, body, by) => {
  const { holders } = named(ledger, body).row;
  return holders.length < MAX_LEASE_HOLDERS || holders.some(isAgent(by.from))
    ? null
    : reject("TOO_MANY_HOLDERS", { most: MAX_LEASE_HOLDERS });
};

/** @param fence the height from which on it is the sender's, if it was not before */
function heldBy(row: LeaseRow, sender: AgentId, { untilMs, deputies: given }: Hold, fence: number): LeaseRow {
  const known = row.holders.findIndex(isAgent(sender));
  const now = known < 0 ? row.holders.length : known;
  const before = row.holders[known] ?? { agent: sender, usage: null };
  const holders = now === row.now ? row.holders : row.holders.toSpliced(now, 1, { ...before, fence });
  return { holders, now, untilMs, deputies: given ?? row.deputies };
}

export const HOLD: Signed<Hold, LeaseRefusal, LeaseFact> = {
  ...OF_LEASES,
  // Whoever holds has little time to say so again.
  lane: "critical",
  rules: [
    leaseExists,
    windowLasts,
    endsInTime,
    senderMayEver,
    onlyOwnerNamesDeputies,
    nobodyElseHolds,
    isRemembered,
  ],
  effect(ledger, body, { from }, { height }) {
    const lease = named(ledger, body);
    const row = heldBy(lease.row, from, body, height);
    ledger.put(LEASES, [lease.auction, lease.owner], row);
    return [{ kind: "leaseHeld", lease: { ...lease, row } }];
  },
};
