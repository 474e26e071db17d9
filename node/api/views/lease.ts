// Leases, from the ledger to the API's JSON.
import { equalBytes, toHex } from "../../../src/base/index.js";
import type { AgentId, Ledger } from "../../../src/ledger/index.js";
import { AUCTIONS, auctionOf, holderOf, type Lease, leasesOf, wonIn } from "../../../src/market/index.js";
import type { KeptUsage } from "../../../src/peer/history/usage.js";
import { type KeptUsageView, type LeaseView, timeOf } from "../../contract/index.js";
import { heightOf, type KeptRow } from "../../kept-history.js";

interface LeaseFilter {
  /** the beginning of an auction's id */
  readonly auction: string;
  /** who owns the lease or holds it; null: anybody */
  readonly agent: AgentId | null;
  readonly capability: string | null;
}

/** The leases that a filter lets through: the latest window first, then by auction, and its seller's part last. */
export const latestLeases = (ledger: Ledger, filter: LeaseFilter): readonly Lease[] =>
  [...ledger.table(AUCTIONS).keys()]
    .filter((id) => id.startsWith(filter.auction))
    .flatMap((id) => leasesOf(ledger, id))
    .filter((lease) => isWanted(lease, filter))
    .sort((a, b) => b.lot.fromMs - a.lot.fromMs);

const isWanted = ({ owner, lot, row }: Lease, { agent, capability }: LeaseFilter): boolean =>
  (capability === null || lot.capability === capability) &&
  (agent === null || [owner, holderOf(row).agent].some((one) => equalBytes(one, agent)));

export function leaseView(ledger: Ledger, lease: Lease): LeaseView {
  const { auction, owner, lot, units, row } = lease;
  return {
    id: `${toHex(auction)}/${toHex(owner)}`,
    auction: toHex(auction),
    owner: toHex(owner),
    capability: lot.capability,
    units,
    from: timeOf(lot.fromMs),
    to: timeOf(lot.toMs),
    seller: toHex(auctionOf(ledger, auction)!.creator),
    holder: toHex(holderOf(row).agent),
    until: timeOf(row.untilMs),
    holders: row.holders.map(({ agent, fence, usage }) => ({ agent: toHex(agent), fence, usage })),
    deputies: row.deputies.map(toHex),
  };
}

export const usageView = ({ place, row }: KeptRow<KeptUsage>): KeptUsageView => ({
  height: heightOf(place),
  time: timeOf(row.timeMs),
  auction: toHex(row.auction),
  owner: toHex(row.owner),
  capability: row.capability,
  units: row.units,
  from: timeOf(row.fromMs),
  to: timeOf(row.toMs),
  by: toHex(row.by),
  fence: row.fence,
  used: row.used,
  lent: row.lent,
  won: Number(wonIn({ units: row.units, lot: row })),
});
