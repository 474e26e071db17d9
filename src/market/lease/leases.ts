// Leases in the state: read from an auction's outcome, and kept as rows of their own only where somebody said something of them.
import { equalBytes, type Hex, toHex } from "../../base/index.js";
import { type AgentId, Groups, ID_PART, type Ledger, table } from "../../ledger/index.js";
import { isEnded } from "../auction/auction.js";
import { auctionOf, commitOf, commitsOf } from "../auction/auctions.js";
import type { AuctionId } from "../auction/id.js";
import { leasedLot } from "../auction/terms.js";
import { heldByOwner, type Lease, type LeaseRow, leaseRow, unsoldOf } from "./lease.js";

/** Under its auction and its owner. */
export const LEASES = table({
  name: "lease",
  parts: [ID_PART, ID_PART],
  codec: leaseRow,
  stored: (row) => row,
  row: (row: LeaseRow): LeaseRow => ({ ...row }),
  indices: () => ({ byAuction: new Groups<LeaseRow>((_, path) => path.slice(0, path.indexOf("/"))) }),
});

/** What an agent has of a window whose auction is over; null: nothing (spec/leases#L2). */
export function leaseOf(ledger: Ledger, auction: AuctionId | Hex, owner: AgentId): Lease | null {
  const found = auctionOf(ledger, auction);
  const lot = found === null ? null : leasedLot(found.terms);
  if (found === null || lot === null || !isEnded(found.phase)) return null;
  const { id, creator, phase } = found;
  const units = equalBytes(creator, owner)
    ? unsoldOf(soldIn(ledger, id))
    : (commitOf(ledger, id, owner)?.award?.units ?? 0);
  if (units === 0) return null;
  const row = ledger.get(LEASES, [id, owner]) ?? heldByOwner(owner, phase.endedAt, lot.toMs);
  return { auction: id, owner, lot, units, row };
}

const soldIn = (ledger: Ledger, auction: AuctionId): number =>
  commitsOf(ledger, auction).reduce((sum, { award }) => sum + (award?.units ?? 0), 0);

/** All leases of a window whose auction is over: its buyers' in the order of their ids, then what is left to its seller. */
export function leasesOf(ledger: Ledger, auction: AuctionId | Hex): readonly Lease[] {
  const found = auctionOf(ledger, auction);
  if (found === null) return [];
  const owners = [...commitsOf(ledger, found.id).map(({ bidder }) => bidder), found.creator];
  return owners.flatMap((owner) => leaseOf(ledger, found.id, owner) ?? []);
}

/** Takes what was said of an auction's leases out of the state. @returns how many rows are gone */
export function forgetLeases(ledger: Ledger, auction: AuctionId): number {
  const leases = ledger.table(LEASES);
  const paths = [...leases.index.byAuction.of(toHex(auction))];
  for (const path of paths) leases.delete(path);
  return paths.length;
}
